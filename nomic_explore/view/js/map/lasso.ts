import { emptyMask } from "../bitmask.ts";
import type { PointGrid } from "./picking.ts";

/** The points inside a polygon (even-odd rule), as a mask. @param grid ready @param polygon corners in world coordinates */
export function maskInside(grid: PointGrid, polygon: [number, number][]) {
  const mask = emptyMask(grid.n);
  if (polygon.length < 3) return mask;
  const xs = Float64Array.from(polygon, (corner) => corner[0]);
  const ys = Float64Array.from(polygon, (corner) => corner[1]);
  const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  const { positions, points } = grid;
  grid.eachCell(box, (first, last) => {
    for (let at = first; at < last; at++) {
      const point = points[at];
      const x = positions[2 * point];
      const y = positions[2 * point + 1];
      if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) continue;
      let inside = false;
      for (let a = 0, b = xs.length - 1; a < xs.length; b = a++) {
        if (ys[a] > y !== ys[b] > y && x < ((xs[b] - xs[a]) * (y - ys[a])) / (ys[b] - ys[a]) + xs[a]) inside = !inside;
      }
      if (inside) mask[point >> 3] |= 1 << (point & 7);
    }
  });
  return mask;
}

/** The corners of a box between two places. */
export function boxBetween([ax, ay]: [number, number], [bx, by]: [number, number]): [number, number][] {
  return [[ax, ay], [bx, ay], [bx, by], [ax, by]];
}
