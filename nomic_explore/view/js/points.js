// @ts-check
/**
 * Points as the renderers keep them; each part is replaced alone, so that a new colour never sends positions again.
 * @typedef {Object} Points
 * @property {Float32Array} positions x0, y0 …
 * @property {Uint8Array | Uint16Array} colors place in the palette of each point
 * @property {Uint8Array} states 0 shown, 1 grey, 2 lit, 3 hidden
 * @property {Uint8Array} sizes 0 to 255, or empty
 * @property {Float32Array} targets where each point goes as `morph` grows, or empty
 * @property {string[]} palette
 * @property {Uint8Array} density a square grid, or empty
 * @property {{points: Float32Array, starts: Uint32Array}} contours
 *
 * @typedef {Object} View
 * @property {import("./camera.js").Camera} camera
 * @property {number} size pixels @property {number} alpha @property {number} ratio device pixels a CSS pixel
 * @property {number} morph 0 to 1 @property {number[]} grey @property {number[]} ink of tint and contours
 * @property {number} tint how strong @property {boolean} lines whether contours are drawn
 *
 * @typedef {Object} Renderer
 * @property {string} kind
 * @property {(part: Partial<Points>) => void} set
 * @property {(view: View) => void} begin clears and draws what lies under the points
 * @property {(from: number, to: number) => void} range draws points by their place
 * @property {(points: Uint32Array) => void} some draws these points
 * @property {() => void} finish draws what lies above the points
 * @property {() => void} dispose
 */

export const DENSITY_REACH = 1.05; // the density grid spans the world from -1.05 to 1.05

/** @returns {Points} */
export function noPoints() {
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

/** @param {string} color "#rrggbb" @returns {number[]} */
export function parseColor(color) {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}
