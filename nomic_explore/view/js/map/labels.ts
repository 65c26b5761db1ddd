import type { Camera } from "./camera.ts";

export type Label = {text: string, lines: string[], x: number, y: number, dx: number, dy: number, font: number, layer: number, topic: number, parent: number, size: number, radius: number, width: number, height: number, min_scale: number, max_scale: number, light: string, dark: string};

/** Left, top, right and bottom, in pixels. */
export type Box = [number, number, number, number];

const EDGE = 6; // pixels between a name and the edge of the view
const CUT_FROM = 1.2; // zoom from which on a name that has no room at the edge is shown all the same, if most of it is in view

export function overlaps(one: Box, other: Box): boolean {
  return one[0] < other[2] && one[2] > other[0] && one[1] < other[3] && one[3] > other[1];
}

/**
 * The names shown now and their middles in pixels. Where each may be shown was worked out in Python, so that no name ever
 * covers another; only at the edge of the view, and at what lies over the map, is one pushed inwards, and then only if it
 * stays clear of the others.
 * @param covered what lies over the map
 */
export function placeLabels(labels: Label[], camera: Camera, covered: Box[] = []): Map<number, [number, number]> {
  const scale = camera.scale;
  const placed: Map<number, [number, number]> = new Map();
  for (const [at, label] of labels.entries()) {
    if (scale < label.min_scale || scale >= label.max_scale) continue;
    const [px, py] = camera.toScreen(label.x, label.y);
    if (isOutside([px, py], camera)) continue;
    placed.set(at, [px + label.dx, py + label.dy]);
  }
  for (const [at, own] of [...placed]) {
    const inward = pushedInwards(own, labels[at], camera, covered);
    if (inward[0] === own[0] && inward[1] === own[1]) continue;
    const box = boxOf(inward, labels[at]);
    const isFree = [...placed].every(([other, middle]) => other === at || !overlaps(box, boxOf(middle, labels[other])));
    const isCovered = covered.some((other) => overlaps(boxOf(own, labels[at]), other));
    if (isFree) placed.set(at, inward);
    else if (isCovered || camera.zoom < CUT_FROM || isOutside(own, camera)) placed.delete(at);
  }
  return placed;
}

function isOutside([x, y]: [number, number], { width, height }: Camera): boolean {
  return x < 0 || y < 0 || x > width || y > height;
}

function boxOf([x, y]: [number, number], { width, height }: Label): Box {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

function pushedInwards(middle: [number, number], label: Label, camera: Camera, covered: Box[]): [number, number] {
  const [halfX, halfY] = [label.width / 2 + EDGE, label.height / 2 + EDGE];
  let [x, y] = [Math.max(halfX, Math.min(camera.width - halfX, middle[0])), Math.max(halfY, Math.min(camera.height - halfY, middle[1]))];
  for (const box of covered) {
    if (!overlaps(boxOf([x, y], label), box)) continue;
    y = (box[1] + box[3]) / 2 < camera.height / 2 ? box[3] + halfY : box[1] - halfY;
  }
  return [x, y];
}

const LED_FROM = 6; // pixels between a name and its topic, from which on a line is drawn

/** The line from a name, whose middle lies at a place, to its topic: both ends in pixels, or null where the name lies on it. */
export function leaderOf(label: Label, [mx, my]: [number, number], camera: Camera): [number, number, number, number] | null {
  const [tx, ty] = camera.toScreen(label.x, label.y);
  const x = Math.max(mx - label.width / 2, Math.min(mx + label.width / 2, tx));
  const y = Math.max(my - label.height / 2, Math.min(my + label.height / 2, ty));
  return Math.hypot(tx - x, ty - y) > LED_FROM ? [x, y, tx, ty] : null;
}
