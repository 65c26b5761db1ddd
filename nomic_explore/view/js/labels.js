// @ts-check
/** @typedef {{text: string, x: number, y: number, layer: number, size: number}} Label */

// From this zoom on, a layer's names are shown; the coarser ones step back when the finer come.
const SHOWN_FROM = [0, 1.7, 4];
const HIDDEN_FROM = [5, 14, Infinity];

/**
 * Which labels are shown at a zoom, and where, so that none covers another: large topics first.
 * @param {Label[]} labels
 * @param {{width: number, height: number}[]} boxes the size of each label in pixels
 * @param {import("./camera.js").Camera} camera
 * @returns {Map<number, [number, number]>} label number -> its middle in pixels
 */
export function placeLabels(labels, boxes, camera) {
  const order = labels.map((_, at) => at).sort((a, b) => labels[a].layer - labels[b].layer || labels[b].size - labels[a].size);
  /** @type {[number, number, number, number][]} */
  const taken = [];
  const placed = new Map();
  for (const at of order) {
    const { layer, x, y } = labels[at];
    const step = Math.min(layer, SHOWN_FROM.length - 1);
    if (camera.zoom < SHOWN_FROM[step] || camera.zoom >= HIDDEN_FROM[step]) continue;
    const [ownX, py] = camera.toScreen(x, y);
    if (ownX < 0 || ownX > camera.width) continue;
    const { width, height } = boxes[at];
    const px = Math.max(width / 2 + 6, Math.min(camera.width - width / 2 - 6, ownX)); // no name is cut off at the side
    const box = /** @type {[number, number, number, number]} */ ([px - width / 2 - 4, py - height / 2 - 2, px + width / 2 + 4, py + height / 2 + 2]);
    if (box[2] < 0 || box[3] < 0 || box[0] > camera.width || box[1] > camera.height) continue;
    if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
    taken.push(box);
    placed.set(at, [px, py]);
  }
  return placed;
}
