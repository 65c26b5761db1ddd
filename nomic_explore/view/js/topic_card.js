// @ts-check
import { button, choice, count, counted, element, lockSign, words } from "./dom.js";
import { setFilter } from "./legend.js";
import { makeTimeChart } from "./time_chart.js";
import { fillComparison } from "./topic_compare.js";
import { rename } from "./topic_line.js";
import { doubt, keyOf, percent } from "./topic_tree.js";

/** @typedef {{layer: number, topic: number}} Place */

/** Below the tree: all that says what a topic is about, or two topics side by side. */
export class TopicCard {
  /** @param {HTMLElement} pane @param {import("./topic_pane.js").TopicPane} topics */
  constructor(pane, topics) {
    this.topics = topics;
    this.root = element(pane, "section", "nx-topic-card", "atlas-topic-card");
    this.root.hidden = true;
    this.root.tabIndex = -1;
    /** @type {Place | undefined} */
    this.shown = undefined;
    /** @type {Place | undefined} the other topic, while two are compared */
    this.other = undefined;
    this.asked = 0;
    /** @type {() => void} */
    this.showSelected = () => {};
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.target instanceof HTMLInputElement) return;
      event.stopPropagation();
      this.close();
    });
    topics.desk.on(["selected"], () => this.showSelected());
  }

  /** @param {Place} place */
  open(place) {
    return this.fill(place, undefined);
  }

  /** @param {Place} a @param {Place} b */
  compare(a, b) {
    return this.fill(a, b);
  }

  /** @param {Place} place @param {Place | undefined} other */
  async fill(place, other) {
    const own = ++this.asked;
    const { explorer, desk } = this.topics;
    const question = /** @type {[string, Record<string, unknown>]} */ (other ? ["compare_topics", { a: [place.layer, place.topic], b: [other.layer, other.topic] }] : ["topic_card", { layer: place.layer, topic: place.topic }]);
    const told = await explorer.does(...question);
    if (!told || own !== this.asked || desk.signal.signal.aborted) return;
    const isSame = this.shown && !other && !this.other && keyOf(this.shown) === keyOf(place);
    const top = this.root.scrollTop;
    const isEditing = isSame && /** @type {HTMLDetailsElement | null} */ (this.root.querySelector("details"))?.open;
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

  /** Topics were edited: shows the same ones again, if they are still there. @param {(key: string) => string | undefined} went */
  relabel(went) {
    if (!this.shown) return;
    const [place, other] = [this.shown, this.other].map((one) => {
      const key = one && went(keyOf(one));
      const [layer, topic] = key?.split("-").map(Number) ?? [];
      return key ? { layer, topic } : undefined;
    });
    if (place && (other || !this.other)) this.fill(place, other);
    else this.close();
  }

  /** Draws again in the colours of another theme. */
  redraw() {
    if (this.shown) this.fill(this.shown, this.other);
  }

  /** @param {Place} place */
  colorOf(place) {
    const label = /** @type {any} */ (this.topics.labelOf(place));
    return label?.[`dot_${this.topics.map.theme}`] ?? "var(--nx-soft)";
  }

  /** @param {any} card @param {boolean} isEditing */
  fillCard(card, isEditing) {
    const { root } = this;
    root.setAttribute("aria-label", `The topic “${card.name}”`);
    root.style.setProperty("--nx-own", this.colorOf(card));
    this.makeHead(card);
    if (card.description) words(root, "p", "nx-described", card.description, "atlas-topic-description");
    this.makeActions(card);
    this.makeKeywords(card);
    this.makeExemplars(card.exemplars);
    if (card.time) {
      heading(root, "Over time", card.time.column);
      makeTimeChart(root, card.time, this.colorOf(card));
    }
    for (const [column, ends] of Object.entries(card.dates)) words(root, "p", "nx-soft nx-dates", `${column}: ${short(ends[0])} to ${short(ends[1])}`, "atlas-topic-dates").title = "90 of 100 documents with a date lie in between";
    this.makeLifts(card.lift);
    this.makeContrast(card);
    this.makeNeighbors(card.neighbors);
    if (this.topics.explorer.can.kernel) this.makeEdits(card, isEditing);
  }

  /** @param {any} card */
  makeHead(card) {
    const head = element(this.root, "header", "nx-card-head");
    const line = element(head, "div", "nx-card-line");
    element(line, "span", "nx-dot").style.background = this.colorOf(card);
    words(line, "h2", "nx-card-name", card.name, "atlas-topic-card-name").title = card.name;
    if (card.locked) lockSign(line, "Locked: keeps its documents and its name");
    button(line, "×", "Close (Esc)", () => this.close(), "atlas-close-card", "nx-small nx-always");
    if (card.parent) {
      const path = element(head, "div", "nx-soft nx-one-line nx-path");
      words(path, "span", "", "in ");
      button(path, card.parent.name, `What “${card.parent.name}” is about`, () => this.open(card.parent), "atlas-topic-parent", "nx-link");
    }
    const facts = words(head, "div", "nx-soft nx-facts-line", `${counted(card.size, "document")} · ${percent(card.share)} · core ${percent(card.core)}, soft ${percent(card.soft)}`, "atlas-topic-facts");
    facts.title = "core: most neighbors lie in the same topic; soft: they do not";
    if (card.confidence === null) return;
    const unsure = doubt(card.confidence);
    const sure = words(head, "div", `nx-soft nx-facts-line${unsure ? " nx-doubted" : ""}`, `confidence ${card.confidence.toFixed(2)}`, "atlas-topic-confidence");
    sure.title = unsure ?? "How well this topic is found again in other samples of the documents, 0 to 1";
    const meter = element(sure, "span", "nx-meter");
    element(meter, "span", "").style.width = `${100 * card.confidence}%`;
  }

  /** @param {any} card */
  makeActions(card) {
    const { topics } = this;
    const label = topics.labelOf(card);
    const line = element(this.root, "div", "nx-card-acts");
    if (label) {
      button(line, "Light", "Light its documents on the map", () => topics.light(label), "atlas-topic-light");
      button(line, "Select", "Select its documents", () => topics.light(label, true), "atlas-topic-select");
    }
    const near = new Set(card.neighbors.map(keyOf));
    const others = topics.labels.filter((one) => one.layer === card.layer && one.topic !== card.topic);
    if (!others.length) return;
    others.sort((a, b) => Number(near.has(keyOf(b))) - Number(near.has(keyOf(a))));
    /** @type {[string, string][]} */
    const options = [["", "compare with …"], ...others.map((one) => /** @type {[string, string]} */ ([keyOf(one), one.text]))];
    choice(line, "Compare with another topic, near ones first", options, (key) => {
      const other = topics.labels.find((one) => keyOf(one) === key);
      if (other) this.compare(card, other);
    }, "atlas-compare-with");
  }

  /** @param {any} card */
  makeKeywords(card) {
    if (!card.keywords.length) return;
    heading(this.root, "Keywords");
    const list = element(this.root, "ul", "nx-list nx-keywords", "atlas-topic-keywords");
    const most = Math.max(...card.weights, 1e-9);
    card.keywords.slice(0, 10).forEach((/** @type {string} */ keyword, /** @type {number} */ at) => {
      const item = element(list, "li", "");
      words(item, "span", "nx-one-line", keyword).title = keyword;
      const weight = element(element(item, "span", "nx-weight"), "span", "");
      weight.style.width = `${(100 * (card.weights[at] ?? 0)) / most}%`;
    });
  }

  /** @param {{point: number, text: string}[]} exemplars */
  makeExemplars(exemplars) {
    if (!exemplars.length) return;
    heading(this.root, "Typical documents");
    const list = element(this.root, "ul", "nx-list nx-exemplars", "atlas-topic-exemplars");
    for (const one of exemplars.slice(0, 3)) {
      const open = button(element(list, "li", ""), "", `Read: ${one.text}`, () => this.topics.explorer.pick(one.point), "atlas-topic-exemplar", "nx-item");
      words(open, "span", "nx-hit-text", one.text || "(no text in this page)");
    }
  }

  /** @param {{column: string, value: string | number | boolean, share: number, overall: number, lift: number}[]} lifts */
  makeLifts(lifts) {
    if (!lifts.length) return;
    const { desk } = this.topics;
    heading(this.root, "More often here");
    const list = element(this.root, "ul", "nx-list nx-lifts", "atlas-topic-lift");
    const kinds = new Map((desk.get("columns") ?? []).map((/** @type {{name: string, kind: string}} */ one) => [one.name, one.kind]));
    for (const one of lifts) {
      const [value, told] = [String(one.value), `${one.column} is ${one.value}: ${percent(one.share)} here, ${percent(one.overall)} of all`];
      const kind = kinds.get(one.column);
      const wanted = kind && kind !== "dates" ? { values: [value] } : undefined;
      const line = button(element(list, "li", ""), "", `${told}${wanted ? ". Click filters by it" : ""}`, () => wanted && setFilter(desk, one.column, wanted), "atlas-topic-lift-value", "nx-item");
      line.disabled = !wanted;
      words(line, "span", "nx-soft nx-column", one.column);
      words(line, "span", "nx-topic-name", value);
      words(line, "span", "nx-size", `${percent(one.share)}`);
      words(line, "span", "nx-times-more", `${one.lift >= 9.95 ? Math.round(one.lift) : one.lift.toFixed(1)}×`);
    }
  }

  /** @param {any} card */
  makeContrast(card) {
    if (!card.contrast.length) return;
    heading(this.root, "Unlike its siblings");
    const line = element(this.root, "div", "nx-chips", "atlas-topic-contrast");
    for (const [keyword] of card.contrast.slice(0, 6)) words(line, "span", "nx-word", keyword);
  }

  /** @param {{layer: number, topic: number, name: string, similarity: number | null}[]} neighbors */
  makeNeighbors(neighbors) {
    if (!neighbors.length) return;
    heading(this.root, neighbors[0].similarity === null ? "Near on the map" : "Near in meaning");
    const list = element(this.root, "ul", "nx-list", "atlas-topic-neighbors");
    for (const one of neighbors) {
      const item = button(element(list, "li", ""), "", `What “${one.name}” is about`, () => this.open(one), "atlas-topic-neighbor", "nx-item");
      element(item, "span", "nx-dot").style.background = this.colorOf(one);
      words(item, "span", "nx-topic-name", one.name);
      if (one.similarity !== null) words(item, "span", "nx-size", one.similarity.toFixed(2));
    }
  }

  /** @param {any} card @param {boolean} isOpen */
  makeEdits(card, isOpen) {
    const { topics, root } = this;
    const { layer, topic } = card;
    const fold = /** @type {HTMLDetailsElement} */ (element(root, "details", "nx-edits", "atlas-topic-edits"));
    fold.open = isOpen;
    words(fold, "summary", "nx-heading", "Change this topic");
    const line = element(fold, "div", "nx-chips");
    const lock = button(line, card.locked ? "Unlock" : "Lock", card.locked ? "Let it be changed again" : "Keep its documents and its name, also when topics are made anew", () => topics.edit(card.locked ? "unlock_topic" : "lock_topic", { layer, topic }), "atlas-lock-topic");
    lock.setAttribute("aria-pressed", String(card.locked));
    const name = /** @type {HTMLElement | null} */ (root.querySelector(".nx-card-line"));
    const label = topics.labelOf(card);
    if (name && label) button(line, "Rename", "Give it another name", () => rename(name, topics, label), "atlas-rename-card");
    button(line, "Split in 2", "Part it where the tree parts it", () => topics.edit("split_topic", { layer, topic, into: 2 }), "atlas-split-topic");
    const off = button(line, "Split off the selection", "Make a topic of its own of those of its documents that are selected", () => topics.edit("split_topic", { layer, topic, by: "selection" }), "atlas-split-selection");
    const move = button(line, "Move the selection here", "Put the selected documents into this topic", () => topics.edit("move_rows", { layer, topic }), "atlas-move-selection");
    words(fold, "p", "nx-soft", "To merge topics, Ctrl-click them in the tree. Ctrl+Z takes any change back.");
    this.showSelected = () => {
      off.disabled = move.disabled = topics.desk.nSelected === 0;
    };
    this.showSelected();
  }
}

/** @param {HTMLElement} root @param {string} text @param {string} [of] */
function heading(root, text, of) {
  const made = words(root, "h3", "nx-heading", text);
  if (of) words(made, "span", "nx-of", ` · ${of}`);
}

/** @param {string} moment */
function short(moment) {
  return moment.replace(/T.*$/u, "");
}
