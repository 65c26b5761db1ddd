/** What part of the map is seen. World coordinates run from -1 to 1; screen coordinates are CSS pixels from the top left. */
export class Camera {
  width: number;
  height: number;
  /** Half the width and height of what is drawn, in world units. */
  extent: [number, number];
  x: number;
  y: number;
  zoom: number;

  constructor() {
    this.width = 1;
    this.height = 1;
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

  get view() {
    return { x: this.x, y: this.y, zoom: this.zoom };
  }

  set view({ x, y, zoom }: {x?: number, y?: number, zoom?: number}) {
    this.x = clamp(Number(x) || 0, -1.5, 1.5);
    this.y = clamp(Number(y) || 0, -1.5, 1.5);
    this.zoom = clamp(Number(zoom) || 1, 0.5, 1000);
  }
}

export function clamp(value: number, low: number, high: number) {
  return Math.min(high, Math.max(low, value));
}
