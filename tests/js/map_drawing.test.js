import assert from "node:assert/strict";
import test from "node:test";
import { maskOf } from "../../nomic_explore/view/js/bitmask.ts";
import { Pace } from "../../nomic_explore/view/js/map/pace.ts";
import { fillStates } from "../../nomic_explore/view/js/map/point_states.ts";

const nothing = new Uint8Array(0);

function statesOf(n, marks) {
  const states = new Uint8Array(n).fill(9);
  const found = fillStates(states, { selected: nothing, filtered: nothing, hidden: nothing, hits: new Uint32Array(0), strengths: nothing, ...marks });
  return { states: [...states], ...found };
}

test("without any mark all points are shown", () => {
  assert.deepEqual(statesOf(3, {}), { states: [0, 0, 0], above: new Uint32Array(0), nHidden: 0, brightShare: 1 });
});

test("what is not highlighted is gray, what is filtered is gray unless it is highlighted, and hidden points stay hidden", () => {
  const { states, above, nHidden, brightShare } = statesOf(6, {
    selected: maskOf([1], 6),
    filtered: maskOf([1, 2], 6),
    hidden: maskOf([5], 6),
    hits: Uint32Array.from([3, 5]),
  });
  assert.deepEqual(states, [1, 2, 1, 2, 1, 3]);
  assert.deepEqual([...above], [1, 5, 3]); // the best hit lies above the others
  assert.deepEqual([nHidden, brightShare], [1, 2 / 6]);
});

test("weaker hits are highlighted less, and a selected one fully", () => {
  const marks = { hits: Uint32Array.from([0, 1, 2, 3]), strengths: Uint8Array.from([255, 120, 70, 10]) };
  assert.deepEqual(statesOf(4, marks).states, [2, 4, 5, 6]);
  assert.deepEqual(statesOf(4, { ...marks, selected: maskOf([3], 4) }).states, [2, 4, 5, 2]);
});

test("slow frames draw fewer points while the view moves, fast ones more, within limits", () => {
  const pace = new Pace();
  const frames = (ms, n) => Array.from({ length: n }, () => pace.frame((now += ms), true));
  let now = 1;
  frames(90, 30);
  assert.equal(pace.budget, 12_000);
  frames(10, 30);
  assert.ok(pace.budget > 100_000);
});

test("at rest a part is drawn that does not make a new move wait, and a pause between two rests says nothing", () => {
  const pace = new Pace();
  for (const now of [1, 400, 800]) pace.frame(now, false);
  assert.equal(pace.chunk, 30_000);
  pace.rest();
  pace.frame(5_000, false);
  assert.equal(pace.chunk, 30_000);
  for (const now of [5_010, 5_020, 5_030]) pace.frame(now, false);
  assert.equal(pace.chunk, 240_000);
});
