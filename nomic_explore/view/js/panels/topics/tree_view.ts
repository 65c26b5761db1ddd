import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { repeat } from "lit-html/directives/repeat.js";
import { count } from "../../dom.ts";
import { messages } from "../../messages.ts";
import { lockSign, symbolButton, TARGET } from "../symbols.ts";
import { cardView } from "./card.ts";
import { comparisonView } from "./comparison.ts";
import type { TopicPane } from "./pane.ts";
import { doubt, keyOf, type Place, placeOf, type Topic, type TreeLine } from "./tree.ts";

const words = messages.topics;

/** The whole pane: shares, search, tree, and below it a card. */
export function paneView(pane: TopicPane): TemplateResult {
  const { labels, lines, shown } = pane;
  const card = shown.value;
  return html`
    ${sharesView(pane)}
    <input class="nx-input" type="search" data-testid="atlas-find-topic" aria-label=${words.find} placeholder=${words.findShort} spellcheck="false"
      .value=${pane.query.value} @input=${(event: InputEvent) => (pane.query.value = (event.target as HTMLInputElement).value)} @keydown=${(event: KeyboardEvent) => searchKey(pane, event)}>
    ${pickedView(pane)}
    <div class="nx-tree-frame ${card ? "nx-has-card" : ""}">
      ${lines.value.length
        ? html`<ul class="nx-list nx-tree" role="tree" aria-label=${words.tree} aria-multiselectable="true" data-testid="atlas-topics"
            @keydown=${(event: KeyboardEvent) => walk(pane, event)} @focusin=${(event: FocusEvent) => focused(pane, event)}
            @pointerover=${(event: PointerEvent) => hover(pane, event)} @pointerleave=${() => pane.unhover()}>
            ${repeat(lines.value, ({ at }) => keyOf(labels.value[at]), (line) => lineView(pane, line))}
          </ul>`
        : html`<p class="nx-soft nx-nothing">${labels.value.length ? words.noMatch : words.noTopics}</p>`}
    </div>
    ${card
      ? html`<section class="nx-topic-card" data-testid="atlas-topic-card" tabindex="0" style="--nx-own: ${pane.colorOf(card.place)}"
          aria-label=${card.compared ? words.comparison : card.card.name} @keydown=${(event: KeyboardEvent) => cardKey(pane, event)}>
          ${card.compared ? comparisonView(pane, card.compared) : cardView(pane, card.card)}
        </section>`
      : nothing}`;
}

/** How documents were assigned to topics, in words, and a filter for those that lie clearly in one. */
function sharesView(pane: TopicPane) {
  const counts = pane.shares.value;
  if (!counts) return nothing;
  return html`<div class="nx-shares nx-soft">
    <span class="nx-share" data-testid="atlas-shares" title=${words.sharesTitle(counts)}>${words.shares(counts)}</span>
    <span class="nx-explained">${words.clearMeans}</span>
    ${pane.hasShares.value
      ? html`<button type="button" class="nx-button" data-testid="atlas-core-only" aria-pressed=${pane.isOnlyClear.value} title=${words.onlyClearTitle} @click=${() => pane.filterClear()}>${words.onlyClear}</button>`
      : nothing}
  </div>`;
}

function pickedView(pane: TopicPane) {
  const topics = pane.picked.value.map((key) => pane.labelOf(placeOf(key))).filter((topic) => topic !== undefined);
  if (!topics.length) return nothing;
  const isOneLayer = topics.every(({ layer }) => layer === topics[0].layer);
  return html`<div class="nx-picked" data-testid="atlas-picked">
    <span class="nx-one-line">${words.nPicked(topics.length)}</span>
    ${topics.length === 2
      ? html`<button type="button" class="nx-button" data-testid="atlas-compare-picked" title=${words.compareTitle} @click=${() => pane.compare(topics[0], topics[1])}>${words.compare}</button>`
      : nothing}
    ${topics.length > 1 && pane.explorer.can.kernel
      ? html`<button type="button" class="nx-button" data-testid="atlas-merge-picked" ?disabled=${!isOneLayer} title=${isOneLayer ? words.mergeTitle : words.mergeRefused} @click=${() => pane.merge(topics)}>${words.merge}</button>`
      : nothing}
    ${symbolButton("×", words.pickNone, () => (pane.picked.value = []), "atlas-pick-none", "nx-small nx-always")}
  </div>`;
}

function lineView(pane: TopicPane, line: TreeLine): TemplateResult {
  const topic = pane.labels.value[line.at];
  const key = keyOf(topic);
  const isPicked = pane.picked.value.includes(key);
  const isShown = pane.shown.value !== undefined && keyOf(pane.shown.value.place) === key;
  const renaming = pane.renaming.value;
  return html`<li class="nx-topic nx-topic-line ${isShown ? "nx-shown" : ""} ${line.level === 1 ? "nx-top" : ""}" role="treeitem" data-testid="atlas-topic" data-key=${key} tabindex=${pane.reached.value === key ? 0 : -1}
    aria-level=${line.level} aria-posinset=${line.place} aria-setsize=${line.nSiblings} aria-selected=${isPicked} aria-expanded=${line.nInside ? line.isOpen : nothing}
    style="padding-left: ${(line.level - 1) * 13}px" title=${words.lineTitle} @click=${(event: MouseEvent) => act(pane, topic, event)} @dblclick=${() => pane.goTo(topic)}>
    ${line.nInside ? symbolButton(line.isOpen ? "▾" : "▸", line.isOpen ? words.close : words.open, stop(() => pane.toggle(key)), "", "nx-twist", -1) : html`<span class="nx-twist"></span>`}
    ${renaming?.key === key && !renaming.isInCard ? renameBox(pane, topic) : nameView(pane, topic, line)}
  </li>`;
}

function nameView(pane: TopicPane, topic: Topic, line: TreeLine): TemplateResult {
  const share = topic.size / (pane.largest.value.get(topic.parent) ?? 1);
  const keyword = pane.found.value?.found.get(line.at);
  const isWay = pane.found.value && !pane.found.value.found.has(line.at);
  const color = pane.colorOf(topic);
  const unsure = doubt(topic.confidence);
  return html`<span class="nx-topic-item ${isWay ? "nx-way" : ""}">
      <span class="nx-bar" data-testid="atlas-topic-bar" style="width: ${100 * share}%; background: ${color}"></span>
      <span class="nx-dot" style="background: ${color}"></span>
      <span class="nx-topic-name">${topic.text}${keyword ? html`<span class="nx-soft"> · ${keyword}</span>` : nothing}</span>
      ${unsure ? html`<span class="nx-sign nx-unsure" data-testid="atlas-unsure" title=${unsure}>?</span>` : nothing}
      ${topic.locked ? lockSign(words.locked) : nothing}
    </span>
    <span class="nx-topic-acts"><span>
      ${symbolButton(TARGET, words.goToNamed(topic.text), stop(() => pane.goTo(topic)), "atlas-topic-go", "nx-small", -1)}
      ${symbolButton("✎", words.renameNamed(topic.text), stop(() => (pane.renaming.value = { key: keyOf(topic), isInCard: false })), "atlas-rename-topic", "nx-small", -1)}
    </span></span>
    <span class="nx-size">${count(topic.size)}</span>`;
}

/** A box for a new name: Enter gives it, Escape leaves it. */
export function renameBox(pane: TopicPane, topic: { text?: string; name?: string } & Place): TemplateResult {
  const key = async (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter") await pane.rename(topic, (event.target as HTMLInputElement).value);
    if (event.key === "Escape") pane.renaming.value = undefined;
  };
  return html`<input class="nx-input nx-rename" data-testid="atlas-topic-name" aria-label=${words.newName} title=${words.newName} spellcheck="false" .value=${topic.text ?? topic.name ?? ""}
    @keydown=${key} @click=${stop(() => {})} ${ref(focusAll)}>`;
}

function focusAll(box?: Element) {
  if (!(box instanceof HTMLInputElement)) return;
  box.focus();
  box.select();
}

/** A click shows a topic, with Shift selects it, with Ctrl picks it. */
function act(pane: TopicPane, topic: Topic, event: MouseEvent) {
  if (event.ctrlKey || event.metaKey) pane.pick(keyOf(topic));
  else if (event.shiftKey || pane.state.mode !== "replace") pane.select(topic);
  else pane.open(topic);
}

function stop(act: () => void) {
  return (event: Event) => {
    event.stopPropagation();
    act();
  };
}

function keyAt(event: Event): string {
  const line = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=treeitem]") : null;
  return line?.dataset.key ?? "";
}

function hover(pane: TopicPane, event: PointerEvent) {
  const key = keyAt(event);
  if (key && event.pointerType !== "touch") pane.hover(key);
}

function focused(pane: TopicPane, event: FocusEvent) {
  pane.current.value = keyAt(event) || pane.current.value;
}

/** Arrow keys walk through the tree, Enter opens a card, Escape closes it. */
function walk(pane: TopicPane, event: KeyboardEvent) {
  const here = event.target as HTMLElement;
  const key = here.dataset.key ?? "";
  const topic = key ? pane.labelOf(placeOf(key)) : undefined;
  if (!topic || here.getAttribute("role") !== "treeitem") return;
  const lines = [...(here.parentElement?.querySelectorAll<HTMLElement>("[role=treeitem]") ?? [])];
  const at = lines.indexOf(here);
  const [isOpen, isClosed] = ["true", "false"].map((value) => here.getAttribute("aria-expanded") === value);
  const parent = pane.labels.value[topic.parent];
  const acts: Record<string, () => void> = {
    ArrowDown: () => lines[at + 1]?.focus(),
    ArrowUp: () => (lines[at - 1] ?? here.closest(".nx-pane")?.querySelector<HTMLElement>("[type=search]"))?.focus(),
    ArrowRight: () => (isClosed ? pane.toggle(key) : isOpen && lines[at + 1]?.focus()),
    ArrowLeft: () => (isOpen ? pane.toggle(key) : parent && pane.lineOf(keyOf(parent))?.focus()),
    Home: () => lines[0].focus(),
    End: () => lines.at(-1)?.focus(),
    Enter: () => (event.ctrlKey || event.metaKey ? pane.pick(key) : event.shiftKey ? pane.select(topic) : pane.open(topic)),
    ...(pane.shown.value ? { Escape: () => pane.close() } : {}),
  };
  if (!acts[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  acts[event.key]();
}

function searchKey(pane: TopicPane, event: KeyboardEvent) {
  if (event.key === "Escape" && pane.query.value) pane.query.value = "";
  else if (event.key === "ArrowDown") (event.target as HTMLElement).closest(".nx-pane")?.querySelector<HTMLElement>("[role=treeitem]")?.focus();
  else return;
  event.preventDefault();
}

function cardKey(pane: TopicPane, event: KeyboardEvent) {
  if (event.key !== "Escape" || event.target instanceof HTMLInputElement) return;
  event.stopPropagation();
  pane.close();
}
