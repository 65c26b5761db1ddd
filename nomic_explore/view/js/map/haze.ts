import { DENSITY_REACH, parseColor } from "./renderer/points.ts";

const SIDE = 96; // cells along each side of the grid
const MAX_SAMPLED = 200_000; // points; they lie shuffled, so the first are a fair sample
const BLUR = 1; // cells to each side, three times: nearly a Gaussian of the width that our pictures use
const UNSURE = 0.25; // weight of a point without a value of its own: its grey must not take the color from the others

/**
 * The colors of the haze: those of the points that lie near, mixed, for each cell of a square that spans the density grid.
 * Four bytes a cell, the last always 255.
 */
export function hazeColors(positions: Float32Array, colors: Uint8Array | Uint16Array, palette: string[]): Uint8Array {
  const sums = sumColors(positions, colors, palette);
  const near = blurred(sums, BLUR);
  const far = blurred(near, 8 * BLUR); // for cells near which nothing lies
  const made = new Uint8Array(4 * SIDE * SIDE);
  for (let cell = 0; cell < SIDE * SIDE; cell++) {
    const weight = near[4 * cell + 3] + 1e-3 * far[4 * cell + 3];
    for (let part = 0; part < 3; part++) {
      const sum = near[4 * cell + part] + 1e-3 * far[4 * cell + part];
      made[4 * cell + part] = weight > 0 ? Math.round(sum / weight) : 128;
    }
    made[4 * cell + 3] = 255;
  }
  return made;
}

/** Red, green, blue and weight of each cell. */
function sumColors(positions: Float32Array, colors: Uint8Array | Uint16Array, palette: string[]): Float32Array {
  const sums = new Float32Array(4 * SIDE * SIDE);
  const parts = palette.map(parseColor);
  const n = Math.min(positions.length / 2, colors.length, MAX_SAMPLED);
  const cellOf = (value: number) => Math.min(SIDE - 1, Math.max(0, Math.floor(((value + DENSITY_REACH) / (2 * DENSITY_REACH)) * SIDE)));
  for (let point = 0; point < n; point++) {
    const at = 4 * (cellOf(positions[2 * point + 1]) * SIDE + cellOf(positions[2 * point]));
    const weight = colors[point] ? 1 : UNSURE;
    const color = parts[colors[point]] ?? parts[0];
    for (let part = 0; part < 3; part++) sums[at + part] += weight * color[part];
    sums[at + 3] += weight;
  }
  return sums;
}

/** The grid spread along both axes by three running means. */
function blurred(grid: Float32Array, reach: number): Float32Array {
  let [from, to] = [grid.slice(), new Float32Array(grid.length)];
  for (let pass = 0; pass < 3; pass++) {
    for (const [step, across] of [[4, 4 * SIDE], [4 * SIDE, 4]]) {
      for (let line = 0; line < SIDE; line++) for (let part = 0; part < 4; part++) smoothLine(from, to, line * across + part, step, reach);
      [from, to] = [to, from];
    }
  }
  return from;
}

/** One line of a grid: each cell becomes the mean of those up to `reach` away; beyond the ends there is nothing. */
function smoothLine(from: Float32Array, to: Float32Array, start: number, step: number, reach: number) {
  let sum = 0;
  for (let at = 0; at < reach; at++) sum += from[start + at * step];
  for (let at = 0; at < SIDE; at++) {
    if (at + reach < SIDE) sum += from[start + (at + reach) * step];
    if (at - reach - 1 >= 0) sum -= from[start + (at - reach - 1) * step];
    to[start + at * step] = Math.max(0, sum) / (2 * reach + 1);
  }
}
