import { holds, pointsOf } from "../bitmask.ts";
import { Camera, clamp, type Place } from "./camera.ts";
import { asNumbers } from "../view_state.ts";
import { element } from "../dom.ts";
import { messages } from "../messages.ts";
import { Flight } from "./flight.ts";
import { Gestures } from "./gestures.ts";
import { hazeColors } from "./haze.ts";
import { HoverCard } from "./hover.ts";
import { Names } from "./names.ts";
import { Overlay } from "./overlay.ts";
import { highlightState } from "./renderer/points.ts";
import { makeRenderer } from "./renderer/webgl.ts";
import { Titles } from "./titles.ts";
import type { ViewState } from "../view_state.ts";
import type { Renderer } from "./renderer/points.ts";
import type { Box, Label } from "./labels.ts";

const SLOW_MS = 36; // a frame while the view moves should not take longer
const FAST_MS = 22; // and one as short as this allows more points
const REST_MS = 120;
const FEWEST = 12_000; // below this it is not the points that take the time
const REST_CHUNK = 250_000; // points drawn between two looks at whether the view moves again
const GRID_STEP = 400_000; // points sorted into the grid between two frames
const USUAL_AREA = 600_000; // pixels of a map; the points of a smaller one are a little smaller
const PICK_RADIUS = 9;
const FOCUS_MARGIN = 60; // pixels between the chosen document and the right edge
const MAX_INDEXED = 2_000_000;
const GREY = { light: [0.6, 0.62, 0.66, 0.2], dark: [0.5, 0.53, 0.58, 0.2] };
export type Own = {colors?: Uint8Array, palettes?: Record<string, string[]>, sizes?: Uint8Array, density?: Uint8Array, hidden?: Uint8Array};

const texts = messages.map;
const INK = { light: [0.25, 0.36, 0.6], dark: [0.55, 0.66, 0.9] };

/** The map itself: points, names above them, a hover card, a status line. A sample is drawn while it moves, all points at rest. */
export class MapView {
  state: ViewState;
  camera: Camera;
  /** what holds the map, its toolbar and its legend */
  host: HTMLElement;
  root: HTMLElement;
  canvas: HTMLCanvasElement;
  names: Names;
  titles: Titles;
  flight: Flight;
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
  /** what the click on a name asks for; the pane of topics takes this over */
  onTopic: ((topic: { layer: number; topic: number }, act: "open" | "goTo") => void) | undefined;
  renderer: Renderer;
  gestures: Gestures;
  resizing: ResizeObserver | undefined;
  seeing: IntersectionObserver | undefined;
  /** share of the points that are not grey */
  brightShare = 1;
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
    this.host = host;
    this.camera = new Camera();
    this.root = element(host, "div", "nx-map", "atlas-map");
    this.canvas = (element(this.root, "canvas", "nx-canvas", "atlas-canvas") as HTMLCanvasElement);
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-roledescription", "map");
    this.titles = new Titles(this.root, this);
    this.names = new Names(this.root, this);
    this.overlay = new Overlay(this.root, this);
    element(this.root, "div", "nx-cross", "atlas-cross").setAttribute("aria-hidden", "true");
    this.card = new HoverCard(this.root, this);
    this.flight = new Flight(this);
    this.status = element(host, "div", "nx-status", "atlas-status");
    this.status.setAttribute("role", "status");
    this.budget = 100_000;
    this.frame = 0;
    this.done = 0;
    this.showsLines = false;
    this.own = {};
    this.states = new Uint8Array(0);
    this.lit = (new Uint32Array(0) as Uint32Array);
    this.glowing = undefined;
    this.onRest = [() => void this.titles.rest()];
    this.showLegend = undefined;
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
    image.alt = texts.still;
    if (picture.startsWith("data:image/")) image.src = picture;
  }

  listen() {
    const { state } = this;
    state.on(["positions", "home"], () => this.load());
    state.on(["colors", "legend"], () => this.loadColors());
    state.on(["sizes"], () => this.loadSizes());
    state.on(["filtered", "selected", "hits", "strengths"], () => this.updateStates());
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
    const home = state.get("home");
    if (home?.length === 4 && home.join() !== this.camera.home.join()) {
      this.camera.home = home;
      this.camera.fit();
    }
    this.renderer.set({ positions });
    this.canvas.setAttribute("aria-label", texts.label(state.n));
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
    const [colors, palette] = [this.own.colors ?? this.state.colors, palettes?.[this.theme] ?? ["#888888"]];
    this.renderer.set({ colors, palette, hazeColors: hazeColors(this.state.positions, colors, palette) });
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
    this.names.load(this.state.get("labels") ?? []);
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
    this.names.themeChanged();
  }

  /** Lights points for a moment, whatever is lit and selected; nothing brings that back. */
  glow(points: Uint32Array | undefined) {
    if (this.glowing === points) return;
    this.glowing = points;
    this.updateStates();
  }

  /** What each point looks like now: 0 shown, 1 grey, 2 highlighted, 3 hidden, 4 to 6 highlighted less and less. */
  updateStates() {
    const { states, state } = this;
    const selected = this.glowing ? new Uint8Array(0) : state.selected;
    const hits = this.glowing ?? state.hits;
    const filtered = state.numbers("filtered", Uint8Array);
    states.fill(selected.length || hits.length ? 1 : 0);
    if (filtered.length) for (let i = 0; i < states.length; i++) if (holds(filtered, i)) states[i] = 1;
    const lit = selected.length ? pointsOf(selected) : new Uint32Array(0);
    for (const point of lit) states[point] = 2;
    const strengths = this.glowing ? new Uint8Array(0) : state.numbers("strengths", Uint8Array);
    hits.forEach((point, at) => point < states.length && states[point] !== 2 && (states[point] = highlightState(strengths[at])));
    const hidden = this.own.hidden?.length ? pointsOf(this.own.hidden) : new Uint32Array(0);
    for (const point of hidden) states[point] = 3;
    this.nHidden = hidden.length;
    this.lit = hits.length ? Uint32Array.from([...lit, ...[...hits].reverse()]) : lit; // the best above the others
    this.nFiltered = state.keep("nFiltered", filtered, (mask) => (mask.length ? pointsOf(mask).length : 0));
    this.renderer.set({ states });
    this.countBright();
    this.settle();
  }

  /** Names fade near which little is bright; the titles of grey points go. */
  countBright() {
    let nBright = 0;
    for (const state of this.states) if (state !== 1 && state !== 3) nBright++;
    this.brightShare = this.states.length ? nBright / this.states.length : 1;
    this.names.fade();
    this.titles.clear();
  }

  get labels(): Label[] {
    return this.names.labels;
  }

  /** Whether points are on their way to another layout: names have no place then. */
  get isMorphed(): boolean {
    return Boolean(this.state.get("morph"));
  }

  /** What lies over the map, in pixels: names give way to it. */
  coveredBoxes(): Box[] {
    const own = this.root.getBoundingClientRect();
    return [...this.root.querySelectorAll(":scope > :is(.nx-selection, .nx-hint):not([hidden])")].map((part) => {
      const { left, top, right, bottom } = part.getBoundingClientRect();
      return [left - own.left, top - own.top, right - own.left, bottom - own.top];
    });
  }

  /** Moves the map to a view, so that one sees where it goes. */
  flyTo(view: Place) {
    this.flight.to(view);
  }

  /** Shows most of the points of a topic. */
  async goToTopic(layer: number, topic: number) {
    const { points } = await this.state.ask("members", { kind: "topic", layer, topic });
    const box = middleBox(asNumbers<Uint32Array>(points, Uint32Array), this.state.positions);
    if (box) this.flyTo(this.camera.viewOf(box));
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

  /** Does what makes the map wider or narrower at its right; what is seen stays where it is, and the focus in view. */
  keepPlace(act: () => void) {
    const { camera } = this;
    const { scale } = camera;
    const [left, top] = camera.toWorld(0, 0);
    act();
    this.resize();
    camera.zoom *= scale / camera.scale;
    camera.x = left + camera.width / 2 / scale;
    camera.y = top - camera.height / 2 / scale;
    const focus = this.state.get("focus") ?? -1;
    const beyond = focus < 0 ? 0 : camera.toScreen(...this.placeOf(focus))[0] - (camera.width - FOCUS_MARGIN);
    if (beyond > 0) camera.x += beyond / scale;
    this.viewChanged();
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
    if (first) {
      this.names.draw();
      this.titles.draw();
    }
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

  /** Pixels of a point of ordinary size. */
  get pointSize() {
    const { width, height, zoom } = this.camera;
    const room = clamp((width * height) / USUAL_AREA, 0.4, 1.4) ** 0.25;
    return room * clamp(9.4 - 1.35 * Math.log10(this.state.n + 1), 1.3, 7) * clamp(zoom, 0.7, 60) ** 0.33;
  }

  /** A few highlighted points stand out by size; many are drawn as others are, so that their density is seen. */
  get litStyle() {
    const many = clamp(Math.log10(Math.max(this.lit.length, 1) / 100) / 1.2, 0, 1);
    return { size: 1.5 - 0.45 * many, alpha: 1 - 0.5 * many };
  }

  /** How strong the haze is: it goes as one comes nearer, and steps back behind what is highlighted. */
  get hazeStrength() {
    if (this.moving || this.isMorphed) return 0;
    const full = clamp((this.own.density ? 0.45 : 0.3) * (1 - Math.log10(this.camera.zoom + 0.01)), 0, 0.45);
    return this.brightShare < 1 ? 0.35 * full : full;
  }

  makeView() {
    const { n } = this.state;
    const { camera, theme } = this;
    return {
      camera,
      size: this.pointSize,
      lit: this.litStyle,
      alpha: clamp(1.25 - 0.12 * Math.log10(n + 1), 0.3, 0.9),
      ratio: this.ratio ?? 1,
      morph: this.state.get("morph") ?? 0,
      grey: GREY[theme],
      ink: INK[theme],
      tint: this.hazeStrength,
      lines: this.showsLines && !this.state.get("morph"),
    };
  }

  /** Says what is shown, and, for those who look closer, what is drawn of it, by what, and why not all. */
  report(drawn: number, inView: number | undefined) {
    const { n } = this.state;
    const { x, y, zoom, scale } = this.camera;
    this.canvas.dataset.view = [x, y, zoom, scale].join(" ");
    this.canvas.dataset.pointsDrawn = String(drawn);
    this.canvas.dataset.ready = String(n > 0 && this.done >= 1 && !this.moving);
    const nLit = (this.glowing ?? this.state.hits).length;
    const parts = [texts.documents(n)];
    if (this.nFiltered) parts.push(texts.passing(n - this.nFiltered));
    if (this.nHidden) parts.push(texts.hidden(this.nHidden));
    if (nLit) parts.push(texts.highlighted(nLit));
    if (this.state.nSelected) parts.push(texts.selected(this.state.nSelected));
    const details = [this.renderer.kind];
    if (this.done < 1) details.push(this.moving ? texts.drawnMoving(drawn) : texts.drawnSoFar(drawn));
    else details.push(inView === undefined ? texts.allDrawn : texts.drawnNear(drawn));
    if (!this.state.grid.isReady) details.push(texts.preparing);
    const [text, title] = [parts.join(" · "), details.join(" · ")];
    if (this.status.textContent !== text) this.status.textContent = text;
    if (this.status.title !== title) this.status.title = title;
  }

  fit() {
    this.camera.fit();
    this.viewChanged();
  }

  /** @returns the point under the pointer, -1 for none */
  pointAt(px: number, py: number, radius = PICK_RADIUS): number {
    if (!this.state.grid.isReady || this.state.get("morph")) return -1;
    const [x, y] = this.camera.toWorld(px, py);
    return this.state.grid.nearest(x, y, radius / this.camera.scale, this.own.hidden);
  }

  /** Removes every listener, timer and element. */
  dispose() {
    this.gestures.dispose();
    this.resizing?.disconnect();
    this.seeing?.disconnect();
    this.flight.stop();
    this.names.leave();
    clearTimeout(this.rest);
    clearTimeout(this.building);
    cancelAnimationFrame(this.frame);
    this.renderer.dispose();
    this.root.remove();
  }
}

/** The box that holds nine tenths of some points along each axis; undefined for none. */
function middleBox(points: Uint32Array, positions: Float32Array): [number, number, number, number] | undefined {
  if (!points.length) return undefined;
  const endsOf = (axis: number) => {
    const sorted = Float32Array.from(points, (point) => positions[2 * point + axis]).sort();
    return [sorted[Math.floor(0.05 * (sorted.length - 1))], sorted[Math.ceil(0.95 * (sorted.length - 1))]];
  };
  const [[left, right], [low, high]] = [endsOf(0), endsOf(1)];
  return [left, low, right, high];
}

function sameView(a: any, b: any) {
  return a.x === b.x && a.y === b.y && a.zoom === b.zoom;
}
