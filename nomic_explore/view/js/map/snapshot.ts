import { placeLabels } from "./labels.ts";
import type { MapView } from "./map.ts";

/** A small picture of what a map shows now, as a data URL. */
export function pictureOf(map: MapView) {
  const copy = document.createElement("canvas");
  const scale = Math.min(1, 900 / Math.max(1, map.canvas.width));
  [copy.width, copy.height] = [Math.round(map.canvas.width * scale), Math.round(map.canvas.height * scale)];
  const context = copy.getContext("2d");
  if (!context || !copy.width || !copy.height) return "";
  context.fillStyle = getComputedStyle(map.root).backgroundColor;
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(map.canvas, 0, 0, copy.width, copy.height);
  const unit = copy.width / Math.max(1, map.camera.width);
  placeLabels(map.labels, map.camera).forEach(([px, py], at) => {
    const { lines, font, [map.theme]: color } = (map.labels[at] as any);
    const size = font * unit;
    Object.assign(context, { font: `600 ${size}px system-ui, sans-serif`, textAlign: "center", textBaseline: "middle", lineWidth: 3 * unit, lineJoin: "round" });
    Object.assign(context, { strokeStyle: getComputedStyle(map.root).backgroundColor, fillStyle: color });
    lines.forEach((line: string, number: number) => {
      const y = py * unit + (number - (lines.length - 1) / 2) * size * 1.15;
      context.strokeText(line, px * unit, y);
      context.fillText(line, px * unit, y);
    });
  });
  return copy.toDataURL("image/webp", 0.8);
}
