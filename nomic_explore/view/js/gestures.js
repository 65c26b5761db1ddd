// @ts-check
import { boxBetween, maskInside } from "./lasso.js";

/** @typedef {"pan" | "lasso" | "box"} Tool */

/** Mouse, pen, fingers and keys on the map. Shift and drag is always a lasso; with Ctrl it adds, with Alt it takes away. */
export class Gestures {
  /** @param {import("./map.js").MapView} map */
  constructor(map) {
    this.map = map;
    /** @type {Tool} */
    this.tool = "pan";
    /** @type {Map<number, [number, number]>} fingers on the map */
    this.fingers = new Map();
    /** @type {(() => void)[]} called when the tool changes */
    this.onTool = [];
    /** @type {(point: number) => void} */
    this.onPick = () => {};
    this.listening = new AbortController();
    const options = { signal: this.listening.signal, passive: false };
    const on = (/** @type {string} */ kind, /** @type {(event: any) => void} */ act) => map.canvas.addEventListener(kind, act, options);
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.moved(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.cancel(event));
    on("pointerleave", () => map.card.hide());
    on("wheel", (event) => this.wheel(event));
    on("dblclick", (event) => {
      map.camera.zoomAt(2, ...this.at(event));
      map.viewChanged();
    });
    on("keydown", (event) => this.key(event));
  }

  /** @param {Tool} tool */
  use(tool) {
    this.tool = tool;
    this.map.canvas.classList.toggle("nx-drawing", tool !== "pan");
    for (const act of this.onTool) act();
  }

  /** @param {MouseEvent} event @returns {[number, number]} */
  at(event) {
    const box = this.map.canvas.getBoundingClientRect();
    const { width, height } = this.map.camera;
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button) return;
    const { map } = this;
    try {
      map.canvas.setPointerCapture(event.pointerId);
    } catch {
      // A pointer that was let go in the meantime cannot be captured; dragging works inside the canvas all the same.
    }
    map.canvas.focus({ preventScroll: true });
    map.card.hide();
    const place = this.at(event);
    this.fingers.set(event.pointerId, place);
    const tool = event.shiftKey ? "lasso" : this.tool;
    map.overlay.polygon = tool === "pan" || this.fingers.size > 1 ? undefined : [map.camera.toWorld(...place)];
    this.drag = { place, from: place, tool, far: 0 };
  }

  /** @param {PointerEvent} event */
  moved(event) {
    const { map } = this;
    const place = this.at(event);
    if (!this.drag) {
      map.card.show(...place);
      return;
    }
    this.drag.far = Math.max(this.drag.far, Math.hypot(place[0] - this.drag.from[0], place[1] - this.drag.from[1]));
    if (this.fingers.size > 1) return this.pinch(event.pointerId, place);
    const { overlay, camera } = map;
    if (this.drag.tool === "lasso") overlay.polygon?.push(camera.toWorld(...place));
    else if (this.drag.tool === "box") overlay.polygon = boxBetween(camera.toWorld(...this.drag.from), camera.toWorld(...place));
    else {
      camera.pan(place[0] - this.drag.place[0], place[1] - this.drag.place[1]);
      map.viewChanged();
    }
    this.drag.place = place;
    if (this.drag.tool !== "pan") requestAnimationFrame(() => overlay.draw());
  }

  /** Two fingers zoom. @param {number} id @param {[number, number]} place */
  pinch(id, place) {
    const other = [...this.fingers].find(([finger]) => finger !== id)?.[1];
    const before = this.fingers.get(id);
    this.fingers.set(id, place);
    if (!other || !before) return;
    const spread = (/** @type {[number, number]} */ one) => Math.hypot(one[0] - other[0], one[1] - other[1]) || 1;
    this.map.camera.zoomAt(spread(place) / spread(before), (place[0] + other[0]) / 2, (place[1] + other[1]) / 2);
    this.map.viewChanged();
  }

  /** @param {PointerEvent} event */
  up(event) {
    const { drag, map } = this;
    const pinched = this.fingers.size > 1;
    this.fingers.delete(event.pointerId);
    if (!this.fingers.size) this.drag = undefined;
    if (!drag || pinched) return;
    const place = this.at(event);
    const wasClick = drag.far < 4; // a lasso may end where it began
    const polygon = map.overlay.polygon;
    map.overlay.polygon = undefined;
    map.overlay.draw();
    if (wasClick) this.onPick(map.pointAt(...place));
    else if (polygon) {
      const mode = event.altKey ? "subtract" : event.ctrlKey || event.metaKey ? "add" : undefined;
      map.desk.select(maskInside(map.desk.grid.finish(), polygon), mode);
      this.use("pan");
    }
  }

  /** @param {PointerEvent} event */
  cancel(event) {
    this.fingers.delete(event.pointerId);
    this.drag = undefined;
    this.map.overlay.polygon = undefined;
    this.map.overlay.draw();
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    this.map.card.hide();
    this.map.camera.zoomAt(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...this.at(event));
    this.map.viewChanged();
  }

  clear() {
    const { map } = this;
    map.overlay.polygon = undefined;
    this.use("pan");
    if (map.desk.hits.length) map.desk.light([]);
    map.desk.selectNothing();
    this.onPick(-1);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { camera } = this.map;
    const step = 60;
    const middle = /** @type {[number, number]} */ ([camera.width / 2, camera.height / 2]);
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowLeft: () => camera.pan(step, 0),
      ArrowRight: () => camera.pan(-step, 0),
      ArrowUp: () => camera.pan(0, step),
      ArrowDown: () => camera.pan(0, -step),
      "+": () => camera.zoomAt(1.4, ...middle),
      "=": () => camera.zoomAt(1.4, ...middle),
      "-": () => camera.zoomAt(1 / 1.4, ...middle),
      0: () => camera.fit(),
      l: () => this.use("lasso"),
      b: () => this.use("box"),
      p: () => this.use("pan"),
      Enter: () => this.onPick(this.map.pointAt(...middle)),
      Escape: () => this.clear(),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
    this.map.viewChanged();
  }

  dispose() {
    this.listening.abort();
  }
}
