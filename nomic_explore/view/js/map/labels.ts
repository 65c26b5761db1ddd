import type { Camera } from "./camera.ts";

export type Label = {text: string, lines: string[], x: number, y: number, dx: number, dy: number, font: number, layer: number, topic: number, parent: number, size: number, radius: number, width: number, height: number, min_scale: number, max_scale: number, light: string, dark: string};

/**
 * The names shown now and their middles in pixels. Where each may be shown was worked out in Python, so that no name ever
 * covers another; only at the edge of the view is one pushed inwards, and then only if it stays clear of the others.
 */
export function placeLabels(labels: Label[], camera: Camera): Map<number, [number, number]> {
  const scale = camera.scale;
  const placed: Map<number, [number, number]> = new Map();
  for (const [at, label] of labels.entries()) {
    if (scale < label.min_scale || scale >= label.max_scale) continue;
    const [px, py] = camera.toScreen(label.x, label.y);
    if (px < 0 || py < 0 || px > camera.width || py > camera.height) continue;
    placed.set(at, [px + label.dx, py + label.dy]);
  }
  const taken = [...placed.keys()];
  for (const at of taken) {
    const own = (placed.get(at) as [number, number]);
    const [halfX, halfY] = [labels[at].width / 2 + 6, labels[at].height / 2 + 6];
    const inward = ([
      Math.max(halfX, Math.min(camera.width - halfX, own[0])),
      Math.max(halfY, Math.min(camera.height - halfY, own[1])),
    ] as [number, number]);
    if (inward[0] === own[0] && inward[1] === own[1]) continue;
    const free = taken.every((other) => {
      const [ox, oy] = (placed.get(other) as [number, number]);
      return (
        other === at ||
        Math.abs(ox - inward[0]) >= (labels[at].width + labels[other].width) / 2 ||
        Math.abs(oy - inward[1]) >= (labels[at].height + labels[other].height) / 2
      );
    });
    if (free) placed.set(at, inward);
  }
  return placed;
}

const LED_FROM = 6; // pixels between a name and its topic, from which on a line is drawn

/** The line from a name, whose middle lies at a place, to its topic: both ends in pixels, or null where the name lies on it. */
export function leaderOf(label: Label, [mx, my]: [number, number], camera: Camera): [number, number, number, number] | null {
  const [tx, ty] = camera.toScreen(label.x, label.y);
  const x = Math.max(mx - label.width / 2, Math.min(mx + label.width / 2, tx));
  const y = Math.max(my - label.height / 2, Math.min(my + label.height / 2, ty));
  return Math.hypot(tx - x, ty - y) > LED_FROM ? [x, y, tx, ty] : null;
}
