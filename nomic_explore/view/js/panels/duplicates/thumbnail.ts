import type { MapView } from "../../map/map.ts";

const MAX_POINTS = 12_000; // more of them cannot be distinguished in so small a picture
const MARGIN = 10; // CSS pixels

/** Draws the whole map in small, with two documents on it and a line between them. @param points -1 for one without a place */
export function drawThumbnail(canvas: HTMLCanvasElement, map: MapView, points: [number, number]) {
  const box = canvas.getBoundingClientRect();
  const ratio = Math.min(devicePixelRatio || 1, 2);
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round(box.height * ratio);
  const context = canvas.getContext("2d");
  if (!context || !box.width) return;
  context.scale(ratio, ratio);
  const [homeX, homeY, halfWidth, halfHeight] = map.camera.home;
  const scale = Math.min((box.width / 2 - MARGIN) / halfWidth, (box.height / 2 - MARGIN) / halfHeight);
  const toPixels = (point: number): [number, number] => {
    const [x, y] = map.placeOf(point);
    return [box.width / 2 + (x - homeX) * scale, box.height / 2 - (y - homeY) * scale];
  };
  const style = getComputedStyle(canvas);
  context.fillStyle = style.getPropertyValue("--nx-soft");
  context.globalAlpha = 0.35;
  const step = Math.max(1, Math.ceil(map.state.n / MAX_POINTS));
  for (let point = 0; point < map.state.n; point += step) context.fillRect(...toPixels(point), 1, 1);
  context.globalAlpha = 1;
  const placed = points.filter((point) => point >= 0).map(toPixels);
  if (placed.length === 2) {
    context.strokeStyle = style.getPropertyValue("--nx-ink");
    context.beginPath();
    context.moveTo(...placed[0]);
    context.lineTo(...placed[1]);
    context.stroke();
  }
  points.forEach((point, side) => {
    if (point < 0) return;
    context.fillStyle = style.getPropertyValue(side ? "--nx-stay" : "--nx-go");
    context.strokeStyle = style.getPropertyValue("--nx-pane");
    context.beginPath();
    context.arc(...toPixels(point), 4.5, 0, 7);
    context.fill();
    context.stroke();
  });
  canvas.dataset.points = points.join(" ");
}
