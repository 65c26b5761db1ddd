import { signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { count, debounce } from "../../dom.ts";
import { messages } from "../../messages.ts";
import { choiceView, groupLine } from "./review_list.ts";
import type { GroupLine, GroupMember, GroupsResponse, Pair, ReviewFilter } from "../../protocol.ts";
import type { Explorer } from "../explorer.ts";
import type { DuplicateMarks } from "./marks.ts";

const words = messages.duplicates;
const TYPING_MS = 250;
const PAGE_SORTS = ["saved", "size"]; // the orders that need no kernel

/** Duplicate groups in the pane. A click highlights a group on the map and lists its documents. */
export class GroupList {
  private readonly explorer: Explorer;
  private readonly marks: DuplicateMarks;
  private readonly compare: ((pair: Pair) => void) | undefined;
  private readonly filter = signal<ReviewFilter>({ show: "all", sort: "saved" });
  private readonly found = signal<GroupsResponse | undefined>(undefined);
  private readonly open = signal<number | undefined>(undefined);
  private readonly members = signal<GroupMember[]>([]);
  private readonly search = debounce(() => this.fill(0), TYPING_MS);
  private nAsked = 0;

  /** @param compare shows a pair side by side; not in a page without a kernel */
  constructor(explorer: Explorer, marks: DuplicateMarks, compare: ((pair: Pair) => void) | undefined) {
    this.explorer = explorer;
    this.marks = marks;
    this.compare = compare;
    explorer.state.atEnd(() => this.search.cancel());
  }

  /** Which list is shown: all, review or drop. */
  get show() {
    return this.filter.value.show ?? "all";
  }

  /** The counts of the last answer. */
  get counts() {
    return this.found.value?.counts;
  }

  /** Lists the groups anew; the one that was open stays open, if it is still there. */
  async refresh() {
    await this.fill(0);
    if (this.open.value !== undefined) await this.list(this.open.value);
  }

  private async fill(start: number) {
    const own = ++this.nAsked;
    const answer = await this.explorer.request("groups", { ...this.filter.value, start });
    if (!answer || own !== this.nAsked) return;
    const known = start ? (this.found.value?.groups ?? []) : [];
    this.found.value = { ...answer, groups: [...known, ...answer.groups] };
    const isListed = this.found.value.groups.some(({ group }) => group === this.open.value);
    if (this.open.value !== undefined && !isListed) this.close(); // it was opened in the list before
  }

  private change(part: ReviewFilter) {
    this.filter.value = { ...this.filter.value, ...part };
    this.close();
    if ("search" in part) this.search();
    else this.fill(0);
  }

  private toggle(group: number) {
    if (this.open.value === group) return this.close();
    this.members.value = [];
    this.open.value = group;
    return this.list(group);
  }

  private close() {
    this.members.value = [];
    this.open.value = undefined;
    this.explorer.state.highlight([]);
  }

  private async list(group: number) {
    const answer = await this.explorer.request("group", { group });
    if (!answer || this.open.value !== group) return;
    this.members.value = answer.documents;
    this.marks.highlight(answer.documents);
  }

  view(): TemplateResult {
    const found = this.found.value;
    const filter = this.filter.value;
    const { kernel } = this.explorer.can;
    const sorts = Object.entries(words.sorts).filter(([sort]) => kernel || PAGE_SORTS.includes(sort));
    return html`
      <h2 class="nx-heading nx-groups-heading">${words.groups}</h2>
      <div class="nx-chips nx-copy-chips" data-testid="atlas-copy-chips">${Object.entries(words.lists).map(([name, text]) => this.chipView(name, text))}</div>
      <div class="nx-group-filters">
        ${choiceView(words.sort, "atlas-group-sort", sorts, filter.sort ?? "saved", (sort) => this.change({ sort }))}
        <input class="nx-input" type="search" data-testid="atlas-group-search" placeholder=${words.search} aria-label=${words.search} @input=${(event: InputEvent) => this.change({ search: (event.target as HTMLInputElement).value })} />
      </div>
      <ul class="nx-list nx-groups" data-testid="atlas-copies">
        ${found?.groups.map((group) => this.groupView(group))}
        ${found && !found.groups.length ? html`<li class="nx-soft nx-none">${filter.show === "review" && !filter.search ? words.nothingLeft : words.noGroups}</li>` : nothing}
      </ul>
      ${found && found.groups.length < found.nListed ? html`<button type="button" class="nx-button" data-testid="atlas-more-groups" @click=${() => this.fill(found.groups.length)}>${words.moreGroups}</button>` : nothing}`;
  }

  private chipView(name: string, text: string) {
    const n = this.found.value?.nGroups[name];
    const title = n === undefined ? text : words.listTitle(words.nGroups(n, count(n)));
    return html`<button type="button" class="nx-chip" data-testid="atlas-copies-${name}" title=${title} aria-pressed=${String(this.filter.value.show === name)} @click=${() => this.change({ show: name })}>${text}${n === undefined ? "" : ` ${count(n)}`}</button>`;
  }

  private groupView(group: GroupLine) {
    const isOpen = this.open.value === group.group;
    return html`
      <li class="nx-group-item">
        <button type="button" class="nx-item" data-testid="atlas-copy-group" aria-expanded=${String(isOpen)} @click=${() => this.toggle(group.group)}>${groupLine(group)}</button>
        ${isOpen ? html`<ul class="nx-list nx-members">${this.members.value.map((one) => this.memberView(one))}</ul>` : nothing}
      </li>`;
  }

  private memberView(one: GroupMember) {
    const { compare } = this;
    const hasMatch = one.partner !== undefined && one.partner !== one.row;
    return html`
      <li class="nx-member">
        <button type="button" class="nx-item" data-testid="atlas-copy-member" @click=${() => this.explorer.pick(one.point)}>
          <span class="nx-member-head">
            <span class="nx-role nx-role-${one.role}">${one.role}</span>
            ${one.kind ? html`<span class="nx-soft">${one.kind}</span>` : nothing}
            ${typeof one.similarity === "number" ? html`<span class="nx-size">${one.similarity.toFixed(3)}</span>` : nothing}
          </span>
          <span class="nx-hit-text" dir="auto">${one.text || words.noText}</span>
          ${one.flags?.length ? html`<span class="nx-flags">${one.flags.join(" · ")}</span>` : nothing}
        </button>
        ${compare && hasMatch ? html`<button type="button" class="nx-small nx-always" data-testid="atlas-compare-copy" title=${words.compareTitle} @click=${() => compare({ row: one.row, other: one.partner })}>⇄<span class="nx-hidden-text">${words.compare}</span></button>` : nothing}
      </li>`;
  }
}
