import { boxBetween, maskInside } from "./lasso.ts";
import type { MapView } from "./map.ts";

const CLICK_PX = 4; // a pointer that moves less has clicked
const KEY_RADIUS = 90; // pixels from the cross in the middle to the document that Enter reads

export type Tool = "pan" | "lasso" | "box";

/** Mouse, pen, fingers and keys on the map. Shift and drag is always a lasso; with Ctrl it adds, with Alt it takes away. */
export class Gestures {
  map: MapView;
  tool: Tool;
  /** fingers on the map */
  fingers: Map<number, [number, number]>;
  /** called when the tool changes */
  onTool: (() => void)[];
  onPick: (point: number) => void;
  listening: AbortController;
  drag: { place: [number, number]; from: [number, number]; tool: Tool; far: number; } | undefined;

  constructor(map: MapView) {
    this.map = map;
    this.tool = "pan";
    this.fingers = new Map();
    this.onTool = [];
    this.onPick = () => {};
    this.listening = new AbortController();
    const options = { signal: this.listening.signal, passive: false };
    const on = (kind: string, act: (event: any) => void) => map.canvas.addEventListener(kind, act, options);
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.moved(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.cancel(event));
    on("pointerleave", () => this.left());
    on("focus", () => map.root.classList.toggle("nx-by-keys", map.canvas.matches(":focus-visible") && !this.drag));
    on("blur", () => map.root.classList.remove("nx-by-keys"));
    on("wheel", (event) => this.wheel(event));
    on("dblclick", (event) => this.clickedTwice(event));
    on("keydown", (event) => this.key(event));
  }

  use(tool: Tool) {
    this.tool = tool;
    this.map.canvas.classList.toggle("nx-drawing", tool !== "pan");
    for (const act of this.onTool) act();
  }

  at(event: MouseEvent): [number, number] {
    const box = this.map.canvas.getBoundingClientRect();
    const { width, height } = this.map.camera;
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  }

  down(event: PointerEvent) {
    if (event.button) return;
    const { map } = this;
    try {
      map.canvas.setPointerCapture(event.pointerId);
    } catch {
      // A pointer that was let go in the meantime cannot be captured; dragging works inside the canvas all the same.
    }
    this.drag = undefined;
    map.root.classList.remove("nx-by-keys");
    map.canvas.focus({ preventScroll: true });
    map.root.classList.remove("nx-by-keys");
    map.flight.stop();
    map.card.hide();
    const place = this.at(event);
    this.fingers.set(event.pointerId, place);
    const tool = event.shiftKey ? "lasso" : this.tool;
    map.overlay.polygon = tool === "pan" || this.fingers.size > 1 ? undefined : [map.camera.toWorld(...place)];
    this.drag = { place, from: place, tool, far: 0 };
  }

  moved(event: PointerEvent) {
    const { map } = this;
    const place = this.at(event);
    if (!this.drag) {
      const isOnName = this.tool === "pan" && !event.shiftKey && map.names.hover(...place);
      if (isOnName) map.card.hide();
      else map.card.show(...place);
      map.canvas.classList.toggle("nx-on-name", isOnName);
      return;
    }
    if (this.drag.far < CLICK_PX) map.names.leave();
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

  /** Two fingers zoom. */
  pinch(id: number, place: [number, number]) {
    const other = [...this.fingers].find(([finger]) => finger !== id)?.[1];
    const before = this.fingers.get(id);
    this.fingers.set(id, place);
    if (!other || !before) return;
    const spread = (one: [number, number]) => Math.hypot(one[0] - other[0], one[1] - other[1]) || 1;
    this.map.camera.zoomAt(spread(place) / spread(before), (place[0] + other[0]) / 2, (place[1] + other[1]) / 2);
    this.map.viewChanged();
  }

  up(event: PointerEvent) {
    const { drag, map } = this;
    const pinched = this.fingers.size > 1;
    this.fingers.delete(event.pointerId);
    if (!this.fingers.size) this.drag = undefined;
    if (!drag || pinched) return;
    const place = this.at(event);
    const wasClick = drag.far < CLICK_PX; // a lasso may end where it began
    const polygon = map.overlay.polygon;
    map.overlay.polygon = undefined;
    map.overlay.draw();
    const name = drag.tool === "pan" && map.onTopic ? map.names.at(...place) : undefined;
    if (wasClick && name) map.onTopic?.(name, "open");
    else if (wasClick) this.onPick(map.pointAt(...place));
    else if (polygon) {
      const mode = event.altKey ? "subtract" : event.ctrlKey || event.metaKey ? "add" : undefined;
      map.state.select(maskInside(map.state.grid.finish(), polygon), mode);
      this.use("pan");
    }
  }

  cancel(event: PointerEvent) {
    this.fingers.delete(event.pointerId);
    this.drag = undefined;
    this.map.overlay.polygon = undefined;
    this.map.overlay.draw();
  }

  wheel(event: WheelEvent) {
    event.preventDefault();
    this.left();
    this.map.flight.stop();
    this.map.camera.zoomAt(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...this.at(event));
    this.map.viewChanged();
  }

  /** The pointer is gone from the map. */
  left() {
    this.map.card.hide();
    this.map.names.leave();
  }

  /** On a name: goes to its topic; elsewhere: twice as near. */
  clickedTwice(event: MouseEvent) {
    const { map } = this;
    const name = map.names.at(...this.at(event));
    if (name) {
      map.onTopic?.(name, "goTo");
      void map.goToTopic(name.layer, name.topic).catch(() => {}); // of a map of points alone nobody knows the topics
      return;
    }
    map.camera.zoomAt(2, ...this.at(event));
    map.viewChanged();
  }

  /** Takes away what lies on top: a drawing, highlights, the selection and the open document; if there is none, the filters. */
  clearTop() {
    const { state, overlay } = this.map;
    const isMarked = overlay.polygon || state.hits.length || state.selected.length || state.get("focus") >= 0;
    if (isMarked || this.tool !== "pan") this.clear();
    else this.clearAll();
  }

  clearAll() {
    this.clear();
    if (this.map.state.get("filters")?.length) this.map.state.set({ filters: [] });
  }

  clear() {
    const { map } = this;
    map.overlay.polygon = undefined;
    this.use("pan");
    if (map.state.hits.length) map.state.highlight([]);
    map.state.selectNothing();
    this.onPick(-1);
  }

  key(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { camera } = this.map;
    const step = 60;
    const middle = ([camera.width / 2, camera.height / 2] as [number, number]);
    const acts: Record<string, () => void> = {
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
      Enter: () => this.onPick(this.map.pointAt(...middle, KEY_RADIUS)),
      Escape: () => this.clearTop(),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    this.map.flight.stop();
    this.map.root.classList.add("nx-by-keys");
    act();
    this.map.viewChanged();
  }

  dispose() {
    this.listening.abort();
  }
}
