import { element } from "../dom.ts";
import type { MapView } from "./map.ts";

/** Lines above the points: the ring round the chosen document, lines to its neighbors, the lasso. Hidden while there is nothing. */
export class Overlay {
  map: MapView;
  canvas: HTMLCanvasElement;
  /** neighbors of the chosen document */
  neighbors: {point: number, similarity: number}[];
  /** corners in world coordinates */
  polygon: [number, number][] | undefined;
  /** documents that are kept of a group of copies */
  halos: number[];
  /** copies and what they resemble */
  links: {from: number, to: number, isSure: boolean}[];

  constructor(host: HTMLElement, map: MapView) {
    this.map = map;
    this.canvas = (element(host, "canvas", "nx-overlay", "atlas-overlay") as HTMLCanvasElement);
    this.neighbors = [];
    this.polygon = undefined;
    this.halos = [];
    this.links = [];
  }

  draw() {
    const { map, canvas } = this;
    const focus = map.state.get("focus") ?? -1;
    const hasCopies = this.halos.length > 0 || this.links.length > 0;
    const isEmpty = (focus < 0 || focus >= map.state.n) && !this.polygon?.length && !hasCopies;
    canvas.hidden = isEmpty;
    canvas.dataset.lines = String(isEmpty || focus < 0 ? 0 : this.neighbors.length);
    canvas.dataset.halos = String(this.halos.length);
    canvas.dataset.links = String(this.links.length);
    const context = canvas.getContext("2d");
    if (isEmpty || !context) return;
    context.setTransform(map.ratio ?? 1, 0, 0, map.ratio ?? 1, 0, 0);
    context.clearRect(0, 0, map.camera.width, map.camera.height);
    context.strokeStyle = getComputedStyle(map.root).getPropertyValue("--nx-accent") || "#2f5fd0";
    if (hasCopies) this.drawCopies(context);
    if (focus >= 0 && focus < map.state.n) this.drawFocus(context, focus);
    if (this.polygon?.length) this.drawPolygon(context, this.polygon);
  }

  drawFocus(context: CanvasRenderingContext2D, focus: number) {
    const { map } = this;
    const own = map.camera.toScreen(...map.placeOf(focus));
    for (const { point, similarity } of this.neighbors) {
      if (point < 0) continue;
      const other = map.camera.toScreen(...map.placeOf(point));
      context.globalAlpha = Math.max(0.25, Math.min(0.95, similarity));
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(...own);
      context.lineTo(...other);
      context.stroke();
      context.beginPath();
      context.arc(...other, 5, 0, 2 * Math.PI);
      context.stroke();
    }
    context.globalAlpha = 1;
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(...own, 10, 0, 2 * Math.PI);
    context.stroke();
  }

  /** A halo round each kept document; a line from each copy to it, dashed from what is still to review. */
  drawCopies(context: CanvasRenderingContext2D) {
    const { map } = this;
    const placeOf = (point: number) => map.camera.toScreen(...map.placeOf(point));
    context.lineWidth = 1.5;
    context.globalAlpha = 0.75;
    for (const { from, to, isSure } of this.links) {
      if (from >= map.state.n || to >= map.state.n) continue;
      context.setLineDash(isSure ? [] : [4, 3]);
      context.beginPath();
      context.moveTo(...placeOf(from));
      context.lineTo(...placeOf(to));
      context.stroke();
    }
    context.setLineDash([]);
    context.fillStyle = context.strokeStyle;
    for (const point of this.halos) {
      if (point >= map.state.n) continue;
      context.beginPath();
      context.arc(...placeOf(point), 13, 0, 2 * Math.PI);
      context.globalAlpha = 0.16;
      context.fill();
      context.globalAlpha = 0.85;
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  drawPolygon(context: CanvasRenderingContext2D, polygon: [number, number][]) {
    context.lineWidth = 1.5;
    context.beginPath();
    for (const [x, y] of polygon) context.lineTo(...this.map.camera.toScreen(x, y));
    context.closePath();
    context.globalAlpha = 0.15;
    context.fillStyle = context.strokeStyle;
    context.fill();
    context.globalAlpha = 1;
    context.stroke();
  }
}
