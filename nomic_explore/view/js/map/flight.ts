import type { Place } from "./camera.ts";
import type { MapView } from "./map.ts";

const FLIGHT_MS = 420;

/** Moves the map to a view step by step, or at once for those who do not want motion; a new flight or `stop` ends it. */
export class Flight {
  private readonly map: MapView;
  private frame = 0;

  constructor(map: MapView) {
    this.map = map;
  }

  to(end: Place) {
    this.stop();
    const begin = { ...this.map.camera.view };
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.show(end);
    let began: number | undefined;
    const step = (now: number) => {
      began ??= now;
      const share = Math.min(1, (now - began) / FLIGHT_MS);
      this.show(between(begin, end, share * share * (3 - 2 * share)));
      this.frame = share < 1 ? requestAnimationFrame(step) : 0;
    };
    this.frame = requestAnimationFrame(step);
    this.map.move();
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  private show(view: Place) {
    this.map.camera.view = view;
    this.map.viewChanged();
  }
}

/** A view on the way: the scale changes evenly, and what lies in the middle of the end moves there on a straight line. */
export function between(begin: Place, end: Place, share: number): Place {
  if (share >= 1) return end;
  const zoom = begin.zoom * (end.zoom / begin.zoom) ** share;
  const isSameScale = Math.abs(end.zoom / begin.zoom - 1) < 0.01;
  const way = isSameScale ? share : (1 / begin.zoom - 1 / zoom) / (1 / begin.zoom - 1 / end.zoom);
  return { x: begin.x + (end.x - begin.x) * way, y: begin.y + (end.y - begin.y) * way, zoom };
}
