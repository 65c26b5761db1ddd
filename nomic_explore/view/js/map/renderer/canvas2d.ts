import { messages } from "../../messages.ts";
import { noPoints } from "./points.ts";
import type { Points, View } from "./points.ts";

/** Points where there is no WebGL2: the same calls, drawn as small squares. */
export class CanvasRenderer {
  context: CanvasRenderingContext2D | null;
  kind: string;
  points: Points;
  view: View | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d");
    this.kind = this.context ? messages.map.canvasOnly : messages.map.pictureOnly;
    this.points = noPoints();
  }

  set(part: Partial<Points>) {
    Object.assign(this.points, part);
  }

  begin(view: View) {
    this.view = view;
    const { context } = this;
    if (!context) return;
    context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    context.clearRect(0, 0, view.camera.width, view.camera.height);
  }

  range(from: number, to: number) {
    for (let point = from; point < to; point++) this.draw(point);
  }

  some(points: Uint32Array) {
    for (const point of points) this.draw(point);
  }

  draw(point: number) {
    const { context, view } = this;
    if (!context || !view) return;
    const { positions, targets, colors, states, sizes, palette } = this.points;
    const morph = targets.length ? view.morph : 0;
    const x = positions[2 * point] * (1 - morph) + (morph && targets[2 * point] * morph);
    const y = positions[2 * point + 1] * (1 - morph) + (morph && targets[2 * point + 1] * morph);
    const [px, py] = view.camera.toScreen(x, y);
    if (px < -9 || py < -9 || px > view.camera.width + 9 || py > view.camera.height + 9) return;
    const state = states[point];
    if (state === 3) return;
    const own = sizes.length ? 0.75 + (2.45 * sizes[point]) / 255 : 1;
    const weakness = Math.max(state - 3, 0) / 3;
    const size = view.size * own * (state >= 2 ? mix(view.lit.size, 1.05, weakness) : 1);
    context.globalAlpha = state >= 2 ? mix(view.lit.alpha, 0.3, weakness) : state === 1 ? view.grey[3] : view.alpha;
    context.fillStyle = state === 1 ? `rgb(${view.grey.slice(0, 3).map((part) => Math.round(255 * part)).join(" ")})` : palette[colors[point]];
    context.fillRect(px - size / 2, py - size / 2, size, size);
  }

  finish() {
    const { context, view } = this;
    if (!context || !view?.lines) return;
    const { points, starts } = this.points.contours;
    context.globalAlpha = 0.4;
    context.strokeStyle = `rgb(${view.ink.slice(0, 3).map((part) => Math.round(255 * part)).join(" ")})`;
    context.beginPath();
    for (let line = 0; line + 1 < starts.length; line++) {
      for (let at = starts[line]; at < starts[line + 1]; at++) {
        const [px, py] = view.camera.toScreen(points[2 * at], points[2 * at + 1]);
        if (at === starts[line]) context.moveTo(px, py);
        else context.lineTo(px, py);
      }
    }
    context.stroke();
  }

  dispose() {}
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
