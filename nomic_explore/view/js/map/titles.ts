import { element, shorten, textElement } from "../dom.ts";
import type { DocumentLine } from "../protocol.ts";
import { overlaps, type Box } from "./labels.ts";
import type { MapView } from "./map.ts";

const MAX_TITLED = 60; // points in view that have a line of text beside them
const MAX_READ = 15; // and a few lines
const MAX_LOOKED_AT = 1_000; // points in the cells of the view, to find those
const TITLE_LENGTH = 64;
const GAP = 4; // pixels between two texts
const MAX_KEPT = 2_000; // lines that were asked for

type Shown = { point: number; text: HTMLElement; dx: number; dy: number };

/** The beginnings of documents beside their points, when few enough are in view: the map is zoomed until it can be read. */
export class Titles {
  private readonly root: HTMLElement;
  private readonly map: MapView;
  private readonly lines = new Map<number, DocumentLine>();
  private shown: Shown[] = [];
  private scale = 0;
  private view = "";
  private hasNoTexts = false;

  constructor(host: HTMLElement, map: MapView) {
    this.map = map;
    this.root = element(host, "div", "nx-titles", "atlas-titles");
    this.root.setAttribute("aria-hidden", "true");
  }

  /** Moves the texts with their points while the scale stays. */
  draw() {
    const { camera } = this.map;
    if (camera.scale !== this.scale) return this.clear();
    for (const { point, text, dx, dy } of this.shown) {
      const [px, py] = camera.toScreen(...this.map.placeOf(point));
      text.style.transform = `translate(${Math.round(px + dx)}px, ${Math.round(py + dy)}px)`;
    }
  }

  clear() {
    if (this.shown.length) this.root.replaceChildren();
    this.shown = [];
    this.view = "";
  }

  /** Shows the texts of what is seen, now that the map rests. */
  async rest() {
    const points = this.pointsInView();
    const view = [...points, this.map.camera.x, this.map.camera.y, this.map.camera.scale].join(" ");
    if (view === this.view) return;
    if (!points.length || !(await this.ask(points))) return this.clear();
    if (this.map.moving || this.map.state.signal.aborted) return;
    this.view = view;
    this.place(points);
  }

  /** The points in view, the nearest to the middle first; none if they are too many. */
  private pointsInView(): number[] {
    const { camera, state, states } = this.map;
    if (this.hasNoTexts || this.map.isMorphed || !state.grid.isReady) return [];
    const box = camera.box();
    if (state.grid.countIn(box) > MAX_LOOKED_AT) return [];
    const found: [number, number][] = [];
    state.grid.eachCell(box, (first, last) => {
      for (const point of state.grid.points.subarray(first, last)) {
        const [x, y] = [state.positions[2 * point], state.positions[2 * point + 1]];
        const isInside = x > box[0] && x < box[2] && y > box[1] && y < box[3];
        if (isInside && states[point] !== 1 && states[point] !== 3) found.push([point, Math.hypot(x - camera.x, y - camera.y)]);
      }
    });
    return found.length > MAX_TITLED ? [] : found.sort((one, other) => one[1] - other[1]).map(([point]) => point);
  }

  /** Asks for the lines that are not known yet; returns whether all are there. */
  private async ask(points: number[]): Promise<boolean> {
    const missing = points.filter((point) => !this.lines.has(point));
    if (!missing.length) return true;
    if (this.lines.size > MAX_KEPT) this.lines.clear();
    try {
      const { rows } = await this.map.state.ask("rows", { points: missing }, { signal: this.map.state.signal });
      rows.forEach((line, at) => this.lines.set(missing[at], line));
      return points.every((point) => this.lines.has(point));
    } catch {
      this.hasNoTexts = true; // a map of points alone
      return false;
    }
  }

  private place(points: number[]) {
    const { camera } = this.map;
    const isRead = points.length <= MAX_READ;
    this.root.replaceChildren();
    this.scale = camera.scale;
    const texts = points.map((point) => this.make(point, isRead));
    const dots = points.map((point) => camera.toScreen(...this.map.placeOf(point)));
    const sizes = texts.map((text) => [text.offsetWidth, text.offsetHeight]);
    const taken: Box[] = [...this.map.names.boxes(), ...this.map.coveredBoxes()];
    const reach = this.map.pointSize / 2 + 5;
    this.shown = [];
    texts.forEach((text, at) => {
      const box = sides(dots[at], sizes[at], reach).find((side) => this.isFree(side, taken, dots, at));
      if (!box) return text.remove();
      taken.push([box[0] - GAP, box[1] - GAP, box[2] + GAP, box[3] + GAP]);
      this.shown.push({ point: points[at], text, dx: box[0] - dots[at][0], dy: box[1] - dots[at][1] });
    });
    this.draw();
  }

  private isFree(box: Box, taken: Box[], dots: [number, number][], own: number): boolean {
    const { width, height } = this.map.camera;
    if (box[0] < 2 || box[1] < 2 || box[2] > width - 2 || box[3] > height - 2) return false;
    if (taken.some((other) => overlaps(box, other))) return false;
    return dots.every(([x, y], at) => at === own || x < box[0] - 3 || x > box[2] + 3 || y < box[1] - 3 || y > box[3] + 3);
  }

  private make(point: number, isRead: boolean): HTMLElement {
    const { title, text } = { title: "", ...this.lines.get(point) } as DocumentLine & { title?: string };
    const made = element(this.root, "div", isRead ? "nx-read" : "nx-titled");
    made.dir = "auto";
    made.dataset.point = String(point);
    if (!isRead) made.textContent = shorten(title || text, TITLE_LENGTH);
    else {
      if (title) textElement(made, "b", "", title);
      textElement(made, "span", "", text);
    }
    return made;
  }
}

/** The places of a text beside a dot: right, left, right below, right above, left below, left above, below, above. */
function sides([x, y]: [number, number], [width, height]: number[], reach: number): Box[] {
  const [right, left] = [x + reach, x - reach - width];
  const [middle, below, above, centered] = [y - height / 2, y + reach / 2, y - reach / 2 - height, x - width / 2];
  const corners = [[right, middle], [left, middle], [right, below], [right, above], [left, below], [left, above], [centered, y + reach], [centered, y - reach - height]];
  return corners.map(([px, py]) => [px, py, px + width, py + height]);
}
