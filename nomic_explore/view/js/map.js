// @ts-check
import { Camera, clamp } from "./camera.js";
import { placeLabels } from "./labels.js";
import { pointsInside } from "./lasso.js";
import { PointGrid } from "./picking.js";
import { makeRenderer } from "./renderer.js";

/**
 * @typedef {Object} MapData
 * @property {Float32Array} positions x0, y0 … in -1..1, shuffled, so that any prefix is a fair sample
 * @property {Uint16Array} colors palette index of each point
 * @property {{light: string[], dark: string[]}} palettes
 * @property {import("./labels.js").Label[]} labels
 *
 * @typedef {Object} MapEvents
 * @property {(point: number) => Promise<{title: string, text: string} | null>} describe what the hover card says
 * @property {(point: number) => void} onPick
 * @property {(points: Uint32Array) => void} onSelect
 */

const FRAME_BUDGET_MS = 40;
const REST_MS = 140;
const PICK_RADIUS = 9;
const GREY = { light: [0.62, 0.64, 0.68, 0.22], dark: [0.5, 0.53, 0.58, 0.2] };

/** The map: a canvas with points, names above it, a hover card, a toolbar and a status line. */
export class AtlasMap {
  /** @param {HTMLElement} host @param {MapEvents} events @param {number} height pixels */
  constructor(host, events, height) {
    this.events = events;
    this.camera = new Camera();
    this.listening = new AbortController();
    this.root = element(host, "div", "nx-map", "atlas-map");
    this.root.style.height = `${height}px`;
    this.canvas = /** @type {HTMLCanvasElement} */ (element(this.root, "canvas", "nx-canvas", "atlas-canvas"));
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.names = element(this.root, "div", "nx-names", "atlas-labels");
    this.path = /** @type {HTMLCanvasElement} */ (element(this.root, "canvas", "nx-path"));
    this.card = element(this.root, "div", "nx-card", "atlas-hover");
    this.card.hidden = true;
    this.status = element(this.root, "div", "nx-status", "atlas-status");
    this.status.setAttribute("role", "status");
    this.makeToolbar();
    this.renderer = makeRenderer(this.canvas, () => this.settle());
    /** @type {MapData} */
    this.data = { positions: new Float32Array(0), colors: new Uint16Array(0), palettes: { light: ["#888888"], dark: ["#888888"] }, labels: [] };
    this.selected = new Uint32Array(0);
    this.hits = new Uint32Array(0);
    this.focus = -1;
    this.budget = 100_000;
    this.frame = 0;
    this.listen();
  }

  get theme() {
    return this.root.classList.contains("nx-dark") ? "dark" : "light";
  }

  /** @param {MapData} data */
  setData(data) {
    this.data = data;
    this.grid = new PointGrid(data.positions);
    this.states = new Uint8Array(data.positions.length / 2);
    this.camera.extent = extentOf(data.positions);
    this.renderer.setPositions(data.positions);
    this.renderer.setColors(data.colors);
    this.canvas.setAttribute("aria-label", `Map of ${count(this.states.length)} documents; arrow keys move, plus and minus zoom`);
    this.names.replaceChildren();
    this.labelElements = data.labels.map(({ text, layer }) => {
      const name = element(this.names, "div", `nx-name nx-layer-${Math.min(layer, 2)}`);
      name.textContent = text;
      return name;
    });
    this.measureLabels();
    this.updateTheme();
    this.updateStates();
  }

  measureLabels() {
    this.boxes = (this.labelElements ?? []).map((name) => ({ width: name.offsetWidth, height: name.offsetHeight }));
  }

  /** @param {Uint32Array} points */
  setSelected(points) {
    this.selected = points;
    this.updateStates();
  }

  /** @param {Uint32Array} points search hits or a group, lit while the others turn grey */
  setHits(points) {
    this.hits = points;
    this.updateStates();
  }

  /** @param {number} point brought into the middle and ringed; -1 for none */
  setFocus(point) {
    this.focus = point;
    if (point >= 0) this.camera.goTo(this.data.positions[2 * point], this.data.positions[2 * point + 1], 3);
    this.settle();
  }

  updateStates() {
    if (!this.states) return;
    this.states.fill(0);
    for (const points of [this.selected, this.hits]) for (const point of points) this.states[point] = 1;
    this.renderer.setStates(this.states);
    this.settle();
  }

  updateTheme() {
    const lab = document.body.dataset.jpThemeLight;
    const dark = lab ? lab === "false" : matchMedia("(prefers-color-scheme: dark)").matches;
    this.root.classList.toggle("nx-dark", dark);
    this.renderer.setPalette(this.data.palettes[dark ? "dark" : "light"]);
    this.settle();
  }

  resize() {
    const { clientWidth, clientHeight } = this.root;
    if (!clientWidth || !clientHeight) return;
    this.ratio = Math.min(devicePixelRatio || 1, 2);
    for (const canvas of [this.canvas, this.path]) {
      canvas.width = Math.round(clientWidth * this.ratio);
      canvas.height = Math.round(clientHeight * this.ratio);
    }
    this.camera.width = clientWidth;
    this.camera.height = clientHeight;
    if (!this.boxes?.some((box) => box.width)) this.measureLabels();
    this.settle();
  }

  /** The view moves: a sample is drawn now, all points once it rests. */
  move() {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.settle(), REST_MS);
    this.request(true);
  }

  /** Draws everything. */
  settle() {
    this.request(false);
  }

  /** @param {boolean} moving */
  request(moving) {
    this.moving = moving;
    if (this.frame || !this.camera) return;
    this.frame = requestAnimationFrame((now) => {
      this.frame = 0;
      this.draw(now);
    });
  }

  /** @param {number} now */
  draw(now) {
    const total = this.states?.length ?? 0;
    if (this.moving && this.lastMoved) {
      const took = now - this.lastMoved;
      if (took > FRAME_BUDGET_MS) this.budget = Math.max(20_000, this.budget * 0.8);
      else if (took < FRAME_BUDGET_MS / 2) this.budget = Math.min(10_000_000, this.budget * 1.2);
    }
    this.lastMoved = this.moving ? now : 0;
    const drawn = this.moving ? Math.min(total, Math.round(this.budget)) : total;
    const size = clamp(9.4 - 1.35 * Math.log10(total + 1), 1.3, 7) * clamp(this.camera.zoom, 0.7, 40) ** 0.33;
    const alpha = clamp(1.25 - 0.12 * Math.log10(total + 1), 0.3, 0.9);
    const dim = this.selected.length + this.hits.length > 0;
    const view = { camera: this.camera, count: drawn, size, alpha, dim, ratio: this.ratio ?? 1, grey: GREY[this.theme] };
    this.renderer.draw(view);
    this.placeNames();
    this.drawPath();
    this.canvas.dataset.pointsDrawn = String(drawn);
    this.canvas.dataset.ready = String(total > 0 && drawn === total);
    const parts = [`${count(total)} documents`, this.renderer.kind, drawn === total ? "all drawn" : `${count(drawn)} drawn while moving`];
    if (this.hits.length) parts.push(`${count(this.hits.length)} lit`);
    if (this.selected.length) parts.push(`${count(this.selected.length)} selected`);
    this.status.textContent = parts.join(" · ");
  }

  placeNames() {
    if (!this.labelElements || !this.boxes) return;
    const placed = placeLabels(this.data.labels, this.boxes, this.camera);
    this.labelElements.forEach((name, at) => {
      const place = placed.get(at);
      name.style.visibility = place ? "visible" : "hidden";
      if (place) name.style.transform = `translate(${place[0] - this.boxes[at].width / 2}px, ${place[1] - this.boxes[at].height / 2}px)`;
    });
  }

  drawPath() {
    const context = this.path.getContext("2d");
    if (!context) return;
    context.setTransform(this.ratio ?? 1, 0, 0, this.ratio ?? 1, 0, 0);
    context.clearRect(0, 0, this.camera.width, this.camera.height);
    context.strokeStyle = getComputedStyle(this.root).getPropertyValue("--nx-accent");
    context.lineWidth = 2;
    if (this.focus >= 0) {
      const [px, py] = this.camera.toScreen(this.data.positions[2 * this.focus], this.data.positions[2 * this.focus + 1]);
      context.beginPath();
      context.arc(px, py, 11, 0, 2 * Math.PI);
      context.stroke();
    }
    if (this.polygon?.length) {
      context.beginPath();
      for (const [x, y] of this.polygon) context.lineTo(...this.camera.toScreen(x, y));
      context.closePath();
      context.globalAlpha = 0.15;
      context.fillStyle = context.strokeStyle;
      context.fill();
      context.globalAlpha = 1;
      context.stroke();
    }
  }

  makeToolbar() {
    const bar = element(this.root, "div", "nx-toolbar");
    const button = (/** @type {string} */ text, /** @type {string} */ title, /** @type {string} */ id, /** @type {() => void} */ act) => {
      const made = /** @type {HTMLButtonElement} */ (element(bar, "button", "nx-button", id));
      made.textContent = text;
      made.title = title;
      made.type = "button";
      made.addEventListener("click", act, { signal: this.listening.signal });
      return made;
    };
    button("Fit", "Show the whole map (0)", "atlas-fit", () => {
      this.camera.fit();
      this.settle();
    });
    this.lassoButton = button("Lasso", "Draw round documents to select them; or hold Shift and drag", "atlas-lasso", () => this.armLasso(!this.lassoArmed));
    button("Clear", "Select nothing (Esc)", "atlas-clear", () => this.clear());
  }

  /** @param {boolean} armed */
  armLasso(armed) {
    this.lassoArmed = armed;
    this.lassoButton?.setAttribute("aria-pressed", String(armed));
    this.canvas.classList.toggle("nx-lassoing", armed);
  }

  clear() {
    this.polygon = undefined;
    this.focus = -1;
    this.hits = new Uint32Array(0);
    this.armLasso(false);
    this.setSelected(new Uint32Array(0));
    this.events.onSelect(this.selected);
  }

  listen() {
    const { signal } = this.listening;
    const on = (/** @type {string} */ kind, /** @type {(event: any) => void} */ act) => this.canvas.addEventListener(kind, act, { signal, passive: false });
    on("pointerdown", (event) => this.pointerDown(event));
    on("pointermove", (event) => this.pointerMove(event));
    on("pointerup", (event) => this.pointerUp(event));
    on("pointercancel", () => (this.drag = undefined));
    on("pointerleave", () => (this.card.hidden = true));
    on("wheel", (event) => {
      event.preventDefault();
      this.camera.zoomAt(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...this.at(event));
      this.move();
    });
    on("dblclick", (event) => {
      this.camera.zoomAt(2, ...this.at(event));
      this.move();
    });
    on("keydown", (event) => this.keyDown(event));
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.root);
    this.theming = new MutationObserver(() => this.updateTheme());
    this.theming.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.updateTheme(), { signal });
  }

  /** @param {PointerEvent | WheelEvent} event @returns {[number, number]} */
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * this.camera.width, ((event.clientY - box.top) / box.height) * this.camera.height];
  }

  /** @param {PointerEvent} event */
  pointerDown(event) {
    if (event.button) return;
    try {
      this.canvas.setPointerCapture(event.pointerId);
    } catch {
      // A pointer that was let go in the meantime cannot be captured; dragging works inside the canvas all the same.
    }
    this.canvas.focus({ preventScroll: true });
    this.card.hidden = true;
    const place = this.at(event);
    const lasso = event.shiftKey || this.lassoArmed;
    this.polygon = lasso ? [this.camera.toWorld(...place)] : undefined;
    this.drag = { place, from: place, lasso };
  }

  /** @param {PointerEvent} event */
  pointerMove(event) {
    const place = this.at(event);
    if (!this.drag) {
      this.hover(...place);
      return;
    }
    if (this.drag.lasso) this.polygon?.push(this.camera.toWorld(...place));
    else this.camera.pan(place[0] - this.drag.place[0], place[1] - this.drag.place[1]);
    this.drag.place = place;
    this.move();
  }

  /** @param {PointerEvent} event */
  pointerUp(event) {
    const drag = this.drag;
    this.drag = undefined;
    if (!drag) return;
    const place = this.at(event);
    const moved = Math.hypot(place[0] - drag.from[0], place[1] - drag.from[1]);
    if (drag.lasso) {
      const points = pointsInside(this.data.positions, this.polygon ?? []);
      this.polygon = undefined;
      this.armLasso(false);
      this.setSelected(points);
      this.events.onSelect(points);
    } else if (moved < 4) {
      const point = this.pointAt(...place);
      this.focus = point;
      this.settle();
      if (point >= 0) this.events.onPick(point);
    }
  }

  /** @param {KeyboardEvent} event */
  keyDown(event) {
    const step = 60;
    const middle = /** @type {[number, number]} */ ([this.camera.width / 2, this.camera.height / 2]);
    const acts = {
      ArrowLeft: () => this.camera.pan(step, 0),
      ArrowRight: () => this.camera.pan(-step, 0),
      ArrowUp: () => this.camera.pan(0, step),
      ArrowDown: () => this.camera.pan(0, -step),
      "+": () => this.camera.zoomAt(1.4, ...middle),
      "=": () => this.camera.zoomAt(1.4, ...middle),
      "-": () => this.camera.zoomAt(1 / 1.4, ...middle),
      0: () => this.camera.fit(),
      Escape: () => this.clear(),
    };
    const act = acts[/** @type {keyof typeof acts} */ (event.key)];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
    this.move();
  }

  /** @param {number} px @param {number} py */
  pointAt(px, py) {
    const [x, y] = this.camera.toWorld(px, py);
    return this.grid ? this.grid.nearest(x, y, PICK_RADIUS / this.camera.scale) : -1;
  }

  /** @param {number} px @param {number} py */
  async hover(px, py) {
    const point = this.pointAt(px, py);
    this.canvas.classList.toggle("nx-pointing", point >= 0);
    if (point === this.hovered && !this.card.hidden) return this.placeCard(px, py);
    this.hovered = point;
    if (point < 0) {
      this.card.hidden = true;
      return;
    }
    const told = await this.events.describe(point);
    if (!told || this.hovered !== point || this.drag || this.listening.signal.aborted) return;
    this.card.replaceChildren();
    element(this.card, "div", "nx-card-title").textContent = told.title;
    element(this.card, "div", "nx-card-text").textContent = told.text;
    this.card.dataset.point = String(point);
    this.card.hidden = false;
    this.placeCard(px, py);
  }

  /** @param {number} px @param {number} py */
  placeCard(px, py) {
    const { offsetWidth, offsetHeight } = this.card;
    const x = px + 16 + offsetWidth > this.camera.width ? px - offsetWidth - 16 : px + 16;
    const y = clamp(py - offsetHeight / 2, 8, Math.max(8, this.camera.height - offsetHeight - 8));
    this.card.style.transform = `translate(${Math.max(8, x)}px, ${y}px)`;
  }

  /** Removes every listener, timer and element. */
  dispose() {
    this.listening.abort();
    this.resizing?.disconnect();
    this.theming?.disconnect();
    clearTimeout(this.rest);
    cancelAnimationFrame(this.frame);
    this.renderer.dispose();
    this.root.remove();
  }
}

/** @param {HTMLElement} parent @param {string} tag @param {string} className @param {string} [testId] @returns {HTMLElement} */
export function element(parent, tag, className, testId) {
  const made = document.createElement(tag);
  made.className = className;
  if (testId) made.dataset.testid = testId;
  parent.append(made);
  return made;
}

/** Half the width and height of the points, in world units. @param {Float32Array} positions @returns {[number, number]} */
function extentOf(positions) {
  let [x, y] = [0.05, 0.05];
  for (let at = 0; at < positions.length; at += 2) {
    x = Math.max(x, Math.abs(positions[at]));
    y = Math.max(y, Math.abs(positions[at + 1]));
  }
  return [x, y];
}

/** @param {number} value */
export function count(value) {
  return value.toLocaleString("en-US");
}
