// @ts-check
import { clamp } from "./camera.js";
import { element, words } from "./dom.js";

/** The card beside the pointer. What it says is asked for, one document at a time; a late answer is dropped. */
export class HoverCard {
  /** @param {HTMLElement} host @param {import("./map.js").MapView} map */
  constructor(host, map) {
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

  /** @param {number} px @param {number} py */
  async show(px, py) {
    const { map } = this;
    const point = map.pointAt(px, py);
    if (point < 0) return this.hide();
    map.canvas.classList.add("nx-pointing");
    if (point === this.point) return this.place(px, py);
    this.point = point;
    let told;
    try {
      told = await map.desk.ask("describe", { point });
    } catch {
      return; // a map of points alone has nothing to say about them
    }
    if (this.point !== point || map.desk.signal.signal.aborted) return;
    this.root.replaceChildren();
    words(this.root, "div", "nx-card-title", told.title);
    for (const [name, value] of told.fields) {
      const line = element(this.root, "div", "nx-card-field");
      words(line, "span", "nx-soft", `${name} `);
      words(line, "span", "", value);
    }
    words(this.root, "div", "nx-card-text", told.text);
    this.root.dataset.point = String(point);
    this.root.hidden = false;
    this.place(px, py);
  }

  /** @param {number} px @param {number} py */
  place(px, py) {
    const { offsetWidth, offsetHeight } = this.root;
    const { width, height } = this.map.camera;
    const x = px + 16 + offsetWidth > width ? px - offsetWidth - 16 : px + 16;
    const y = clamp(py - offsetHeight / 2, 8, Math.max(8, height - offsetHeight - 8));
    this.root.style.transform = `translate(${Math.max(8, x)}px, ${y}px)`;
  }
}
