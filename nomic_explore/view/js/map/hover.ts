import { clamp } from "./camera.ts";
import { element, textElement } from "../dom.ts";
import type { MapView } from "./map.ts";

/** The card beside the pointer. What it says is asked for, one document at a time; a late answer is dropped. */
export class HoverCard {
  map: MapView;
  root: HTMLElement;
  point: number;

  constructor(host: HTMLElement, map: MapView) {
    this.map = map;
    this.root = element(host, "div", "nx-card", "atlas-hover");
    this.root.hidden = true;
    this.point = -1;
  }

  hide() {
    this.point = -1;
    this.root.hidden = true;
    this.map.canvas.classList.remove("nx-pointing");
  }

  async show(px: number, py: number) {
    const { map } = this;
    const point = map.pointAt(px, py);
    if (point < 0) return this.hide();
    map.canvas.classList.add("nx-pointing");
    if (point === this.point) return this.place(px, py);
    this.point = point;
    let response;
    try {
      response = await map.state.ask("describe", { point });
    } catch {
      return; // a map of points alone has nothing to say about them
    }
    if (this.point !== point || map.state.signal.aborted) return;
    this.root.replaceChildren();
    if (response.title) textElement(this.root, "div", "nx-card-title", response.title, "atlas-hover-title");
    if (response.topic) textElement(this.root, "div", "nx-card-topic", response.topic);
    for (const [name, value] of response.fields) {
      const line = element(this.root, "div", "nx-card-field");
      textElement(line, "span", "nx-soft", `${name} `);
      textElement(line, "span", "", value);
    }
    textElement(this.root, "div", "nx-card-text", response.text);
    this.root.dataset.point = String(point);
    this.root.hidden = false;
    this.place(px, py);
  }

  place(px: number, py: number) {
    const { offsetWidth, offsetHeight } = this.root;
    const { width, height } = this.map.camera;
    const x = px + 16 + offsetWidth > width ? px - offsetWidth - 16 : px + 16;
    const y = clamp(py - offsetHeight / 2, 8, Math.max(8, height - offsetHeight - 8));
    this.root.style.transform = `translate(${Math.max(8, x)}px, ${y}px)`;
  }
}
