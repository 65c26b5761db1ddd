import assert from "node:assert/strict";
import test from "node:test";
import { nearTo } from "../../nomic_explore/view/js/page/search/near.ts";
import { describeSelection } from "../../nomic_explore/view/js/page/selection.ts";

/** A page of 60 documents of two topics: cats lie left and are pets, stars lie right. */
function pageWith(selected) {
  const n = 60;
  const isCat = (point) => point < 30;
  const texts = Array.from({ length: n }, (_, point) => `${isCat(point) ? "The cat sleeps" : "A star shines"} in place ${point}`);
  const kind = { legend: { names: ["pet", "sky"] }, codes: Uint16Array.from({ length: n }, (_, point) => (isCat(point) ? 1 : 2)) };
  return {
    n,
    labels: [{ keywords: ["cat", "star"] }, { keywords: ["sleeping"] }],
    facts: { layers: [["All"], ["Cats", "Stars"]], hasTagColumn: false },
    blocks: { places: Uint16Array.from({ length: 2 * n }, (_, at) => (at % 2 ? 0 : 100 * (at / 2))) },
    channels: new Map([["kind", kind], ["topic", kind]]),
    chosen: () => selected,
    topicOf: (point, layer) => (layer === 0 || isCat(point) ? 0 : 1),
    nameOf: (layer, topic) => [["All"], ["Cats", "Stars"]][layer][topic],
    textOf: (point) => texts[point],
    line: (point) => ({ point, row: point, text: texts[point], topic: "" }),
  };
}

test("a selection in a page is counted", () => {
  const told = describeSelection(pageWith(Array.from({ length: 20 }, (_, point) => point)));
  assert.deepEqual([told.size, told.share, told.elsewhere], [20, 20 / 60, 0]);
  assert.deepEqual(told.topics, [{ layer: 1, topic: 0, name: "Cats", count: 20, share: 1, lift: 2 }]);
  assert.deepEqual(told.words.map((one) => one.word).sort(), ["cat", "sleeps"]);
  assert.deepEqual(told.words.map((one) => [one.share, one.other]), [[1, 0.25], [1, 0.25]]);
  assert.deepEqual(told.values, [{ column: "kind", value: "pet", share: 1, overall: 0.5, lift: 2 }]);
  assert.deepEqual(told.typical.map((line) => line.point).sort((a, b) => a - b), [7, 8, 9, 10, 11]);
});

test("all documents have nothing that sets them apart", () => {
  const told = describeSelection(pageWith(Array.from({ length: 60 }, (_, point) => point)));
  assert.deepEqual([told.words, told.values, told.suggested], [[], [], ""]);
  assert.throws(() => describeSelection(pageWith([])), /Nothing is selected/u);
});

test("documents near others are found along stored neighbors, two steps far", () => {
  const neighbors = Int32Array.from([1, 2, 0, 3, 0, -1, 1, -1]); // two of each of four points
  const similarities = Uint8Array.from([255, 102, 255, 204, 102, 0, 204, 0]);
  assert.deepEqual(nearTo([0], neighbors, similarities, 4).map((one) => one.point), [1, 2, 3]);
  assert.deepEqual(nearTo([0], neighbors, similarities, 4).map((one) => one.score), [1, 0.4, 0.4]);
  assert.deepEqual(nearTo([0, 1, 2, 3], neighbors, similarities, 4), []);
});
