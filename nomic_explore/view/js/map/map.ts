import { holds, pointsOf } from "../bitmask.ts";
import { Camera, clamp } from "./camera.ts";
import { asNumbers } from "../view_state.ts";
import { count, element, textElement } from "../dom.ts";
import { Gestures } from "./gestures.ts";
import { HoverCard } from "./hover.ts";
import { leaderOf, placeLabels } from "./labels.ts";
import { Overlay } from "./overlay.ts";
import { makeRenderer } from "./renderer/webgl.ts";
import type { ViewState } from "../view_state.ts";
import type { Renderer } from "./renderer/points.ts";
import type { Label } from "./labels.ts";

const SLOW_MS = 36; // a frame while the view moves should not take longer
const FAST_MS = 22; // and one as short as this allows more points
const REST_MS = 120;
const FEWEST = 12_000; // below this it is not the points that take the time
const REST_CHUNK = 250_000; // points drawn between two looks at whether the view moves again
const GRID_STEP = 400_000; // points sorted into the grid between two frames
const PICK_RADIUS = 9;
const MAX_INDEXED = 2_000_000;
const GREY = { light: [0.6, 0.62, 0.66, 0.2], dark: [0.5, 0.53, 0.58, 0.2] };
export type Own = {colors?: Uint8Array, palettes?: Record<string, string[]>, sizes?: Uint8Array, density?: Uint8Array, hidden?: Uint8Array};

const INK = { light: [0.25, 0.36, 0.6], dark: [0.55, 0.66, 0.9] };

/** The map itself: points, names above them, a hover card, a status line. A sample is drawn while it moves, all points at rest. */
export class MapView {
  state: ViewState;
  camera: Camera;
  root: HTMLElement;
  canvas: HTMLCanvasElement;
  names: HTMLElement;
  overlay: Overlay;
  card: HoverCard;
  status: HTMLElement;
  budget: number;
  frame: number;
  done: number;
  showsLines: boolean;
  /** shown instead of what the traits say, and `hidden`: a mask of points that are not drawn */
  own: Own;
  states: Uint8Array;
  lit: Uint32Array;
  glowing: Uint32Array | undefined;
  /** called once everything is drawn and nothing moves */
  onRest: (() => void)[];
  showLegend: (() => void) | undefined;
  /** what a click on the name of a topic does */
  onTopic: ((topic: { layer: number; topic: number }, act: "open" | "goTo") => void) | undefined;
  nameElements: Map<number, {name: HTMLElement, leader: HTMLElement}>;
  renderer: Renderer;
  gestures: Gestures;
  resizing: ResizeObserver | undefined;
  seeing: IntersectionObserver | undefined;
  labels: Label[] = [];
  building: number | undefined;
  nHidden: number | undefined;
  nFiltered: number | undefined;
  ratio: number | undefined;
  rest: number | undefined;
  moving: boolean | undefined;
  lastMoved: number | undefined;
  pace: any;

  constructor(host: HTMLElement, state: ViewState) {
    this.state = state;
    this.camera = new Camera();
    this.root = element(host, "div", "nx-map", "atlas-map");
    this.canvas = (element(this.root, "canvas", "nx-canvas", "atlas-canvas") as HTMLCanvasElement);
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-roledescription", "map");
    this.names = element(this.root, "div", "nx-names", "atlas-labels");
    this.overlay = new Overlay(this.root, this);
    this.card = new HoverCard(this.root, this);
    this.status = element(this.root, "div", "nx-status", "atlas-status");
    this.status.setAttribute("role", "status");
    this.budget = 100_000;
    this.frame = 0;
    this.done = 0;
    this.showsLines = false;
    this.own = {};
    this.states = new Uint8Array(0);
    this.lit = (new Uint32Array(0) as Uint32Array);
    this.glowing = undefined;
    this.onRest = [];
    this.showLegend = undefined;
    this.nameElements = new Map();
    this.renderer = makeRenderer(this.canvas, () => this.settle());
    this.canvas.dataset.renderer = this.renderer.kind;
    this.gestures = new Gestures(this);
    if (this.renderer.kind.includes("still")) this.showStill();
    this.listen();
    this.load();
  }

  /** Where nothing can be drawn, the picture that the kernel drew. */
  showStill() {
    const picture = String(this.state.get("picture") ?? "");
    const image = (element(this.root, "img", "nx-still", "atlas-still") as HTMLImageElement);
    image.alt = "A picture of the map";
    if (picture.startsWith("data:image/")) image.src = picture;
  }

  listen() {
    const { state } = this;
    state.on(["positions"], () => this.load());
    state.on(["colors", "legend"], () => this.loadColors());
    state.on(["sizes"], () => this.loadSizes());
    state.on(["filtered", "selected", "hits"], () => this.updateStates());
    state.on(["labels"], () => this.loadLabels());
    state.on(["density", "contours"], () => this.loadDensity());
    state.on(["target"], () => this.loadTarget());
    state.on(["morph"], () => this.move());
    state.on(["focus"], () => this.showFocus());
    state.on(["view"], () => this.showView());
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.root);
    this.seeing = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.settle());
    this.seeing.observe(this.root);
  }

  load() {
    const { state } = this;
    const positions = state.positions;
    this.states = new Uint8Array(state.n);
    this.camera.extent = state.keep("extent", state.get("positions"), () => extentOf(positions));
    this.renderer.set({ positions });
    this.canvas.setAttribute("aria-label", `Map of ${count(state.n)} documents. Arrow keys move it, plus and minus zoom, 0 fits it, Escape clears.`);
    this.loadColors();
    this.loadSizes();
    this.loadTarget();
    this.loadDensity();
    this.loadLabels();
    this.updateStates();
    this.buildGrid();
    this.showView();
  }

  loadColors() {
    const palettes = this.own.palettes ?? this.state.get("legend")?.palettes;
    this.renderer.set({ colors: this.own.colors ?? this.state.colors, palette: palettes?.[this.theme] ?? ["#888888"] });
    this.settle();
  }

  loadSizes() {
    this.renderer.set({ sizes: this.own.sizes ?? this.state.numbers("sizes", Uint8Array) });
    this.settle();
  }

  loadTarget() {
    this.renderer.set({ targets: this.state.numbers("target", Float32Array) });
    this.settle();
  }

  loadDensity() {
    const contours = this.state.get("contours") ?? {};
    this.renderer.set({
      density: this.own.density ?? this.state.numbers("density", Uint8Array),
      contours: {
        points: this.state.keep("contourPoints", contours.points, (data) => asNumbers(data, Float32Array)),
        starts: this.state.keep("contourStarts", contours.starts, (data) => asNumbers(data, Uint32Array)),
      },
    });
    this.settle();
  }

  /** Shows something instead of what the traits say; undefined gives a part back. */
  instead(part: Own) {
    Object.assign(this.own, part);
    if ("colors" in part) this.loadColors();
    if ("sizes" in part) this.loadSizes();
    if ("density" in part) this.loadDensity();
    if ("hidden" in part) this.updateStates();
  }

  loadLabels() {
    this.labels = this.state.get("labels") ?? [];
    this.names.replaceChildren();
    this.nameElements.clear();
    this.settle();
  }

  /** Sorts points into the grid between frames; until it is ready nothing can be pointed at. */
  buildGrid() {
    clearTimeout(this.building);
    if (this.state.grid.isReady) return;
    if (!this.moving) this.state.grid.build(GRID_STEP);
    this.building = setTimeout(() => this.buildGrid(), 0);
  }

  get theme() {
    return this.root.closest(".nx-dark") ? "dark" : "light";
  }

  themeChanged() {
    this.loadColors();
    this.nameElements.forEach(({ name, leader }, at) => {
      name.style.color = leader.style.color = (this.labels ?? [])[at]?.[this.theme] ?? "";
    });
  }

  /** Lights points for a moment, whatever is lit and selected; nothing brings that back. */
  glow(points: Uint32Array | undefined) {
    if (this.glowing === points) return;
    this.glowing = points;
    this.updateStates();
  }

  /** What each point looks like now: 0 shown, 1 grey, 2 lit, 3 hidden. */
  updateStates() {
    const { states, state } = this;
    const selected = this.glowing ? new Uint8Array(0) : state.selected;
    const hits = this.glowing ?? state.hits;
    const filtered = state.numbers("filtered", Uint8Array);
    states.fill(selected.length || hits.length ? 1 : 0);
    if (filtered.length) for (let i = 0; i < states.length; i++) if (holds(filtered, i)) states[i] = 1;
    const lit = selected.length ? pointsOf(selected) : new Uint32Array(0);
    for (const point of lit) states[point] = 2;
    for (const point of hits) if (point < states.length) states[point] = 2;
    const hidden = this.own.hidden?.length ? pointsOf(this.own.hidden) : new Uint32Array(0);
    for (const point of hidden) states[point] = 3;
    this.nHidden = hidden.length;
    this.lit = hits.length ? Uint32Array.from([...lit, ...hits]) : lit;
    this.nFiltered = state.keep("nFiltered", filtered, (mask) => (mask.length ? pointsOf(mask).length : 0));
    this.renderer.set({ states });
    this.settle();
  }

  showFocus() {
    const point = this.state.get("focus") ?? -1;
    if (point >= 0 && point < this.state.n) {
      const [px, py] = this.camera.toScreen(...this.placeOf(point));
      const inside = px > 40 && py > 40 && px < this.camera.width - 40 && py < this.camera.height - 40;
      if (!inside) this.camera.goTo(...this.placeOf(point), 3);
    }
    this.viewChanged();
  }

  /** Brings a place into view if it is not. */
  lookAt(x: number, y: number) {
    const [px, py] = this.camera.toScreen(x, y);
    if (px >= 0 && py >= 0 && px <= this.camera.width && py <= this.camera.height) return;
    this.camera.goTo(x, y, 0);
    this.viewChanged();
  }

  showView() {
    const view = this.state.get("view");
    if (!view || view.zoom === undefined || sameView(view, this.camera.view)) return;
    this.camera.view = view;
    this.move();
  }

  /** The camera was moved here: others that are linked follow. */
  viewChanged() {
    if (this.state.get("is_linked")) this.state.set({ view: this.camera.view });
    this.move();
  }

  /** Where a point is drawn now. */
  placeOf(point: number): [number, number] {
    const { positions } = this.state;
    const targets = this.state.numbers("target", Float32Array);
    const morph = targets.length ? this.state.get("morph") : 0;
    const mix = (at: number) => (morph ? positions[at] * (1 - morph) + targets[at] * morph : positions[at]);
    return [mix(2 * point), mix(2 * point + 1)];
  }

  resize() {
    const { clientWidth, clientHeight } = this.root;
    if (!clientWidth || !clientHeight) return;
    this.ratio = Math.min(devicePixelRatio || 1, 2);
    for (const canvas of [this.canvas, this.overlay.canvas]) {
      canvas.width = Math.round(clientWidth * this.ratio);
      canvas.height = Math.round(clientHeight * this.ratio);
    }
    this.camera.width = clientWidth;
    this.camera.height = clientHeight;
    this.settle();
  }

  /** The view moves: a sample is drawn now, all points once it rests. */
  move() {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.settle(), REST_MS);
    this.moving = true;
    this.restart();
  }

  /** Draws everything, from the beginning. */
  settle() {
    this.moving = false;
    this.restart();
  }

  restart() {
    this.done = 0;
    this.request();
  }

  request() {
    this.canvas.dataset.ready = "false";
    this.frame ||= requestAnimationFrame((now) => {
      this.frame = 0;
      this.draw(now);
    });
  }

  /** What is to be drawn: the cells in view if they hold less than most points, else all. */
  plan() {
    const { grid, n } = this.state;
    const morphs = this.state.get("morph") > 0 && this.state.numbers("target", Float32Array).length;
    if (!grid.isReady || morphs || this.camera.zoom < 1.2) return { box: undefined, total: n };
    const box = this.camera.box(12);
    const total = grid.countIn(box);
    return total < 0.6 * n && total <= MAX_INDEXED ? { box, total } : { box: undefined, total: n };
  }

  draw(now: number) {
    if (!this.camera || this.camera.width < 2) return;
    const first = this.done === 0;
    if (this.moving) this.adapt(now);
    else this.lastMoved = 0;
    const { box, total } = this.plan();
    const share = total ? Math.min(1, this.done + (this.moving ? this.budget : Math.max(REST_CHUNK, this.budget)) / total) : 1;
    if (first) this.renderer.begin(this.makeView());
    if (box) this.renderer.some(this.state.grid.sampleIn(box, this.done, share));
    else this.renderer.range(Math.ceil(this.done * total), Math.ceil(share * total));
    this.done = share;
    if (first || share >= 1) this.finish();
    if (first) this.drawNames();
    this.report(Math.ceil(share * total), box ? total : undefined);
    if (this.moving) return;
    if (share < 1) this.request();
    else for (const act of this.onRest) act();
  }

  /** Draws what lies above the points. */
  finish() {
    this.renderer.some(this.moving ? this.lit.subarray(0, this.budget) : this.lit);
    this.renderer.finish();
    this.overlay.draw();
  }

  /** Lets more or fewer points be drawn while the view moves. */
  adapt(now: number) {
    if (this.lastMoved) {
      const took = Math.min(400, now - this.lastMoved);
      this.pace = 0.7 * (this.pace ?? took) + 0.3 * took;
      if (this.pace > SLOW_MS) this.budget = Math.max(FEWEST, this.budget * Math.max(0.7, SLOW_MS / this.pace));
      else if (this.pace < FAST_MS) this.budget = Math.min(5_000_000, this.budget * 1.15);
    }
    this.lastMoved = now;
  }

  makeView() {
    const { n } = this.state;
    const { camera, theme } = this;
    return {
      camera,
      size: clamp(9.4 - 1.35 * Math.log10(n + 1), 1.3, 7) * clamp(camera.zoom, 0.7, 60) ** 0.33,
      alpha: clamp(1.25 - 0.12 * Math.log10(n + 1), 0.3, 0.9),
      ratio: this.ratio ?? 1,
      morph: this.state.get("morph") ?? 0,
      grey: GREY[theme],
      ink: INK[theme],
      tint: this.moving || this.state.get("morph") ? 0 : clamp((this.own.density ? 0.45 : 0.3) * (1 - Math.log10(camera.zoom + 0.01)), 0, 0.45),
      lines: this.showsLines && !this.state.get("morph"),
    };
  }

  /** Says what is drawn, of how many, by what, and why not all. */
  report(drawn: number, inView: number | undefined) {
    const { n } = this.state;
    const { x, y, zoom, scale } = this.camera;
    this.canvas.dataset.view = [x, y, zoom, scale].join(" ");
    this.canvas.dataset.pointsDrawn = String(drawn);
    this.canvas.dataset.ready = String(n > 0 && this.done >= 1 && !this.moving);
    const parts = [`${count(n)} documents`, this.renderer.kind];
    if (this.done < 1) parts.push(`${count(drawn)} drawn ${this.moving ? "while moving" : "so far"}`);
    else if (inView !== undefined) parts.push(`${count(drawn)} near the view drawn`);
    else parts.push("all drawn");
    if (!this.state.grid.isReady) parts.push("hover is being prepared");
    if (this.nFiltered) parts.push(`${count(n - this.nFiltered)} pass the filters`);
    if (this.nHidden) parts.push(`${count(this.nHidden)} copies hidden`);
    const nLit = (this.glowing ?? this.state.hits).length;
    if (nLit) parts.push(`${count(nLit)} lit`);
    if (this.state.nSelected) parts.push(`${count(this.state.nSelected)} selected`);
    const text = parts.join(" · ");
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  drawNames() {
    const placed = this.state.get("morph") ? new Map() : placeLabels(this.labels ?? [], this.camera);
    this.nameElements.forEach(({ name, leader }, at) => {
      if (!placed.has(at)) name.style.visibility = leader.style.visibility = "hidden";
    });
    placed.forEach((middle, at) => {
      const { name, leader } = this.nameElements.get(at) ?? this.makeName(at);
      name.style.visibility = "visible";
      name.style.transform = `translate(${Math.round(middle[0])}px, ${Math.round(middle[1])}px) translate(-50%, -50%)`;
      const ends = leaderOf((this.labels ?? [])[at], middle, this.camera);
      leader.style.visibility = ends ? "visible" : "hidden";
      if (!ends) return;
      const [x, y, right, down] = [ends[0], ends[1], ends[2] - ends[0], ends[3] - ends[1]];
      leader.style.width = `${Math.hypot(right, down)}px`;
      leader.style.transform = `translate(${x}px, ${y}px) rotate(${Math.atan2(down, right)}rad)`;
    });
  }

  makeName(at: number) {
    const label = (this.labels ?? [])[at];
    const name = textElement(this.names, "div", `nx-name nx-layer-${Math.min(label.layer, 2)}`, label.lines.join("\n"));
    name.style.fontSize = `${label.font}px`;
    const leader = element(this.names, "div", "nx-leader");
    name.style.color = leader.style.color = label[this.theme];
    const made = { name, leader };
    this.nameElements.set(at, made);
    return made;
  }

  fit() {
    this.camera.fit();
    this.viewChanged();
  }

  /** @returns the point under the pointer, -1 for none */
  pointAt(px: number, py: number): number {
    if (!this.state.grid.isReady || this.state.get("morph")) return -1;
    const [x, y] = this.camera.toWorld(px, py);
    return this.state.grid.nearest(x, y, PICK_RADIUS / this.camera.scale, this.own.hidden);
  }

  /** Removes every listener, timer and element. */
  dispose() {
    this.gestures.dispose();
    this.resizing?.disconnect();
    this.seeing?.disconnect();
    clearTimeout(this.rest);
    clearTimeout(this.building);
    cancelAnimationFrame(this.frame);
    this.renderer.dispose();
    this.root.remove();
  }
}

/** Half the width and height of the points, in world units. */
function extentOf(positions: Float32Array): [number, number] {
  let [x, y] = [0.05, 0.05];
  for (let at = 0; at < positions.length; at += 2) {
    x = Math.max(x, Math.abs(positions[at]));
    y = Math.max(y, Math.abs(positions[at + 1]));
  }
  return [x, y];
}

function sameView(a: any, b: any) {
  return a.x === b.x && a.y === b.y && a.zoom === b.zoom;
}
