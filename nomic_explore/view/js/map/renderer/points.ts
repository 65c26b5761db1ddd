import type { Camera } from "../camera.ts";

/** Points as the renderers keep them; each part is replaced alone, so that a new color never sends positions again. */
export type Points = {
  /** x0, y0 … */
  positions: Float32Array;
  /** place in the palette of each point */
  colors: Uint8Array | Uint16Array;
  /** 0 shown, 1 grey, 2 lit, 3 hidden */
  states: Uint8Array;
  /** 0 to 255, or empty */
  sizes: Uint8Array;
  /** where each point goes as `morph` grows, or empty */
  targets: Float32Array;
  palette: string[];
  /** a square grid, or empty */
  density: Uint8Array;
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
  /** of tint and contours */
  ink: number[];
  /** how strong */
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

export const DENSITY_REACH = 1.05; // the density grid spans the world from -1.05 to 1.05

export function noPoints(): Points {
  return {
    positions: new Float32Array(0),
    colors: new Uint8Array(0),
    states: new Uint8Array(0),
    sizes: new Uint8Array(0),
    targets: new Float32Array(0),
    palette: ["#888888"],
    density: new Uint8Array(0),
    contours: { points: new Float32Array(0), starts: new Uint32Array(0) },
  };
}

/** @param color "#rrggbb" */
export function parseColor(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}
