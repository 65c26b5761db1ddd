import { element, textElement } from "../dom.ts";
import { asNumbers } from "../view_state.ts";
import { type Box, type Label, leaderOf, placeLabels } from "./labels.ts";
import type { MapView } from "./map.ts";

const HOVER_MS = 80; // so long the pointer rests on a name before its topic is highlighted
const STAYS_CLEAR = 0.5; // of the share that is bright on the whole map: less of it near a name, and the name fades
const MAX_LOOKED_AT = 400; // points near a name

type Made = { name: HTMLElement; leader: HTMLElement; size?: [number, number] };

/** The names of topics above the points: where they stand, which fade, and what they do under the pointer. */
export class Names {
  readonly root: HTMLElement;
  /** lines to names, below all names */
  private readonly leaders: HTMLElement;
  labels: Label[] = [];
  private readonly map: MapView;
  private readonly made = new Map<number, Made>();
  private readonly members = new Map<number, Promise<Uint32Array>>();
  private places = new Map<number, [number, number]>();
  private hovered = -1;
  private timer: number | undefined;

  constructor(host: HTMLElement, map: MapView) {
    this.map = map;
    this.leaders = element(host, "div", "nx-names");
    this.root = element(host, "div", "nx-names", "atlas-labels");
  }

  load(labels: Label[]) {
    this.leave();
    this.labels = labels;
    this.root.replaceChildren();
    this.leaders.replaceChildren();
    this.made.clear();
    this.members.clear();
  }

  themeChanged() {
    this.made.forEach(({ name, leader }, at) => (name.style.color = leader.style.color = this.labels[at]?.[this.map.theme] ?? ""));
  }

  /** Puts each name where it stands now. */
  draw() {
    const { map } = this;
    this.places = map.isMorphed ? new Map() : placeLabels(this.labels, map.camera, map.coveredBoxes());
    this.made.forEach(({ name, leader }, at) => {
      if (!this.places.has(at)) name.style.visibility = leader.style.visibility = "hidden";
    });
    this.places.forEach((middle, at) => {
      const { name, leader } = this.made.get(at) ?? this.make(at);
      name.style.visibility = "visible";
      name.style.transform = `translate(${Math.round(middle[0])}px, ${Math.round(middle[1])}px) translate(-50%, -50%)`;
      const ends = leaderOf(this.labels[at], middle, map.camera);
      leader.style.visibility = ends ? "visible" : "hidden";
      if (!ends) return;
      const [x, y, right, down] = [ends[0], ends[1], ends[2] - ends[0], ends[3] - ends[1]];
      leader.style.width = `${Math.hypot(right, down)}px`;
      leader.style.transform = `translate(${x}px, ${y}px) rotate(${Math.atan2(down, right)}rad)`;
    });
  }

  private make(at: number): Made {
    const label = this.labels[at];
    const name = textElement(this.root, "div", `nx-name nx-layer-${Math.min(label.layer, 2)}`, label.lines.join("\n"));
    name.dir = "auto";
    name.style.fontSize = `${label.font}px`;
    const leader = element(this.leaders, "div", "nx-leader");
    name.style.color = leader.style.color = label[this.map.theme];
    const made = { name, leader };
    this.made.set(at, made);
    this.fadeOne(at, made);
    return made;
  }

  /** The boxes of the names that are seen, in pixels: left, top, right, bottom. */
  boxes(): Box[] {
    return [...this.places].map(([at, [x, y]]) => {
      const { width, height } = this.labels[at];
      return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
    });
  }

  /** The label whose name lies under a place in pixels; undefined for none. */
  at(px: number, py: number): Label | undefined {
    return this.labels[this.indexAt(px, py)];
  }

  private indexAt(px: number, py: number): number {
    for (const [at, [x, y]] of this.places) {
      const made = this.made.get(at);
      if (!made) continue;
      made.size ??= [made.name.offsetWidth, made.name.offsetHeight];
      if (Math.abs(px - x) <= made.size[0] / 2 && Math.abs(py - y) <= made.size[1] / 2) return at;
    }
    return -1;
  }

  /** The pointer rests on a place: the topic of a name there is highlighted. Returns whether there is one. */
  hover(px: number, py: number): boolean {
    const at = this.indexAt(px, py);
    if (at === this.hovered) return at >= 0;
    this.leave();
    if (at < 0) return false;
    this.hovered = at;
    this.timer = window.setTimeout(() => this.light(at), HOVER_MS);
    return true;
  }

  /** The pointer has gone elsewhere. */
  leave() {
    if (this.hovered < 0) return;
    clearTimeout(this.timer);
    this.hovered = -1;
    this.map.glow(undefined);
  }

  private async light(at: number) {
    try {
      const points = await this.pointsOf(at);
      if (this.hovered === at) this.map.glow(points);
    } catch {
      this.members.delete(at); // a map of points alone cannot say what its names hold
    }
  }

  private pointsOf(at: number): Promise<Uint32Array> {
    const known = this.members.get(at);
    if (known) return known;
    const { layer, topic } = this.labels[at];
    const asked = this.map.state.ask("members", { kind: "topic", layer, topic }).then(({ points }) => asNumbers<Uint32Array>(points, Uint32Array));
    this.members.set(at, asked);
    return asked;
  }

  /** Fades the names near which little is bright. */
  fade() {
    this.made.forEach((made, at) => this.fadeOne(at, made));
  }

  private fadeOne(at: number, { name, leader }: Made) {
    const isFaded = this.isFaded(at);
    name.classList.toggle("nx-faded", isFaded);
    leader.classList.toggle("nx-faded", isFaded);
  }

  private isFaded(at: number): boolean {
    const { map, hovered } = this;
    if (hovered >= 0) return !this.isWithin(at, hovered) && !this.isWithin(hovered, at);
    if (map.brightShare >= 1 || !map.state.grid.isReady) return false;
    return this.brightNear(this.labels[at]) < STAYS_CLEAR * map.brightShare;
  }

  /** Whether a topic is another one, or lies in it. */
  private isWithin(at: number, other: number): boolean {
    for (let above = at; above >= 0; above = this.labels[above].parent) if (above === other) return true;
    return false;
  }

  private brightNear({ x, y, radius }: Label): number {
    const { states, state } = this.map;
    const reach = Math.max(radius, 0.01);
    let [nBright, nAll] = [0, 0];
    state.grid.eachCell([x - reach, y - reach, x + reach, y + reach], (first, last) => {
      for (let at = first; at < last && nAll < MAX_LOOKED_AT; at++) {
        const point = state.grid.points[at];
        if (Math.hypot(state.positions[2 * point] - x, state.positions[2 * point + 1] - y) > reach) continue;
        nAll++;
        if (states[point] !== 1 && states[point] !== 3) nBright++;
      }
    });
    return nAll ? nBright / nAll : 0;
  }
}
