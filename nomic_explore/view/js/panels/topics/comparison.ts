import { html, nothing, type TemplateResult } from "lit-html";
import { count, percent } from "../../dom.ts";
import { messages } from "../../messages.ts";
import type { CompareTopicsResponse, TopicSide } from "../../protocol.ts";
import { symbolButton, wordButton } from "../symbols.ts";
import type { TopicPane } from "./pane.ts";

const words = messages.topics;
const [N_WORDS, N_LIFTS] = [8, 4];

/** Two topics side by side: the keywords of both and of one only, the values more frequent in one. */
export function comparisonView(pane: TopicPane, { sides, shared, similarity, common }: CompareTopicsResponse): TemplateResult {
  const [a, b] = sides;
  const most = Math.max(a.size, b.size, 1);
  const facts = [similarity === null ? "" : words.similarity(similarity), common ? words.common(common) : ""].filter(Boolean);
  return html`
    <header class="nx-card-head">
      <div class="nx-card-line">
        <h2 class="nx-card-name" data-testid="atlas-comparison">${words.comparison}</h2>
        ${pane.explorer.can.kernel && a.layer === b.layer ? wordButton(words.merge, words.mergeTitle, () => pane.merge(sides), "atlas-merge-compared") : nothing}
        ${symbolButton("×", words.closeCard, () => pane.close(), "atlas-close-card", "nx-small nx-always")}
      </div>
      ${facts.length ? html`<div class="nx-soft nx-facts-line" data-testid="atlas-compared-facts" title=${words.similarityTitle}>${facts.join(" · ")}</div>` : nothing}
    </header>
    <div class="nx-two">${sides.map((side) => sideView(pane, side, most))}</div>
    <h3 class="nx-heading">${words.sharedKeywords}</h3>
    <div class="nx-chips" data-testid="atlas-shared-keywords">
      ${shared.length ? shared.map((keyword) => html`<span class="nx-word">${keyword}</span>`) : html`<span class="nx-soft">${words.noneShared}</span>`}
    </div>
    <h3 class="nx-heading">${words.ownKeywords}</h3>
    <div class="nx-two" data-testid="atlas-only-keywords">
      ${sides.map((side) => html`<ul class="nx-list nx-side-words" style="--nx-own: ${pane.colorOf(side)}">
        ${side.only.length ? side.only.slice(0, N_WORDS).map((keyword) => html`<li>${keyword}</li>`) : html`<li class="nx-soft">${words.nothingElse}</li>`}
      </ul>`)}
    </div>
    ${sides.some(({ lift }) => lift.length)
      ? html`<h3 class="nx-heading">${words.comparedLifts}</h3><div class="nx-two" data-testid="atlas-compared-lift">${sides.map(liftsView)}</div>`
      : nothing}`;
}

function sideView(pane: TopicPane, side: TopicSide, most: number) {
  return html`<div class="nx-compared" data-testid="atlas-compared" style="--nx-own: ${pane.colorOf(side)}">
    <button type="button" class="nx-link nx-compared-name" title=${words.openNamed(side.name)} @click=${() => pane.open(side)}>${side.name}</button>
    <span class="nx-size" title=${words.clearTitle}>${words.sideSize(count(side.size), percent(side.core))}</span>
    <span class="nx-weight"><span style="width: ${(100 * side.size) / most}%"></span></span>
  </div>`;
}

function liftsView({ lift }: TopicSide) {
  if (!lift.length) return html`<ul class="nx-list"><li class="nx-soft">${words.nothing}</li></ul>`;
  return html`<ul class="nx-list">
    ${lift.slice(0, N_LIFTS).map(({ column, value, share, other }) => html`<li class="nx-side-lift" title=${words.sideLiftTitle(column, String(value), percent(share), percent(other))}>
      <span class="nx-soft nx-one-line">${column}</span><span class="nx-one-line">${value}</span><span class="nx-size">${words.sideLift(percent(share), percent(other))}</span>
    </li>`)}
  </ul>`;
}
