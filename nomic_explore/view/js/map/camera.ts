/** What is seen: the middle, and how many times larger than at home. */
export type Place = { x: number; y: number; zoom: number };

const FILLED = 0.92; // share of the view that the home view fills, along the side that limits it; as in Python
const BOX_FILLED = 0.8; // share of the view that a box fills which is gone to
const MAX_FLOWN_TO = 60;

/** What part of the map is seen. World coordinates run from -1 to 1; screen coordinates are CSS pixels from the top left. */
export class Camera {
  width: number;
  height: number;
  /** What is seen at zoom 1: the middle, x and y, and half the width and height, in world units. */
  home: [number, number, number, number];
  x: number;
  y: number;
  zoom: number;

  constructor() {
    this.width = 1;
    this.height = 1;
    this.home = [0, 0, 1, 1];
    this.x = 0;
    this.y = 0;
    this.zoom = 1;
  }

  /** Shows what is seen at home: nearly all of the map. */
  fit() {
    this.view = { x: this.home[0], y: this.home[1], zoom: 1 };
  }

  /** Pixels a world unit takes. */
  get scale() {
    return this.zoom * (FILLED / 2) * Math.min(this.width / this.home[2], this.height / this.home[3]);
  }

  /** The part of the world that is seen: x low, y low, x high, y high. @param margin pixels */
  box(margin: number = 0) {
    const [halfX, halfY] = [(this.width / 2 + margin) / this.scale, (this.height / 2 + margin) / this.scale];
    return [this.x - halfX, this.y - halfY, this.x + halfX, this.y + halfY];
  }

  toScreen(x: number, y: number): [number, number] {
    return [this.width / 2 + (x - this.x) * this.scale, this.height / 2 - (y - this.y) * this.scale];
  }

  toWorld(px: number, py: number): [number, number] {
    return [this.x + (px - this.width / 2) / this.scale, this.y - (py - this.height / 2) / this.scale];
  }

  /** @param dx pixels @param dy pixels */
  pan(dx: number, dy: number) {
    this.x = clamp(this.x - dx / this.scale, -1.5, 1.5);
    this.y = clamp(this.y + dy / this.scale, -1.5, 1.5);
  }

  /** Zooms so that the world point under the pointer stays there. */
  zoomAt(factor: number, px: number, py: number) {
    const [wx, wy] = this.toWorld(px, py);
    this.zoom = clamp(this.zoom * factor, 0.5, 1000);
    const [nx, ny] = this.toWorld(px, py);
    this.x += wx - nx;
    this.y += wy - ny;
  }

  /** Brings a world point into the middle, near enough to read its surroundings. */
  goTo(x: number, y: number, zoom: number) {
    this.x = x;
    this.y = y;
    this.zoom = Math.max(this.zoom, zoom);
  }

  /** The view in which a box fills most of the screen. @param box x low, y low, x high, y high */
  viewOf([left, low, right, high]: [number, number, number, number]) {
    const scale = BOX_FILLED * Math.min(this.width / Math.max(right - left, 1e-6), this.height / Math.max(high - low, 1e-6));
    return { x: (left + right) / 2, y: (low + high) / 2, zoom: clamp((scale * this.zoom) / this.scale, 1, MAX_FLOWN_TO) };
  }

  get view(): Place {
    return { x: this.x, y: this.y, zoom: this.zoom };
  }

  set view({ x, y, zoom }: Partial<Place>) {
    this.x = clamp(Number(x) || 0, -1.5, 1.5);
    this.y = clamp(Number(y) || 0, -1.5, 1.5);
    this.zoom = clamp(Number(zoom) || 1, 0.5, 1000);
  }
}

export function clamp(value: number, low: number, high: number) {
  return Math.min(high, Math.max(low, value));
}
