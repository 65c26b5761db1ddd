import { button, choice, counted, element, lockSign, textElement } from "../../dom.ts";
import { setFilter } from "../../map/legend.ts";
import { makeTimeChart } from "../charts/time_chart.ts";
import { fillComparison } from "./compare.ts";
import { rename } from "./line.ts";
import { doubt, keyOf, percent } from "./tree.ts";
import type { TopicPane } from "./pane.ts";

export type Place = {layer: number, topic: number};

/** Below the tree: all that says what a topic is about, or two topics side by side. */
export class TopicCard {
  topics: TopicPane;
  root: HTMLElement;
  shown: Place | undefined;
  /** the other topic, while two are compared */
  other: Place | undefined;
  asked: number;
  showSelected: () => void;

  constructor(pane: HTMLElement, topics: TopicPane) {
    this.topics = topics;
    this.root = element(pane, "section", "nx-topic-card", "atlas-topic-card");
    this.root.hidden = true;
    this.root.tabIndex = -1;
    this.shown = undefined;
    this.other = undefined;
    this.asked = 0;
    this.showSelected = () => {};
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.target instanceof HTMLInputElement) return;
      event.stopPropagation();
      this.close();
    });
    topics.state.on(["selected"], () => this.showSelected());
  }

  open(place: Place) {
    return this.fill(place, undefined);
  }

  compare(a: Place, b: Place) {
    return this.fill(a, b);
  }

  async fill(place: Place, other: Place | undefined) {
    const own = ++this.asked;
    const { explorer, state } = this.topics;
    const told: any = other
      ? await explorer.request("compare_topics", { a: [place.layer, place.topic], b: [other.layer, other.topic] })
      : await explorer.request("topic_card", { layer: place.layer, topic: place.topic });
    if (!told || own !== this.asked || state.signal.aborted) return;
    const isSame = this.shown && !other && !this.other && keyOf(this.shown) === keyOf(place);
    const top = this.root.scrollTop;
    const isEditing = isSame && (this.root.querySelector("details") as HTMLDetailsElement | null)?.open;
    this.shown = { layer: place.layer, topic: place.topic };
    this.other = other && { layer: other.layer, topic: other.topic };
    this.showSelected = () => {};
    this.root.replaceChildren();
    this.root.hidden = false;
    this.root.parentElement?.classList.add("nx-has-card");
    if (this.other) fillComparison(this.root, this, told);
    else this.fillCard(told, Boolean(isEditing));
    this.root.scrollTop = isSame ? top : 0;
    this.topics.markShown();
  }

  close() {
    const { shown } = this;
    this.asked++;
    this.root.hidden = true;
    this.root.parentElement?.classList.remove("nx-has-card");
    this.root.replaceChildren();
    this.shown = this.other = undefined;
    this.topics.markShown();
    if (shown) this.topics.itemOf(keyOf(shown))?.focus();
  }

  /** Topics were edited: shows the same ones again, if they are still there. */
  relabel(went: (key: string) => string | undefined) {
    if (!this.shown) return;
    const [place, other] = [this.shown, this.other].map((one) => {
      const key = one && went(keyOf(one));
      const [layer, topic] = key?.split("-").map(Number) ?? [];
      return key ? { layer, topic } : undefined;
    });
    if (place && (other || !this.other)) this.fill(place, other);
    else this.close();
  }

  /** Draws again in the colors of another theme. */
  redraw() {
    if (this.shown) this.fill(this.shown, this.other);
  }

  colorOf(place: Place) {
    const label = (this.topics.labelOf(place) as any);
    return label?.[`dot_${this.topics.map.theme}`] ?? "var(--nx-soft)";
  }

  fillCard(card: any, isEditing: boolean) {
    const { root } = this;
    root.setAttribute("aria-label", `The topic “${card.name}”`);
    root.style.setProperty("--nx-own", this.colorOf(card));
    this.makeHead(card);
    if (card.description) textElement(root, "p", "nx-described", card.description, "atlas-topic-description");
    this.makeActions(card);
    this.makeKeywords(card);
    this.makeExemplars(card.exemplars);
    if (card.time) {
      heading(root, "Over time", card.time.column);
      makeTimeChart(root, card.time, this.colorOf(card));
    }
    for (const [column, ends] of Object.entries(card.dates as Record<string, string[]>)) textElement(root, "p", "nx-soft nx-dates", `${column}: ${short(ends[0])} to ${short(ends[1])}`, "atlas-topic-dates").title = "90 of 100 documents with a date lie in between";
    this.makeLifts(card.lift);
    this.makeContrast(card);
    this.makeNeighbors(card.neighbors);
    if (this.topics.explorer.can.kernel) this.makeEdits(card, isEditing);
  }

  makeHead(card: any) {
    const head = element(this.root, "header", "nx-card-head");
    const line = element(head, "div", "nx-card-line");
    element(line, "span", "nx-dot").style.background = this.colorOf(card);
    textElement(line, "h2", "nx-card-name", card.name, "atlas-topic-card-name").title = card.name;
    if (card.locked) lockSign(line, "Locked: keeps its documents and its name");
    button(line, "×", "Close (Esc)", () => this.close(), "atlas-close-card", "nx-small nx-always");
    if (card.parent) {
      const path = element(head, "div", "nx-soft nx-one-line nx-path");
      textElement(path, "span", "", "in ");
      button(path, card.parent.name, `What “${card.parent.name}” is about`, () => this.open(card.parent), "atlas-topic-parent", "nx-link");
    }
    const facts = textElement(head, "div", "nx-soft nx-facts-line", `${counted(card.size, "document")} · ${percent(card.share)} · core ${percent(card.core)}, soft ${percent(card.soft)}`, "atlas-topic-facts");
    facts.title = "core: most neighbors lie in the same topic; soft: they do not";
    if (card.confidence === null) return;
    const unsure = doubt(card.confidence);
    const sure = textElement(head, "div", `nx-soft nx-facts-line${unsure ? " nx-doubted" : ""}`, `confidence ${card.confidence.toFixed(2)}`, "atlas-topic-confidence");
    sure.title = unsure ?? "How well this topic is found again in other samples of the documents, 0 to 1";
    const meter = element(sure, "span", "nx-meter");
    element(meter, "span", "").style.width = `${100 * card.confidence}%`;
  }

  makeActions(card: any) {
    const { topics } = this;
    const label = topics.labelOf(card);
    const line = element(this.root, "div", "nx-card-acts");
    if (label) {
      button(line, "Light", "Light its documents on the map", () => topics.highlight(label), "atlas-topic-light");
      button(line, "Select", "Select its documents", () => topics.highlight(label, true), "atlas-topic-select");
    }
    const near = new Set(card.neighbors.map(keyOf));
    const others = topics.labels.filter((one) => one.layer === card.layer && one.topic !== card.topic);
    if (!others.length) return;
    others.sort((a, b) => Number(near.has(keyOf(b))) - Number(near.has(keyOf(a))));
    const options: [string, string][] = [["", "compare with …"], ...others.map((one) => ([keyOf(one), one.text] as [string, string]))];
    choice(line, "Compare with another topic, near ones first", options, (key) => {
      const other = topics.labels.find((one) => keyOf(one) === key);
      if (other) this.compare(card, other);
    }, "atlas-compare-with");
  }

  makeKeywords(card: any) {
    if (!card.keywords.length) return;
    heading(this.root, "Keywords");
    const list = element(this.root, "ul", "nx-list nx-keywords", "atlas-topic-keywords");
    const most = Math.max(...card.weights, 1e-9);
    card.keywords.slice(0, 10).forEach((keyword: string, at: number) => {
      const item = element(list, "li", "");
      textElement(item, "span", "nx-one-line", keyword).title = keyword;
      const weight = element(element(item, "span", "nx-weight"), "span", "");
      weight.style.width = `${(100 * (card.weights[at] ?? 0)) / most}%`;
    });
  }

  makeExemplars(exemplars: {point: number, text: string}[]) {
    if (!exemplars.length) return;
    heading(this.root, "Typical documents");
    const list = element(this.root, "ul", "nx-list nx-exemplars", "atlas-topic-exemplars");
    for (const one of exemplars.slice(0, 3)) {
      const open = button(element(list, "li", ""), "", `Read: ${one.text}`, () => this.topics.explorer.pick(one.point), "atlas-topic-exemplar", "nx-item");
      textElement(open, "span", "nx-hit-text", one.text || "(no text in this page)");
    }
  }

  makeLifts(lifts: {column: string, value: string | number | boolean, share: number, overall: number, lift: number}[]) {
    if (!lifts.length) return;
    const { state } = this.topics;
    heading(this.root, "More often here");
    const list = element(this.root, "ul", "nx-list nx-lifts", "atlas-topic-lift");
    const kinds = new Map((state.get("columns") ?? []).map((one: {name: string, kind: string}) => [one.name, one.kind]));
    for (const one of lifts) {
      const [value, told] = [String(one.value), `${one.column} is ${one.value}: ${percent(one.share)} here, ${percent(one.overall)} of all`];
      const kind = kinds.get(one.column);
      const wanted = kind && kind !== "dates" ? { values: [value] } : undefined;
      const line = button(element(list, "li", ""), "", `${told}${wanted ? ". Click filters by it" : ""}`, () => wanted && setFilter(state, one.column, wanted), "atlas-topic-lift-value", "nx-item");
      line.disabled = !wanted;
      textElement(line, "span", "nx-soft nx-column", one.column);
      textElement(line, "span", "nx-topic-name", value);
      textElement(line, "span", "nx-size", `${percent(one.share)}`);
      textElement(line, "span", "nx-times-more", `${one.lift >= 9.95 ? Math.round(one.lift) : one.lift.toFixed(1)}×`);
    }
  }

  makeContrast(card: any) {
    if (!card.contrast.length) return;
    heading(this.root, "Unlike its siblings");
    const line = element(this.root, "div", "nx-chips", "atlas-topic-contrast");
    for (const [keyword] of card.contrast.slice(0, 6)) textElement(line, "span", "nx-word", keyword);
  }

  makeNeighbors(neighbors: {layer: number, topic: number, name: string, similarity: number | null}[]) {
    if (!neighbors.length) return;
    heading(this.root, neighbors[0].similarity === null ? "Near on the map" : "Near in meaning");
    const list = element(this.root, "ul", "nx-list", "atlas-topic-neighbors");
    for (const one of neighbors) {
      const item = button(element(list, "li", ""), "", `What “${one.name}” is about`, () => this.open(one), "atlas-topic-neighbor", "nx-item");
      element(item, "span", "nx-dot").style.background = this.colorOf(one);
      textElement(item, "span", "nx-topic-name", one.name);
      if (one.similarity !== null) textElement(item, "span", "nx-size", one.similarity.toFixed(2));
    }
  }

  makeEdits(card: any, isOpen: boolean) {
    const { topics, root } = this;
    const { layer, topic } = card;
    const fold = (element(root, "details", "nx-edits", "atlas-topic-edits") as HTMLDetailsElement);
    fold.open = isOpen;
    textElement(fold, "summary", "nx-heading", "Change this topic");
    const line = element(fold, "div", "nx-chips");
    const lock = button(line, card.locked ? "Unlock" : "Lock", card.locked ? "Let it be changed again" : "Keep its documents and its name, also when topics are made anew", () => topics.edit(card.locked ? "unlock_topic" : "lock_topic", { layer, topic }), "atlas-lock-topic");
    lock.setAttribute("aria-pressed", String(card.locked));
    const name = (root.querySelector(".nx-card-line") as HTMLElement | null);
    const label = topics.labelOf(card);
    if (name && label) button(line, "Rename", "Give it another name", () => rename(name, topics, label), "atlas-rename-card");
    button(line, "Split in 2", "Part it where the tree parts it", () => topics.edit("split_topic", { layer, topic, into: 2 }), "atlas-split-topic");
    const off = button(line, "Split off the selection", "Make a topic of its own of those of its documents that are selected", () => topics.edit("split_topic", { layer, topic, by: "selection" }), "atlas-split-selection");
    const move = button(line, "Move the selection here", "Put the selected documents into this topic", () => topics.edit("move_rows", { layer, topic }), "atlas-move-selection");
    textElement(fold, "p", "nx-soft", "To merge topics, Ctrl-click them in the tree. Ctrl+Z takes any change back.");
    this.showSelected = () => {
      off.disabled = move.disabled = topics.state.nSelected === 0;
    };
    this.showSelected();
  }
}

function heading(root: HTMLElement, text: string, of?: string) {
  const made = textElement(root, "h3", "nx-heading", text);
  if (of) textElement(made, "span", "nx-of", ` · ${of}`);
}

function short(moment: string) {
  return moment.replace(/T.*$/u, "");
}
