// @ts-check
import { asNumbers } from "./desk.js";
import { button, counted, element, input, words } from "./dom.js";
import { setFilter } from "./legend.js";
import { TopicCard } from "./topic_card.js";
import { makeLine } from "./topic_line.js";
import { childrenOf, follow, keyOf, searchTree, shareWords } from "./topic_tree.js";

const HOVER_MS = 90;
const ASSIGNMENT = "topic_assignment";

/** @typedef {import("./topic_tree.js").Topic} Topic */

/** The topics: shares, a search, the tree, the topics that were picked together, and the card of one of them. */
export class TopicPane {
  /** @param {HTMLElement} pane @param {import("./explorer.js").Explorer} explorer @param {import("./map.js").MapView} map */
  constructor(pane, explorer, map) {
    this.explorer = explorer;
    this.desk = explorer.desk;
    this.map = map;
    /** @type {Set<string>} */
    this.opened = new Set();
    /** @type {string[]} picked together, in the order of picking */
    this.picked = [];
    /** @type {Map<string, Promise<Uint32Array | undefined>>} the points of each topic that was asked for */
    this.members = new Map();
    /** @type {Topic[]} */
    this.labels = this.desk.get("labels") ?? [];
    /** @type {string | undefined} the key of the topic under the pointer */
    this.hovered = undefined;
    pane.classList.add("nx-topics");
    const line = element(pane, "div", "nx-shares");
    this.shares = words(line, "span", "nx-soft nx-one-line", "", "atlas-shares");
    this.onlyCore = button(line, "core only", "Grey out documents that were given softly: most of their neighbors lie in other topics", () => this.filterCore(), "atlas-core-only");
    this.sought = input(pane, "Find a topic by its name or keywords", "atlas-find-topic", "find a topic …");
    this.bar = element(pane, "div", "nx-picked", "atlas-picked");
    const frame = element(pane, "div", "nx-tree-frame");
    this.tree = element(frame, "ul", "nx-list nx-tree", "atlas-topics");
    this.tree.setAttribute("role", "tree");
    this.tree.setAttribute("aria-label", "Topics");
    this.tree.setAttribute("aria-multiselectable", "true");
    this.tree.addEventListener("keydown", (event) => this.walk(event));
    this.tree.addEventListener("pointerover", (event) => this.hover(event));
    this.tree.addEventListener("pointerleave", () => this.unhover());
    this.card = new TopicCard(pane, this);
    this.desk.on(["labels"], () => this.relabel());
    this.desk.on(["filters"], () => this.showFilter());
    explorer.root.addEventListener("nx-theme", () => this.retheme(), { signal: this.desk.signal.signal });
    this.desk.atEnd(() => clearTimeout(this.hovering));
    this.onlyCore.hidden = !(this.desk.get("columns") ?? []).some((/** @type {{name: string}} */ one) => one.name === ASSIGNMENT);
    this.listenToSearch();
    this.show();
    this.showFilter();
    this.countShares();
  }

  listenToSearch() {
    this.sought.type = "search";
    this.sought.addEventListener("input", () => this.show());
    this.sought.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.sought.value) this.sought.value = "";
      else if (event.key === "ArrowDown") /** @type {HTMLElement | null} */ (this.tree.querySelector("[role=treeitem]"))?.focus();
      else return;
      event.preventDefault();
      this.show();
    });
  }

  /** Greys out what was given softly, or shows it again. */
  filterCore() {
    const isOn = this.onlyCore.getAttribute("aria-pressed") === "true";
    setFilter(this.desk, ASSIGNMENT, isOn ? undefined : { values: ["core"] });
  }

  showFilter() {
    const filter = this.desk.get("filters").find((/** @type {any} */ one) => one.column === ASSIGNMENT);
    this.onlyCore.setAttribute("aria-pressed", String(filter?.values?.length === 1 && filter.values[0] === "core"));
  }

  async countShares() {
    const counts = await this.explorer.does("topic_shares", {});
    if (!counts || this.desk.signal.signal.aborted) return;
    this.shares.textContent = shareWords(counts);
    this.shares.title = `core: most neighbors lie in the same topic (${counted(counts.core, "document")})\nsoft: they do not (${counted(counts.soft, "document")})\nnone: without a topic (${counted(counts.none, "document")})`;
  }

  retheme() {
    this.show();
    this.card.redraw();
  }

  /** Topics were renamed, locked or rearranged: what was open, picked and shown goes with them. */
  relabel() {
    const before = this.labels;
    this.labels = this.desk.get("labels") ?? [];
    const went = follow(before, this.labels);
    const all = (/** @type {Iterable<string>} */ keys) => [...keys].map(went).filter((key) => key !== undefined);
    this.opened = new Set(all(this.opened));
    this.picked = all(this.picked);
    this.members.clear();
    this.unhover();
    this.show();
    this.card.relabel(went);
    this.countShares();
  }

  show() {
    const focused = /** @type {HTMLElement | null} */ (this.tree.querySelector("[role=treeitem]:focus"))?.dataset.key;
    this.tree.replaceChildren();
    this.found = searchTree(this.labels, this.sought.value);
    this.children = childrenOf(this.labels);
    const tops = this.inside(-1);
    if (!tops.length) words(this.tree, "li", "nx-soft nx-nothing", this.labels.length ? "no topic has these words" : "no topics");
    for (const at of tops) makeLine(this.tree, this, at, 1);
    if (focused) this.itemOf(focused)?.focus();
    this.showPicked();
    this.markShown();
  }

  /** The topics listed inside another, -1 for those of the first layer. @param {number} at @returns {number[]} */
  inside(at) {
    const own = this.children?.get(at) ?? [];
    const fitting = this.found ? own.filter((child) => this.found?.shown.has(child)) : own;
    return this.found && at >= 0 && !fitting.length && this.found.found.has(at) ? own : fitting;
  }

  /** @param {number} at */
  isOpen(at) {
    if (this.found?.shown.has(at) && (this.children?.get(at) ?? []).some((child) => this.found?.shown.has(child))) return true;
    return this.opened.has(keyOf(this.labels[at]));
  }

  /** @param {string} key */
  toggle(key) {
    if (!this.opened.delete(key)) this.opened.add(key);
    this.show();
  }

  /** @param {string} key @returns {HTMLElement | null} */
  itemOf(key) {
    return this.tree.querySelector(`[role=treeitem][data-key="${key}"]`);
  }

  /** @param {{layer: number, topic: number}} topic @returns {Topic | undefined} */
  labelOf(topic) {
    return this.labels.find((label) => keyOf(label) === keyOf(topic));
  }

  /** The points of a topic, asked for once until topics change. @param {{layer: number, topic: number}} topic */
  pointsOf({ layer, topic }) {
    const key = keyOf({ layer, topic });
    const asked = this.members.get(key) ?? this.explorer.does("members", { kind: "topic", layer, topic }).then((answer) => answer && asNumbers(answer.points, Uint32Array));
    this.members.set(key, asked);
    return asked;
  }

  /** @param {PointerEvent} event */
  hover(event) {
    const line = event.target instanceof Element && event.pointerType !== "touch" ? /** @type {HTMLElement | null} */ (event.target.closest(".nx-topic-line")) : null;
    const key = line?.dataset.key;
    if (!key || key === this.hovered) return;
    this.hovered = key;
    clearTimeout(this.hovering);
    this.hovering = setTimeout(async () => {
      const [layer, topic] = key.split("-").map(Number);
      const points = await this.pointsOf({ layer, topic });
      if (points && this.hovered === key) this.map.glow(points);
    }, HOVER_MS);
  }

  unhover() {
    clearTimeout(this.hovering);
    this.hovered = undefined;
    this.map.glow(undefined);
  }

  /** A click lights a topic, with Shift selects it, with Ctrl picks it. @param {Topic} topic @param {MouseEvent} event */
  act(topic, event) {
    if (event.ctrlKey || event.metaKey) return this.pick(keyOf(topic));
    return this.light(topic, event.shiftKey || this.desk.mode !== "replace");
  }

  /** @param {Topic} topic @param {boolean} [selects] */
  async light(topic, selects = false) {
    const points = await this.pointsOf(topic);
    if (!points) return;
    if (selects) return this.desk.selectPoints(points);
    this.desk.light(points);
    this.map.lookAt(topic.x, topic.y);
    this.explorer.say(`${topic.text}: ${counted(points.length, "document")}`);
  }

  /** @param {string} key */
  pick(key) {
    this.picked = this.picked.includes(key) ? this.picked.filter((other) => other !== key) : [...this.picked, key];
    this.show();
  }

  showPicked() {
    const topics = /** @type {Topic[]} */ (this.picked.map((key) => this.labels.find((label) => keyOf(label) === key)).filter(Boolean));
    this.bar.hidden = !topics.length;
    this.bar.replaceChildren();
    if (!topics.length) return;
    words(this.bar, "span", "nx-one-line", topics.length === 1 ? "1 picked; Ctrl-click another" : `${topics.length} picked`);
    if (topics.length === 2) button(this.bar, "Compare", "See the two side by side", () => this.card.compare(topics[0], topics[1]), "atlas-compare-picked");
    const isOneLayer = topics.every(({ layer }) => layer === topics[0].layer);
    if (this.explorer.can.kernel && topics.length > 1) {
      const merge = button(this.bar, "Merge", isOneLayer ? "Make one topic of them, named as the largest" : "Only topics of one layer can be merged", () => this.merge(topics), "atlas-merge-picked");
      merge.disabled = !isOneLayer;
    }
    button(this.bar, "×", "Pick none", () => {
      this.picked = [];
      this.show();
    }, "atlas-pick-none", "nx-small nx-always");
  }

  /** @param {Topic[]} topics of one layer */
  async merge(topics) {
    const done = await this.edit("merge_topics", { layer: topics[0].layer, topics: topics.map(({ topic }) => topic) });
    if (!done) return;
    this.picked = [];
    this.show();
  }

  /** Asks for an edit and tells what came of it. @param {string} question @param {Record<string, unknown>} args @returns {Promise<boolean>} whether it was made */
  async edit(question, args) {
    const answer = await this.explorer.does(question, args);
    if (answer?.note) this.explorer.say(answer.note);
    return answer !== undefined;
  }

  /** Marks the line of the topic whose card is open. */
  markShown() {
    const { shown } = this.card ?? {};
    for (const line of this.tree.querySelectorAll(".nx-topic-line")) line.classList.toggle("nx-shown", shown !== undefined && /** @type {HTMLElement} */ (line).dataset.key === keyOf(shown));
  }

  /** Arrow keys walk through the tree, Enter opens a card. @param {KeyboardEvent} event */
  walk(event) {
    const here = /** @type {HTMLElement} */ (event.target);
    const key = here.dataset.key;
    const label = this.labels.find((one) => keyOf(one) === key);
    if (!key || !label || here.getAttribute("role") !== "treeitem") return;
    const items = /** @type {HTMLElement[]} */ ([...this.tree.querySelectorAll("[role=treeitem]")]);
    const isOpen = here.getAttribute("aria-expanded") === "true";
    if (event.key === "ArrowDown") items[items.indexOf(here) + 1]?.focus();
    else if (event.key === "ArrowUp") (items[items.indexOf(here) - 1] ?? this.sought).focus();
    else if (event.key === "ArrowRight" && !isOpen) this.toggle(key);
    else if (event.key === "ArrowLeft" && isOpen) this.toggle(key);
    else if (event.key === "Enter") this.card.open(label);
    else if (event.key === "Escape" && this.card.shown) this.card.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
