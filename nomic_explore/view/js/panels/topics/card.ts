import { html, nothing, type TemplateResult } from "lit-html";
import { percent } from "../../dom.ts";
import { setFilter } from "../../map/legend.ts";
import { messages } from "../../messages.ts";
import type { TopicCardResponse, TopicLift } from "../../protocol.ts";
import { lockSign, symbolButton, wordButton } from "../symbols.ts";
import type { TopicPane } from "./pane.ts";
import { timesView } from "./times.ts";
import { renameBox } from "./tree_view.ts";
import { doubt, keyOf } from "./tree.ts";

const words = messages.topics;
const [N_KEYWORDS, N_EXEMPLARS, N_CONTRAST] = [10, 3, 6];

/** All that says what a topic is about, and what can be done with it. */
export function cardView(pane: TopicPane, card: TopicCardResponse): TemplateResult {
  return html`
    ${headView(pane, card)}
    ${card.description ? html`<p class="nx-described" data-testid="atlas-topic-description">${card.description}</p>` : nothing}
    ${actionsView(pane, card)}
    ${card.keywords.length ? keywordsView(card) : nothing}
    ${card.exemplars.length ? exemplarsView(pane, card) : nothing}
    ${card.time ? html`<h3 class="nx-heading">${words.overTime}<span class="nx-of"> · ${card.time.column}</span></h3>${timesView(card.time, pane.colorOf(card))}` : nothing}
    ${Object.entries(card.dates).map(([column, [first, last]]) => html`<p class="nx-soft nx-dates" data-testid="atlas-topic-dates" title=${words.datesTitle}>${words.dates(column, day(first), day(last))}</p>`)}
    ${card.lift.length ? liftsView(pane, card.lift) : nothing}
    ${card.contrast.length ? contrastView(card) : nothing}
    ${card.neighbors.length ? neighborsView(pane, card) : nothing}
    ${pane.explorer.can.kernel ? editsView(pane, card) : nothing}`;
}

function headView(pane: TopicPane, card: TopicCardResponse) {
  const { parent, confidence } = card;
  const unsure = doubt(confidence);
  const renaming = pane.renaming.value;
  return html`<header class="nx-card-head">
    <div class="nx-card-line">
      <span class="nx-dot" style="background: ${pane.colorOf(card)}"></span>
      ${renaming?.key === keyOf(card) && renaming.isInCard ? renameBox(pane, card) : html`<h2 class="nx-card-name" data-testid="atlas-topic-card-name" title=${card.name}>${card.name}</h2>`}
      ${card.locked ? lockSign(words.locked) : nothing}
      ${symbolButton("×", words.closeCard, () => pane.close(), "atlas-close-card", "nx-small nx-always")}
    </div>
    ${parent ? html`<div class="nx-soft nx-one-line nx-path">${words.inside} <button type="button" class="nx-link" data-testid="atlas-topic-parent" title=${words.openNamed(parent.name)} @click=${() => pane.open(parent)}>${parent.name}</button></div>` : nothing}
    <div class="nx-soft nx-facts-line" data-testid="atlas-topic-facts">${words.size(card.size, percent(card.share))}</div>
    <div class="nx-soft nx-facts-line" data-testid="atlas-topic-assigned" title=${words.clearTitle}>${words.assigned(percent(card.core), percent(card.soft))}</div>
    ${confidence === null
      ? nothing
      : html`<div class="nx-soft nx-facts-line ${unsure ? "nx-doubted" : ""}" data-testid="atlas-topic-confidence" title=${unsure ?? words.confidenceTitle}>${words.confidence(confidence)}<span class="nx-meter"><span style="width: ${100 * confidence}%"></span></span></div>`}
  </header>`;
}

function actionsView(pane: TopicPane, card: TopicCardResponse) {
  const near = new Set(card.neighbors.map(keyOf));
  const others = pane.labels.value.filter((one) => one.layer === card.layer && one.topic !== card.topic);
  others.sort((a, b) => Number(near.has(keyOf(b))) - Number(near.has(keyOf(a))));
  const compare = (event: Event) => {
    const select = event.target as HTMLSelectElement;
    const other = others[select.selectedIndex - 1];
    select.selectedIndex = 0;
    if (other) pane.compare(card, other);
  };
  return html`<div class="nx-card-acts">
    ${wordButton(words.goTo, words.goToTitle, () => pane.goTo(card), "atlas-topic-go-card")}
    ${wordButton(words.highlight, words.highlightTitle, () => pane.highlight(card), "atlas-topic-light")}
    ${wordButton(words.select, words.selectTitle, () => pane.select(card), "atlas-topic-select")}
    ${others.length
      ? html`<select class="nx-select" data-testid="atlas-compare-with" aria-label=${words.compareWithLabel} title=${words.compareWithLabel} @change=${compare}>
          <option>${words.compareWith}</option>${others.map((one) => html`<option>${one.text}</option>`)}
        </select>`
      : nothing}
  </div>`;
}

function keywordsView({ keywords, weights }: TopicCardResponse) {
  const most = Math.max(...weights, 1e-9);
  return html`<h3 class="nx-heading">${words.keywords}</h3>
    <ul class="nx-list nx-keywords" data-testid="atlas-topic-keywords">
      ${keywords.slice(0, N_KEYWORDS).map((keyword, at) => html`<li><span class="nx-one-line" title=${keyword}>${keyword}</span><span class="nx-weight"><span style="width: ${(100 * (weights[at] ?? 0)) / most}%"></span></span></li>`)}
    </ul>`;
}

function exemplarsView(pane: TopicPane, { exemplars }: TopicCardResponse) {
  return html`<h3 class="nx-heading">${words.exemplars}</h3>
    <ul class="nx-list nx-exemplars" data-testid="atlas-topic-exemplars">
      ${exemplars.slice(0, N_EXEMPLARS).map(({ point, text }) => html`<li><button type="button" class="nx-item" data-testid="atlas-topic-exemplar" title=${words.read} @click=${() => pane.explorer.pick(point)}><span class="nx-hit-text" dir="auto">${text || words.noText}</span></button></li>`)}
    </ul>`;
}

function liftsView(pane: TopicPane, lifts: TopicLift[]) {
  const kinds = new Map(pane.state.trait<{ name: string; kind: string }[]>("columns").value?.map(({ name, kind }) => [name, kind]));
  const line = ({ column, value, share, overall, lift }: TopicLift) => {
    const kind = kinds.get(column);
    const canFilter = kind !== undefined && kind !== "dates";
    return html`<li><button type="button" class="nx-item" data-testid="atlas-topic-lift-value" ?disabled=${!canFilter} title=${words.liftTitle(column, String(value), percent(share), percent(overall), canFilter)}
      @click=${() => setFilter(pane.state, column, { values: [String(value)] })}>
      <span class="nx-soft nx-column">${column}</span><span class="nx-topic-name">${value}</span><span class="nx-size">${percent(share)}</span><span class="nx-times-more">${lift >= 9.95 ? Math.round(lift) : lift.toFixed(1)}×</span>
    </button></li>`;
  };
  return html`<h3 class="nx-heading">${words.lifts}</h3><ul class="nx-list nx-lifts" data-testid="atlas-topic-lift">${lifts.map(line)}</ul>`;
}

function contrastView({ contrast }: TopicCardResponse) {
  return html`<h3 class="nx-heading">${words.contrast}</h3>
    <div class="nx-chips" data-testid="atlas-topic-contrast">${contrast.slice(0, N_CONTRAST).map((keyword) => html`<span class="nx-word">${keyword}</span>`)}</div>`;
}

function neighborsView(pane: TopicPane, { neighbors }: TopicCardResponse) {
  return html`<h3 class="nx-heading">${words.neighbors}</h3>
    <ul class="nx-list" data-testid="atlas-topic-neighbors">
      ${neighbors.map((one) => html`<li><button type="button" class="nx-item" data-testid="atlas-topic-neighbor" title=${words.openNamed(one.name)} @click=${() => pane.open(one)}>
        <span class="nx-dot" style="background: ${pane.colorOf(one)}"></span><span class="nx-topic-name">${one.name}</span><span class="nx-size" title=${words.similarityTitle}>${one.similarity.toFixed(2)}</span>
      </button></li>`)}
    </ul>`;
}

function editsView(pane: TopicPane, { layer, topic, locked }: TopicCardResponse) {
  const place = { layer, topic };
  pane.state.trait("selected").value; // so that the buttons follow the selection
  const hasNone = pane.state.nSelected === 0;
  return html`<details class="nx-edits" data-testid="atlas-topic-edits">
    <summary class="nx-heading">${words.edits}</summary>
    <div class="nx-chips">
      ${wordButton(locked ? words.unlock : words.lock, locked ? words.unlockTitle : words.lockTitle, () => pane.edit(locked ? "unlock_topic" : "lock_topic", place), "atlas-lock-topic")}
      ${wordButton(words.rename, words.renameTitle, () => (pane.renaming.value = { key: keyOf(place), isInCard: true }), "atlas-rename-card")}
      ${wordButton(words.split, words.splitTitle, () => pane.edit("split_topic", { ...place, into: 2 }), "atlas-split-topic")}
      ${wordButton(words.splitOff, words.splitOffTitle, () => pane.edit("split_topic", { ...place, by: "selection" }), "atlas-split-selection", hasNone)}
      ${wordButton(words.move, words.moveTitle, () => pane.edit("move_rows", place), "atlas-move-selection", hasNone)}
    </div>
    <p class="nx-soft">${words.editsHint}</p>
  </details>`;
}

function day(moment: string): string {
  return moment.replace(/T.*$/u, "");
}
