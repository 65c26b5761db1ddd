import assert from "node:assert/strict";
import test from "node:test";
import { ReviewQueue } from "../../nomic_explore/view/js/panels/duplicates/review_queue.ts";
import { asThreshold, stackBars, stepThreshold } from "../../nomic_explore/view/js/panels/duplicates/scores.ts";
import { percentOf } from "../../nomic_explore/view/js/panels/duplicates/shares.ts";
import { askLatest } from "../../nomic_explore/view/js/latest.ts";
import { keptFile, listGroups, listMembers } from "../../nomic_explore/view/js/page/duplicates.ts";
import { PointGrid } from "../../nomic_explore/view/js/map/picking.ts";

test("bars are stacked from below, and their parts keep the shares of the kinds", () => {
  const bars = stackBars({ low: 0.8, high: 1, counts: { exact: [0, 0, 4], lexical: [0, 3, 0], semantic: [0, 1, 12] } });
  assert.deepEqual(bars.map(({ kind, at, value }) => [kind, at, value]), [["lexical", 1, 3], ["semantic", 1, 1], ["exact", 2, 4], ["semantic", 2, 12]]);
  const [lexical, semantic, exact] = bars;
  assert.equal(lexical.y + lexical.height, 64);
  assert.equal(semantic.y + semantic.height, lexical.y);
  assert.ok(Math.abs(lexical.height - 3 * semantic.height) < 1e-9);
  const heightOf = (at) => bars.filter((bar) => bar.at === at).reduce((sum, bar) => sum + bar.height, 0);
  assert.ok(Math.abs(heightOf(2) - 2 * heightOf(1)) < 1e-9); // 16 pairs beside 4: twice as high, not four times
  assert.ok(exact.height > 0);
  assert.deepEqual(stackBars({ low: 0.8, high: 1, counts: { exact: [0], lexical: [0], semantic: [0] } }), []);
});

test("a threshold has three digits and stays between the floor and one", () => {
  assert.deepEqual([0.91239, 0.5, 1.2].map((value) => asThreshold(value, 0.8)), [0.912, 0.8, 1]);
});

test("keys move the threshold in small and large steps", () => {
  const step = (key, isWide = false) => stepThreshold(0.9, key, isWide, 0.8);
  assert.deepEqual(["ArrowLeft", "ArrowRight", "PageDown", "Home", "End"].map((key) => step(key)), [0.895, 0.905, 0.88, 0.8, 1]);
  assert.equal(step("ArrowLeft", true), 0.88);
  assert.equal(stepThreshold(0.8, "ArrowLeft", false, 0.8), 0.8);
  assert.equal(step("x"), undefined);
});

test("one question is under way at a time, and of those that wait the last is asked", async () => {
  const [asked, shown, answers] = [[], [], []];
  const latest = askLatest((value) => (asked.push(value), new Promise((resolve) => answers.push(resolve))), (answer) => shown.push(answer));
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  for (const value of [1, 2, 3]) latest.want(value);
  assert.deepEqual(asked, [1]);
  answers[0]("one");
  await settle();
  assert.deepEqual([asked, shown], [[1, 3], ["one"]]);
  latest.cancel();
  answers[1]("stale");
  await settle();
  assert.deepEqual(shown, ["one"]);
  latest.want(4);
  answers[2]("four");
  await settle();
  assert.deepEqual([asked, shown], [[1, 3, 4], ["one", "four"]]);
});

test("a question that failed does not end the asking", async () => {
  const shown = [];
  const latest = askLatest(async (value) => (value === 1 ? undefined : value), (answer) => shown.push(answer));
  latest.want(1);
  await new Promise((resolve) => setTimeout(resolve));
  latest.want(2);
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(shown, [2]);
});

test("shares near all are never rounded to it", () => {
  assert.deepEqual([0.5, 0.954, 0.99789, 0.99996, 1].map(percentOf), ["50 % of", "95.4 % of", "99.7 % of", "99.99 % of", "all"]);
});

const page = {
  n: 6,
  facts: { roles: ["unique", "keep", "drop", "review"], kinds: ["", "exact"] },
  blocks: { groups: [0, 0, 0, -1, 1, 1], roles: [2, 1, 2, 0, 3, 1], kinds: [1, 0, 1, 0, 0, 0], rows: [10, 11, 12, 13, 14, 15], ids: ["a", 'b"', "c", "d", "e", "f"] },
  line: (point) => ({ point }),
  matching: (search) => (search === "late" ? [4] : []),
};

test("a page lists groups as the kernel does: by list, order and search, with counts that add up", async () => {
  const groups = (request) => listGroups(page, request);
  const shown = ({ groups: listed }) => listed.map(({ group, size, point, drop, review }) => [group, size, point, drop, review]);
  assert.deepEqual(shown(await groups({})), [[1, 2, 5, 0, 1], [0, 3, 1, 2, 0]]);
  assert.deepEqual(shown(await groups({ sort: "size" })).map(([group]) => group), [0, 1]);
  assert.deepEqual(shown(await groups({ show: "review" })), [[1, 2, 5, 0, 1]]);
  assert.deepEqual(shown(await groups({ search: "late" })), [[1, 2, 5, 0, 1]]);
  assert.deepEqual(shown(await groups({ show: "drop", start: 1 })), []);
  const { nGroups, nListed, counts } = await groups({ show: "drop" });
  assert.deepEqual([nGroups, nListed], [{ all: 2, review: 1, drop: 1 }, 1]);
  assert.deepEqual([counts.nDocuments, counts.nUnique, counts.nKept, counts.nDropped, counts.nReview], [6, 1, 2, 2, 1]);
  assert.deepEqual(listMembers(page, 0).map(({ point, role }) => [point, role]), [[1, "keep"], [0, "drop"], [2, "drop"]]);
});

test("a page writes the ids of the documents that are not dropped", () => {
  assert.deepEqual(keptFile(page).split("\r\n"), ["row,id,role", '11,"b""",keep', '13,"d",unique', '14,"e",review', '15,"f",keep', ""]);
});

/** A queue over pairs [row, other, group], of which those that `judged` holds are no longer listed. */
function makeQueue(pairs, judged) {
  return new ReviewQueue(async ({ start, near }) => {
    const group = pairs.find(([row]) => row === near)?.[2];
    const left = pairs.filter(([row]) => !judged.has(row)).sort((a, b) => Number(b[2] === group) - Number(a[2] === group));
    return { pairs: left.slice(start, start + 200).map(([row, other, of]) => ({ row, other, group: of })), nLeft: left.length };
  });
}

test("the next pair is of the same group, pairs without a verdict come again at the end, and undo leads back", async () => {
  const judged = new Set();
  const queue = makeQueue([[1, 0, 0], [2, 0, 0], [5, 4, 1], [3, 0, 0]], judged);
  const next = async (others = []) => (await queue.next({}, others.map((row) => ({ row, other: 0 }))), queue.pair?.row);
  assert.equal(await next(), 1);
  judged.add(1);
  queue.judge([{ row: 1, other: 0 }]);
  assert.equal(await next([2, 3]), 2);
  assert.equal(await next([3]), 3); // not 5, which stands before it
  assert.equal(await next([2]), 5);
  assert.equal(await next(), 2); // passed over, and now again
  judged.delete(1);
  queue.undo();
  assert.equal(queue.pair.row, 1);
  for (const row of [1, 2, 3, 5]) judged.add(row);
  queue.judge([1, 2, 3, 5].map((row) => ({ row, other: row === 5 ? 4 : 0 })));
  assert.equal(await next(), undefined);
});

test("a pair beyond the first page of the queue is found", async () => {
  const pairs = Array.from({ length: 250 }, (_, at) => [at + 1, 0, at]);
  const queue = makeQueue(pairs, new Set());
  for (let at = 1; at <= 205; at++) {
    await queue.next({}, []);
    assert.equal(queue.pair.row, at);
  }
  queue.back();
  assert.equal(queue.pair.row, 204);
});

test("points that are hidden cannot be pointed at", () => {
  const grid = new PointGrid(Float32Array.from([0, 0, 0.01, 0])).finish();
  assert.equal(grid.nearest(0, 0, 0.1), 0);
  assert.equal(grid.nearest(0, 0, 0.1, Uint8Array.from([1])), 1);
  assert.equal(grid.nearest(0, 0, 0.1, Uint8Array.from([3])), -1);
});
