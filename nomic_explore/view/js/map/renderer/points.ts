import type { Camera } from "../camera.ts";

/** Points as the renderers keep them; each part is replaced alone, so that a new color never sends positions again. */
export type Points = {
  /** x0, y0 … */
  positions: Float32Array;
  /** place in the palette of each point */
  colors: Uint8Array | Uint16Array;
  /** 0 shown, 1 grey, 2 highlighted, 3 hidden, 4 to 6 highlighted less and less */
  states: Uint8Array;
  /** 0 to 255, or empty */
  sizes: Uint8Array;
  /** where each point goes as `morph` grows, or empty */
  targets: Float32Array;
  palette: string[];
  /** a square grid, or empty */
  density: Uint8Array;
  /** of the haze: a square grid, four bytes a cell, or empty */
  hazeColors: Uint8Array;
  contours: {points: Float32Array, starts: Uint32Array};
};

export type View = {
  camera: Camera;
  /** pixels */
  size: number;
  alpha: number;
  /** device pixels a CSS pixel */
  ratio: number;
  /** 0 to 1 */
  morph: number;
  grey: number[];
  /** of what is highlighted: size and opacity, beside those of other points */
  lit: { size: number; alpha: number };
  /** of contours */
  ink: number[];
  /** how strong the haze is */
  tint: number;
  /** whether contours are drawn */
  lines: boolean;
};

export type Renderer = {
  kind: string;
  set: (part: Partial<Points>) => void;
  /** clears and draws what lies under the points */
  begin: (view: View) => void;
  /** draws points by their place */
  range: (from: number, to: number) => void;
  /** draws these points */
  some: (points: Uint32Array) => void;
  /** draws what lies above the points */
  finish: () => void;
  dispose: () => void;
};

export const DENSITY_REACH = 1.2; // the density grid spans the world from -1.2 to 1.2, as in Python

export function noPoints(): Points {
  return {
    positions: new Float32Array(0),
    colors: new Uint8Array(0),
    states: new Uint8Array(0),
    sizes: new Uint8Array(0),
    targets: new Float32Array(0),
    palette: ["#888888"],
    density: new Uint8Array(0),
    hazeColors: new Uint8Array(0),
    contours: { points: new Float32Array(0), starts: new Uint32Array(0) },
  };
}

/** The state of a highlighted point. @param strength 0 to 255 */
export function highlightState(strength: number = 255): number {
  return strength >= 170 ? 2 : strength >= 110 ? 4 : strength >= 60 ? 5 : 6;
}

/** @param color "#rrggbb" */
export function parseColor(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}
