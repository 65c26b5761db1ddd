// @ts-check
/** What part of the map is seen. World coordinates run from -1 to 1; screen coordinates are CSS pixels from the top left. */
export class Camera {
  constructor() {
    this.width = 1;
    this.height = 1;
    /** Half the width and height of what is drawn, in world units. @type {[number, number]} */
    this.extent = [1, 1];
    this.x = 0;
    this.y = 0;
    this.zoom = 1;
  }

  /** Shows the whole map. */
  fit() {
    this.x = 0;
    this.y = 0;
    this.zoom = 1;
  }

  /** Pixels a world unit takes. */
  get scale() {
    return this.zoom * 0.46 * Math.min(this.width / this.extent[0], this.height / this.extent[1]);
  }

  /** The part of the world that is seen: x low, y low, x high, y high. @param {number} [margin] pixels */
  box(margin = 0) {
    const [halfX, halfY] = [(this.width / 2 + margin) / this.scale, (this.height / 2 + margin) / this.scale];
    return [this.x - halfX, this.y - halfY, this.x + halfX, this.y + halfY];
  }

  /** @param {number} x @param {number} y @returns {[number, number]} */
  toScreen(x, y) {
    return [this.width / 2 + (x - this.x) * this.scale, this.height / 2 - (y - this.y) * this.scale];
  }

  /** @param {number} px @param {number} py @returns {[number, number]} */
  toWorld(px, py) {
    return [this.x + (px - this.width / 2) / this.scale, this.y - (py - this.height / 2) / this.scale];
  }

  /** @param {number} dx pixels @param {number} dy pixels */
  pan(dx, dy) {
    this.x = clamp(this.x - dx / this.scale, -1.5, 1.5);
    this.y = clamp(this.y + dy / this.scale, -1.5, 1.5);
  }

  /** Zooms so that the world point under the pointer stays there. @param {number} factor @param {number} px @param {number} py */
  zoomAt(factor, px, py) {
    const [wx, wy] = this.toWorld(px, py);
    this.zoom = clamp(this.zoom * factor, 0.5, 1000);
    const [nx, ny] = this.toWorld(px, py);
    this.x += wx - nx;
    this.y += wy - ny;
  }

  /** Brings a world point into the middle, near enough to read its surroundings. @param {number} x @param {number} y @param {number} zoom */
  goTo(x, y, zoom) {
    this.x = x;
    this.y = y;
    this.zoom = Math.max(this.zoom, zoom);
  }

  get view() {
    return { x: this.x, y: this.y, zoom: this.zoom };
  }

  /** @param {{x?: number, y?: number, zoom?: number}} view */
  set view({ x, y, zoom }) {
    this.x = clamp(Number(x) || 0, -1.5, 1.5);
    this.y = clamp(Number(y) || 0, -1.5, 1.5);
    this.zoom = clamp(Number(zoom) || 1, 0.5, 1000);
  }
}

/** @param {number} value @param {number} low @param {number} high */
export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
