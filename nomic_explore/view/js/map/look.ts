import { clamp } from "./camera.ts";
import type { MapView } from "./map.ts";
import type { View } from "./renderer/points.ts";

const GREY = { light: [0.6, 0.62, 0.66, 0.2], dark: [0.5, 0.53, 0.58, 0.2] };
const INK = { light: [0.25, 0.36, 0.6], dark: [0.55, 0.66, 0.9] };
const USUAL_AREA = 600_000; // pixels of a map; the points of a smaller one are a little smaller

/** How points, haze and contours of a map look now. */
export function lookOf(map: MapView): View {
  const { camera, theme, isMorphed } = map;
  return {
    camera,
    size: pointSize(map),
    lit: highlightLook(map.lit.length),
    alpha: clamp(1.25 - 0.12 * Math.log10(map.state.n + 1), 0.3, 0.9),
    ratio: map.ratio ?? 1,
    morph: map.state.get("morph") ?? 0,
    grey: GREY[theme],
    ink: INK[theme],
    tint: hazeStrength(map),
    lines: map.showsLines && !isMorphed,
  };
}

/** Pixels of a point of ordinary size. */
export function pointSize({ camera: { width, height, zoom }, state: { n } }: MapView): number {
  const room = clamp((width * height) / USUAL_AREA, 0.4, 1.4) ** 0.25;
  return room * clamp(9.4 - 1.35 * Math.log10(n + 1), 1.3, 7) * clamp(zoom, 0.7, 60) ** 0.33;
}

/** A few highlighted points stand out by size; many are drawn as others are, so that their density is seen. */
function highlightLook(n: number) {
  const many = clamp(Math.log10(Math.max(n, 1) / 100) / 1.2, 0, 1);
  return { size: 1.5 - 0.45 * many, alpha: 1 - 0.5 * many };
}

/** How strong the haze is: it goes as one comes nearer, and steps back behind what is highlighted. */
function hazeStrength({ moving, isMorphed, own, camera, brightShare }: MapView): number {
  if (moving || isMorphed) return 0;
  const full = clamp((own.density ? 0.45 : 0.3) * (1 - Math.log10(camera.zoom + 0.01)), 0, 0.45);
  return brightShare < 1 ? 0.35 * full : full;
}
