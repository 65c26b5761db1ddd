import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { count } from "../../dom.ts";
import { messages } from "../../messages.ts";
import type { GroupLine, GroupsResponse, ReviewFilter } from "../../protocol.ts";

const words = messages.duplicates;
const review = messages.review;

type Acts = { change: (part: ReviewFilter) => void; open: (group: number) => void; more: () => void };

/** The list of groups to review: order, search, filters with how many pairs each finds, and the groups. */
export function reviewListView(found: GroupsResponse | undefined, filter: ReviewFilter, openGroup: number, acts: Acts) {
  return html`
    <div class="nx-review-filters">
      ${choiceView(review.filters.show, "atlas-review-show", Object.entries(words.lists).map(([value, text]) => [value, found ? review.withCount(text, count(found.nGroups[value])) : text]), filter.show ?? "review", (show) => acts.change({ show }))}
      ${choiceView(words.sort, "atlas-review-sort", Object.entries(words.sorts), filter.sort ?? "saved", (sort) => acts.change({ sort }))}
      <input class="nx-input" type="search" data-testid="atlas-review-search" placeholder=${words.search} aria-label=${words.search} .value=${filter.search ?? ""} @input=${(event: InputEvent) => acts.change({ search: (event.target as HTMLInputElement).value })} />
      ${found ? facetsView(found, filter, acts) : nothing}
    </div>
    ${groupsView(found, openGroup, acts)}`;
}

function facetsView(found: GroupsResponse, filter: ReviewFilter, acts: Acts) {
  const differences: [string, string][] = found.differences.map((one) => [
    JSON.stringify(one.differences),
    review.withCount(one.differences.length ? review.only(one.differences.join(", ")) : review.noDifference, count(one.nPairs)),
  ]);
  const named = (choices: typeof found.kinds): [string, string][] => choices.map((one) => [String(one.value), review.withCount(one.name, count(one.nPairs))]);
  const asNumber = (value: string) => (value === "" ? null : Number(value));
  return html`
    ${choiceView(review.filters.difference, "atlas-review-difference", [["", review.anyDifference], ...differences], filter.differences ? JSON.stringify(filter.differences) : "", (value) => acts.change({ differences: value ? JSON.parse(value) : null }))}
    ${choiceView(review.filters.kind, "atlas-review-kind", [["", review.anyKind], ...named(found.kinds)], filter.kind ?? "", (value) => acts.change({ kind: value || null }))}
    ${choiceView(review.filters.topic, "atlas-review-topic", [["", review.anyTopic], ...named(found.topics)], filter.topic === null || filter.topic === undefined ? "" : String(filter.topic), (value) => acts.change({ topic: asNumber(value) }))}`;
}

/** A select with a name of its own for screen readers. @param options value, text */
export function choiceView(label: string, testId: string, options: [string, string][], chosen: string, act: (value: string) => void) {
  return html`<select class="nx-select" data-testid=${testId} title=${label} aria-label=${label} .value=${live(chosen)} @change=${(event: Event) => act((event.target as HTMLSelectElement).value)}>
    ${options.map(([value, text]) => html`<option value=${value} ?selected=${value === chosen}>${text}</option>`)}
  </select>`;
}

function groupsView(found: GroupsResponse | undefined, openGroup: number, acts: Acts) {
  if (!found) return nothing;
  if (!found.groups.length) return html`<p class="nx-soft nx-none">${words.noGroups}</p>`;
  return html`
    <ul class="nx-list nx-groups nx-review-groups" data-testid="atlas-review-groups">
      ${found.groups.map((group) => html`<li><button type="button" class="nx-item" aria-current=${String(group.group === openGroup)} @click=${() => acts.open(group.group)}>${groupLine(group)}</button></li>`)}
    </ul>
    ${found.groups.length < found.nListed ? html`<button type="button" class="nx-button nx-more" @click=${acts.more}>${words.moreGroups}</button>` : nothing}`;
}

/** What a list says of a group: its text, how many documents it has and how many of them are to be reviewed. */
export function groupLine(group: GroupLine) {
  return html`<span class="nx-hit-text" dir="auto">${group.text || words.noText}</span>
    <span class="nx-group-facts">
      <span class="nx-size">${words.size(count(group.size))}</span>
      ${group.review ? html`<span class="nx-role nx-role-review">${words.pairsLeft(count(group.review))}</span>` : nothing}
      ${group.isChain ? html`<span class="nx-soft nx-small-fact" title=${words.chainTitle}>${words.chain}</span>` : nothing}
    </span>`;
}
