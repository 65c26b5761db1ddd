import { asNumbers } from "../../view_state.ts";
import { button, counted, element, input, textElement } from "../../dom.ts";
import { setFilter } from "../../map/legend.ts";
import { TopicCard } from "./card.ts";
import { makeLine } from "./line.ts";
import { childrenOf, follow, keyOf, searchTree, shareWords } from "./tree.ts";
import type { Explorer } from "../explorer.ts";
import type { ViewState } from "../../view_state.ts";
import type { MapView } from "../../map/map.ts";
import type { Topic } from "./tree.ts";
import type { RequestOf } from "../../protocol.ts";

type TopicEdit = "merge_topics" | "split_topic" | "move_rows" | "lock_topic" | "unlock_topic" | "rename_topic";

const HOVER_MS = 90;
const ASSIGNMENT = "topic_assignment";



/** The topics: shares, a search, the tree, the topics that were picked together, and the card of one of them. */
export class TopicPane {
  explorer: Explorer;
  state: ViewState;
  map: MapView;
  opened: Set<string>;
  /** picked together, in the order of picking */
  picked: string[];
  /** the points of each topic that was asked for */
  members: Map<string, Promise<Uint32Array | undefined>>;
  labels: Topic[];
  /** the key of the topic under the pointer */
  hovered: string | undefined;
  shares: HTMLElement;
  onlyCore: HTMLButtonElement;
  sought: HTMLInputElement;
  bar: HTMLElement;
  tree: HTMLElement;
  card: TopicCard;
  found: { shown: Set<number>; found: Map<number, string>; } | undefined;
  children: Map<number, number[]> | undefined;
  hovering: number | undefined;

  constructor(pane: HTMLElement, explorer: Explorer, map: MapView) {
    this.explorer = explorer;
    this.state = explorer.state;
    this.map = map;
    this.opened = new Set();
    this.picked = [];
    this.members = new Map();
    this.labels = this.state.get("labels") ?? [];
    this.hovered = undefined;
    pane.classList.add("nx-topics");
    const line = element(pane, "div", "nx-shares");
    this.shares = textElement(line, "span", "nx-soft nx-one-line", "", "atlas-shares");
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
    this.state.on(["labels"], () => this.relabel());
    this.state.on(["filters"], () => this.showFilter());
    explorer.root.addEventListener("nx-theme", () => this.retheme(), { signal: this.state.signal });
    this.state.atEnd(() => clearTimeout(this.hovering));
    this.onlyCore.hidden = !(this.state.get("columns") ?? []).some((one: {name: string}) => one.name === ASSIGNMENT);
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
      else if (event.key === "ArrowDown") (this.tree.querySelector("[role=treeitem]") as HTMLElement | null)?.focus();
      else return;
      event.preventDefault();
      this.show();
    });
  }

  /** Greys out what was given softly, or shows it again. */
  filterCore() {
    const isOn = this.onlyCore.getAttribute("aria-pressed") === "true";
    setFilter(this.state, ASSIGNMENT, isOn ? undefined : { values: ["core"] });
  }

  showFilter() {
    const filter = this.state.get("filters").find((one: any) => one.column === ASSIGNMENT);
    this.onlyCore.setAttribute("aria-pressed", String(filter?.values?.length === 1 && filter.values[0] === "core"));
  }

  async countShares() {
    const counts = await this.explorer.request("topic_shares", {});
    if (!counts || this.state.signal.aborted) return;
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
    this.labels = this.state.get("labels") ?? [];
    const went = follow(before, this.labels);
    const all = (keys: Iterable<string>) => [...keys].map(went).filter((key) => key !== undefined);
    this.opened = new Set(all(this.opened));
    this.picked = all(this.picked);
    this.members.clear();
    this.unhover();
    this.show();
    this.card.relabel(went);
    this.countShares();
  }

  show() {
    const focused = (this.tree.querySelector("[role=treeitem]:focus") as HTMLElement | null)?.dataset.key;
    this.tree.replaceChildren();
    this.found = searchTree(this.labels, this.sought.value);
    this.children = childrenOf(this.labels);
    const tops = this.inside(-1);
    if (!tops.length) textElement(this.tree, "li", "nx-soft nx-nothing", this.labels.length ? "no topic has these words" : "no topics");
    for (const at of tops) makeLine(this.tree, this, at, 1);
    if (focused) this.itemOf(focused)?.focus();
    this.showPicked();
    this.markShown();
  }

  /** The topics listed inside another, -1 for those of the first layer. */
  inside(at: number): number[] {
    const own = this.children?.get(at) ?? [];
    const fitting = this.found ? own.filter((child) => this.found?.shown.has(child)) : own;
    return this.found && at >= 0 && !fitting.length && this.found.found.has(at) ? own : fitting;
  }

  isOpen(at: number) {
    if (this.found?.shown.has(at) && (this.children?.get(at) ?? []).some((child) => this.found?.shown.has(child))) return true;
    return this.opened.has(keyOf(this.labels[at]));
  }

  toggle(key: string) {
    if (!this.opened.delete(key)) this.opened.add(key);
    this.show();
  }

  itemOf(key: string): HTMLElement | null {
    return this.tree.querySelector(`[role=treeitem][data-key="${key}"]`);
  }

  labelOf(topic: {layer: number, topic: number}): Topic | undefined {
    return this.labels.find((label) => keyOf(label) === keyOf(topic));
  }

  /** The points of a topic, asked for once until topics change. */
  pointsOf({ layer, topic }: {layer: number, topic: number}) {
    const key = keyOf({ layer, topic });
    const asked = this.members.get(key) ?? this.explorer.request("members", { kind: "topic", layer, topic }).then((answer) => answer && asNumbers(answer.points, Uint32Array));
    this.members.set(key, asked);
    return asked;
  }

  hover(event: PointerEvent) {
    const line = event.target instanceof Element && event.pointerType !== "touch" ? (event.target.closest(".nx-topic-line") as HTMLElement | null) : null;
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

  /** A click lights a topic, with Shift selects it, with Ctrl picks it. */
  act(topic: Topic, event: MouseEvent) {
    if (event.ctrlKey || event.metaKey) return this.pick(keyOf(topic));
    return this.highlight(topic, event.shiftKey || this.state.mode !== "replace");
  }

  async highlight(topic: Topic, selects: boolean = false) {
    const points = await this.pointsOf(topic);
    if (!points) return;
    if (selects) return this.state.selectPoints(points);
    this.state.highlight(points);
    this.map.lookAt(topic.x, topic.y);
    this.explorer.setStatus(`${topic.text}: ${counted(points.length, "document")}`);
  }

  pick(key: string) {
    this.picked = this.picked.includes(key) ? this.picked.filter((other) => other !== key) : [...this.picked, key];
    this.show();
  }

  showPicked() {
    const topics = (this.picked.map((key) => this.labels.find((label) => keyOf(label) === key)).filter(Boolean) as Topic[]);
    this.bar.hidden = !topics.length;
    this.bar.replaceChildren();
    if (!topics.length) return;
    textElement(this.bar, "span", "nx-one-line", topics.length === 1 ? "1 picked; Ctrl-click another" : `${topics.length} picked`);
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

  /** @param topics of one layer */
  async merge(topics: Topic[]) {
    const done = await this.edit("merge_topics", { layer: topics[0].layer, topics: topics.map(({ topic }) => topic) });
    if (!done) return;
    this.picked = [];
    this.show();
  }

  /** Asks for an edit and tells what came of it. @returns whether it was made */
  async edit<Q extends TopicEdit>(question: Q, request: RequestOf<Q>): Promise<boolean> {
    const answer: { note?: string } | undefined = await this.explorer.request(question, request);
    if (answer?.note) this.explorer.setStatus(answer.note);
    return answer !== undefined;
  }

  /** Marks the line of the topic whose card is open. */
  markShown() {
    const { shown } = this.card ?? {};
    for (const line of this.tree.querySelectorAll(".nx-topic-line")) line.classList.toggle("nx-shown", shown !== undefined && (line as HTMLElement).dataset.key === keyOf(shown));
  }

  /** Arrow keys walk through the tree, Enter opens a card. */
  walk(event: KeyboardEvent) {
    const here = (event.target as HTMLElement);
    const key = here.dataset.key;
    const label = this.labels.find((one) => keyOf(one) === key);
    if (!key || !label || here.getAttribute("role") !== "treeitem") return;
    const items = ([...this.tree.querySelectorAll("[role=treeitem]")] as HTMLElement[]);
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
