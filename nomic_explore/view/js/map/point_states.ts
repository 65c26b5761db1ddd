import { holds, pointsOf } from "../bitmask.ts";
import { highlightState } from "./renderer/points.ts";

export type Marks = {
  /** masks of one bit a point, or empty */
  selected: Uint8Array;
  filtered: Uint8Array;
  hidden: Uint8Array;
  /** points, the best first, and how well each matches; none means fully */
  hits: Uint32Array;
  strengths: Uint8Array;
};

/**
 * Fills in what each point looks like: 0 shown, 1 gray, 2 highlighted, 3 hidden, 4 to 6 highlighted less and less.
 * Returns the points that are drawn above the others, the best last; how many are hidden; and the share that is not gray.
 */
export function fillStates(states: Uint8Array, { selected, filtered, hidden, hits, strengths }: Marks) {
  states.fill(selected.length || hits.length ? 1 : 0);
  if (filtered.length) for (let point = 0; point < states.length; point++) if (holds(filtered, point)) states[point] = 1;
  const chosen = selected.length ? pointsOf(selected) : new Uint32Array(0);
  for (const point of chosen) states[point] = 2;
  hits.forEach((point, at) => point < states.length && states[point] !== 2 && (states[point] = highlightState(strengths[at])));
  const hiddenPoints = hidden.length ? pointsOf(hidden) : new Uint32Array(0);
  for (const point of hiddenPoints) states[point] = 3;
  const above = new Uint32Array(chosen.length + hits.length);
  above.set(chosen);
  above.set(hits.slice().reverse(), chosen.length);
  let nBright = 0;
  for (const state of states) if (state !== 1 && state !== 3) nBright++;
  return { above, nHidden: hiddenPoints.length, brightShare: states.length ? nBright / states.length : 1 };
}
