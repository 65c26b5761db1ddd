import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { render } from "lit-html";
import { askLatest } from "../../latest.ts";
import { setFilter } from "../../map/legend.ts";
import type { MapView } from "../../map/map.ts";
import type { CompareTopicsResponse, Question, RequestOf, TopicCardResponse, TopicSharesResponse } from "../../protocol.ts";
import { asNumbers, type ViewState } from "../../view_state.ts";
import type { ColumnFilter } from "../../protocol.ts";
import type { Explorer } from "../explorer.ts";
import { follow, keyOf, linesOf, type Place, placeOf, searchTree, type Topic } from "./tree.ts";
import { paneView } from "./tree_view.ts";

const HOVER_MS = 90;
const ASSIGNMENT = "topic_assignment";

/** What stands below the tree: the card of a topic, or two topics side by side. */
export type Shown = { place: Place } & ({ card: TopicCardResponse; compared?: undefined } | { other: Place; compared: CompareTopicsResponse });
/** The topic whose name is being changed, and where the box for it stands. */
export type Renaming = { key: string; isInCard: boolean };

/** The topics: shares, a search, the tree, the topics that were picked together, and the card of one of them. */
export class TopicPane {
  readonly explorer: Explorer;
  readonly state: ViewState;
  readonly map: MapView;
  readonly labels: ReadonlySignal<Topic[]>;
  readonly theme = signal<"light" | "dark">("light");
  readonly query = signal("");
  readonly opened = signal<ReadonlySet<string>>(new Set());
  /** keys of the topics picked together, in the order of picking */
  readonly picked = signal<readonly string[]>([]);
  readonly shown = signal<Shown | undefined>(undefined);
  readonly renaming = signal<Renaming | undefined>(undefined);
  readonly shares = signal<TopicSharesResponse | undefined>(undefined);
  /** the key of the line that had the focus last */
  readonly current = signal("");
  readonly found = computed(() => searchTree(this.labels.value, this.query.value));
  readonly lines = computed(() => linesOf(this.labels.value, this.opened.value, this.found.value));
  /** the size of the largest topic inside each */
  readonly largest = computed(() => this.labels.value.reduce((largest, { parent, size }) => largest.set(parent, Math.max(size, largest.get(parent) ?? 1)), new Map<number, number>()));
  /** the key of the line that Tab reaches */
  readonly reached = computed(() => {
    const keys = this.lines.value.map(({ at }) => keyOf(this.labels.value[at]));
    return keys.includes(this.current.value) ? this.current.value : keys[0];
  });
  readonly hasShares = computed(() => this.state.trait<{ name: string }[]>("columns").value?.some(({ name }) => name === ASSIGNMENT));
  readonly isOnlyClear = computed(() => {
    const filter = this.state.trait<ColumnFilter[]>("filters").value.find(({ column }) => column === ASSIGNMENT);
    return filter?.values?.length === 1 && filter.values[0] === "core";
  });
  private readonly host: HTMLElement;
  private readonly members = new Map<string, Promise<Uint32Array | undefined>>();
  private readonly wanted = askLatest((wanted: [Place, Place?]) => this.load(...wanted), (shown: Shown) => this.show(shown));
  private before: Topic[] = [];
  private hovered = "";
  private hovering: number | undefined;
  private highlighted: Uint32Array | undefined;

  constructor(host: HTMLElement, explorer: Explorer, map: MapView) {
    this.host = host;
    this.explorer = explorer;
    this.state = explorer.state;
    this.map = map;
    this.labels = this.state.trait("labels");
    this.before = this.labels.value;
    host.classList.add("nx-topics");
    const retheme = () => (this.theme.value = map.theme);
    retheme();
    explorer.root.addEventListener("nx-theme", retheme, { signal: this.state.signal });
    this.state.on(["labels"], () => this.relabel());
    this.state.atEnd(() => clearTimeout(this.hovering));
    this.state.effect(() => render(paneView(this), host));
    this.countShares();
  }

  // --- the tree ---

  labelOf(place: Place): Topic | undefined {
    const key = keyOf(place);
    return this.labels.value.find((label) => keyOf(label) === key);
  }

  colorOf(place: Place): string {
    return this.labelOf(place)?.[`dot_${this.theme.value}`] ?? "var(--nx-soft)";
  }

  lineOf(key: string): HTMLElement | null {
    return this.host.querySelector(`[role=treeitem][data-key="${key}"]`);
  }

  toggle(key: string) {
    const opened = new Set(this.opened.value);
    if (!opened.delete(key)) opened.add(key);
    this.opened.value = opened;
  }

  pick(key: string) {
    const picked = this.picked.value;
    this.picked.value = picked.includes(key) ? picked.filter((other) => other !== key) : [...picked, key];
  }

  /** Shows the card of a topic whose name was clicked on the map, and its line in the tree. */
  reveal(place: Place) {
    const labels = this.labels.value;
    const opened = new Set(this.opened.value);
    let above = this.labelOf(place)?.parent ?? -1;
    for (; above >= 0; above = labels[above].parent) opened.add(keyOf(labels[above]));
    this.query.value = "";
    this.opened.value = opened;
    this.open(place);
    this.lineOf(keyOf(place))?.scrollIntoView({ block: "nearest" });
  }

  /** Topics were renamed, locked or rearranged: what was open, picked and shown goes with them. */
  private relabel() {
    const went = follow(this.before, this.labels.value);
    this.before = this.labels.value;
    const all = (keys: Iterable<string>) => [...keys].map(went).filter((key) => key !== undefined);
    this.members.clear();
    this.unhover();
    this.opened.value = new Set(all(this.opened.value));
    this.picked.value = all(this.picked.value);
    this.countShares();
    const shown = this.shown.value;
    if (!shown) return;
    const [key, other] = [went(keyOf(shown.place)), shown.compared && went(keyOf(shown.other))];
    if (key && (other || !shown.compared)) this.wanted.want(other ? [placeOf(key), placeOf(other)] : [placeOf(key)]);
    else this.close();
  }

  private async countShares() {
    this.shares.value = await this.explorer.request("topic_shares", {});
  }

  /** Greys out what lies only near its topic, or shows it again. */
  filterClear() {
    setFilter(this.state, ASSIGNMENT, this.isOnlyClear.value ? undefined : { values: ["core"] });
  }

  // --- the map ---

  /** The points of a topic, asked for once until topics change. */
  pointsOf({ layer, topic }: Place): Promise<Uint32Array | undefined> {
    const key = keyOf({ layer, topic });
    const asked = this.members.get(key) ?? this.explorer.request("members", { kind: "topic", layer, topic }).then((answer) => answer && asNumbers(answer.points, Uint32Array));
    this.members.set(key, asked);
    return asked;
  }

  hover(key: string) {
    if (key === this.hovered) return;
    this.hovered = key;
    clearTimeout(this.hovering);
    this.hovering = setTimeout(async () => {
      const points = await this.pointsOf(placeOf(key));
      if (points && this.hovered === key) this.map.glow(points);
    }, HOVER_MS);
  }

  unhover() {
    clearTimeout(this.hovering);
    this.hovered = "";
    this.map.glow(undefined);
  }

  async highlight(place: Place) {
    const points = await this.pointsOf(place);
    if (!points) return;
    this.highlighted = points;
    this.state.highlight(points);
  }

  async select(place: Place) {
    const points = await this.pointsOf(place);
    if (points) this.state.selectPoints(points);
  }

  /** Shows a topic as large as the view allows. */
  goTo({ layer, topic }: Place) {
    return this.map.goToTopic(layer, topic).catch((error: Error) => this.explorer.setStatus(error.message));
  }

  // --- the card ---

  /** Shows the card of a topic, and its documents on the map. */
  open(place: Place) {
    const label = this.labelOf(place);
    if (label) this.map.lookAt(label.x, label.y);
    this.highlight(place);
    this.wanted.want([place]);
  }

  compare(place: Place, other: Place) {
    this.wanted.want([place, other]);
  }

  close() {
    const { place } = this.shown.value ?? {};
    this.wanted.cancel();
    this.shown.value = undefined;
    const { hits } = this.state;
    const isOurs = this.highlighted && hits.length === this.highlighted.length && this.highlighted.every((point, at) => point === hits[at]);
    if (isOurs) this.state.highlight([]);
    if (place) this.lineOf(keyOf(place))?.focus();
  }

  private async load(place: Place, other?: Place): Promise<Shown | undefined> {
    const { layer, topic } = place;
    if (!other) {
      const card = await this.explorer.request("topic_card", { layer, topic });
      return card && { place, card };
    }
    const compared = await this.explorer.request("compare_topics", { a: [layer, topic], b: [other.layer, other.topic] });
    return compared && { place, other, compared };
  }

  private show(shown: Shown) {
    const before = this.shown.value;
    this.shown.value = shown;
    const isSame = before && keyOf(before.place) === keyOf(shown.place) && !before.compared === !shown.compared;
    if (!isSame) this.host.querySelector(".nx-topic-card")?.scrollTo(0, 0);
  }

  // --- edits ---

  async rename(place: Place, name: string) {
    await this.explorer.request("rename_topic", { layer: place.layer, topic: place.topic, name });
    this.renaming.value = undefined;
  }

  async merge(topics: Place[]) {
    const isDone = await this.edit("merge_topics", { layer: topics[0].layer, topics: topics.map(({ topic }) => topic) });
    if (isDone) this.picked.value = [];
  }

  /** Asks for an edit and says what came of it. @returns whether it was made */
  async edit<Q extends "merge_topics" | "split_topic" | "move_rows" | "lock_topic" | "unlock_topic">(question: Q & Question, request: RequestOf<Q>): Promise<boolean> {
    const answer = await this.explorer.request(question, request);
    if (answer && "note" in answer) this.explorer.setStatus(String(answer.note));
    return answer !== undefined;
  }
}
