import assert from "node:assert/strict";
import test from "node:test";
import { percentOf, shareOf } from "../../nomic_explore/view/js/panels/duplicates/pane.ts";
import { asThreshold, stackBars, stepThreshold } from "../../nomic_explore/view/js/panels/duplicates/scores.ts";
import { askLatest } from "../../nomic_explore/view/js/latest.ts";
import { PageAnswers } from "../../nomic_explore/view/js/page/handlers.ts";
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

test("shares near nothing and near all are never rounded to them", () => {
  assert.deepEqual([0, 0.0001, 0.0412, 1].map(shareOf), ["0.0 %", "<0.1 %", "4.1 %", "100.0 %"]);
  assert.deepEqual([0.5, 0.954, 0.99789, 0.99996, 1].map(percentOf), ["50 % of", "95.4 % of", "99.7 % of", "99.99 % of", "all"]);
});

test("a page lists groups as the kernel does: all, those to review, those with copies", () => {
  const page = {
    n: 6,
    facts: { roles: ["unique", "keep", "drop", "review"], nGroups: 2 },
    blocks: { groups: [0, 0, 0, -1, 1, 1], roles: [1, 2, 2, 0, 3, 1] },
    line: (point) => ({ point }),
  };
  const groups = (args) => PageAnswers.prototype.on_groups.call(page, args);
  const shown = ({ groups: listed }) => listed.map(({ group, size, keeper, drop, review }) => [group, size, keeper, drop, review]);
  assert.deepEqual(shown(groups({})), [[0, 3, 0, 2, 0], [1, 2, 5, 0, 1]]);
  assert.deepEqual(shown(groups({ show: "review" })), [[1, 2, 5, 0, 1]]);
  assert.deepEqual(shown(groups({ show: "drop", start: 1 })), []);
  const { nGroups, nListed, drop, review } = groups({ show: "drop" });
  assert.deepEqual({ nGroups, nListed, drop, review }, { nGroups: 2, nListed: 1, drop: 2, review: 1 });
});

test("points that are hidden cannot be pointed at", () => {
  const grid = new PointGrid(Float32Array.from([0, 0, 0.01, 0])).finish();
  assert.equal(grid.nearest(0, 0, 0.1), 0);
  assert.equal(grid.nearest(0, 0, 0.1, Uint8Array.from([1])), 1);
  assert.equal(grid.nearest(0, 0, 0.1, Uint8Array.from([3])), -1);
});
