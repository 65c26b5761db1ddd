import assert from "node:assert/strict";
import test from "node:test";
import { Camera } from "../../nomic_explore/view/js/map/camera.ts";
import { between } from "../../nomic_explore/view/js/map/flight.ts";
import { hazeColors } from "../../nomic_explore/view/js/map/haze.ts";
import { combine, holds, invert, maskOf, pointsOf, size } from "../../nomic_explore/view/js/bitmask.ts";
import { ViewState } from "../../nomic_explore/view/js/view_state.ts";
import { placeLabels } from "../../nomic_explore/view/js/map/labels.ts";
import { boxBetween, maskInside } from "../../nomic_explore/view/js/map/lasso.ts";
import { PageModel } from "../../nomic_explore/view/js/page/model.ts";
import { fold, meets } from "../../nomic_explore/view/js/page/conditions.ts";
import { parseQuery } from "../../nomic_explore/view/js/page/query.ts";
import { DENSITY_REACH, highlightState } from "../../nomic_explore/view/js/map/renderer/points.ts";
import { segments } from "../../nomic_explore/view/js/map/renderer/webgl.ts";
import { childrenOf } from "../../nomic_explore/view/js/panels/topics/tree.ts";
import { PointGrid } from "../../nomic_explore/view/js/map/picking.ts";

function randomPoints(n) {
  let state = 7;
  const next = () => (state = (state * 16807) % 2147483647) / 2147483647;
  return Float32Array.from({ length: 2 * n }, () => 2 * next() - 1);
}

function camera() {
  const made = new Camera();
  [made.width, made.height] = [900, 600];
  return made;
}

test("screen and world are inverse to each other", () => {
  const view = camera();
  view.zoomAt(3, 100, 200);
  view.pan(40, -25);
  const [x, y] = view.toWorld(...view.toScreen(0.3, -0.4));
  assert.ok(Math.abs(x - 0.3) < 1e-9 && Math.abs(y + 0.4) < 1e-9);
});

test("what lies under the pointer stays there while zooming", () => {
  const view = camera();
  const before = view.toWorld(700, 80);
  view.zoomAt(2.5, 700, 80);
  const after = view.toWorld(700, 80);
  assert.ok(Math.hypot(before[0] - after[0], before[1] - after[1]) < 1e-9);
});

test("a map that is wide or high is fitted into the view", () => {
  for (const extent of [[1, 0.2], [0.2, 1]]) {
    const view = camera();
    view.home = [0.3, -0.2, ...extent];
    view.fit();
    const [px, py] = view.toScreen(0.3 + extent[0], -0.2 + extent[1]);
    assert.ok(px <= 900 && px >= 0 && py >= 0 && py <= 600);
    assert.ok(px > 840 || py < 60);
  }
});

test("a view can be kept and gone back to", () => {
  const view = camera();
  view.zoomAt(5, 200, 100);
  const kept = view.view;
  view.fit();
  view.view = kept;
  assert.deepEqual(view.view, kept);
  view.view = { x: 99, y: NaN, zoom: -3 };
  assert.deepEqual(view.view, { x: 1.5, y: 0, zoom: 0.5 });
});

test("the grid finds the same point as looking at all", () => {
  const positions = randomPoints(3000);
  const grid = new PointGrid(positions).finish();
  for (const [x, y] of [[0, 0], [0.9, -0.9], [-1, 1], [0.33, 0.5]]) {
    let [best, nearest] = [-1, 0.05];
    for (let i = 0; i < 3000; i++) {
      const distance = Math.hypot(positions[2 * i] - x, positions[2 * i + 1] - y);
      if (distance < nearest) [best, nearest] = [i, distance];
    }
    assert.equal(grid.nearest(x, y, 0.05), best);
  }
  assert.equal(new PointGrid(new Float32Array(0)).nearest(0, 0, 1), -1);
});

test("a grid built in slices is the grid built at once", () => {
  const positions = randomPoints(1000);
  const sliced = new PointGrid(positions);
  while (!sliced.build(37));
  assert.deepEqual(sliced.points, new PointGrid(positions).finish().points);
  assert.equal(new PointGrid(positions).isReady, false);
});

test("the shares of the cells in a box together are all points in it, each once", () => {
  const positions = randomPoints(5000);
  const grid = new PointGrid(positions).finish();
  const box = [-0.4, -0.3, 0.2, 0.5];
  const drawn = [...grid.sampleIn(box, 0, 0.21), ...grid.sampleIn(box, 0.21, 0.7), ...grid.sampleIn(box, 0.7, 1)];
  assert.equal(new Set(drawn).size, drawn.length);
  assert.equal(drawn.length, grid.countIn(box));
  for (let i = 0; i < 5000; i++) {
    const [x, y] = [positions[2 * i], positions[2 * i + 1]];
    if (x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]) assert.ok(drawn.includes(i));
  }
});

test("a lasso holds what lies inside, also when it is not convex", () => {
  const grid = new PointGrid(Float32Array.from([0, 0, 0.5, 0.5, 0, 0.5, 0.9, 0.9])).finish();
  const corners = [[-0.1, -0.1], [0.6, -0.1], [0.6, 0.6], [0.4, 0.6], [0.4, 0.1], [-0.1, 0.1]];
  assert.deepEqual([...pointsOf(maskInside(grid, corners))], [0, 1]);
  assert.deepEqual([...pointsOf(maskInside(grid, corners.slice(0, 2)))], []);
  assert.deepEqual([...pointsOf(maskInside(grid, boxBetween([0.6, 0.6], [-0.1, 0.4])))], [1, 2]);
});

test("masks are sets", () => {
  const [a, b] = [maskOf([0, 3, 8], 11), maskOf([3, 9], 11)];
  assert.deepEqual([...pointsOf(combine(a, b, "add"))], [0, 3, 8, 9]);
  assert.deepEqual([...pointsOf(combine(a, b, "subtract"))], [0, 8]);
  assert.deepEqual([...pointsOf(combine(a, b, "intersect"))], [3]);
  assert.deepEqual([...pointsOf(combine(a, b, "replace"))], [3, 9]);
  assert.deepEqual([...pointsOf(combine(new Uint8Array(0), b, "add"))], [3, 9]);
  assert.deepEqual([...pointsOf(invert(a, 11))], [1, 2, 4, 5, 6, 7, 9, 10]);
  assert.equal(size(invert(new Uint8Array(0), 11)), 11);
  assert.ok(holds(a, 8) && !holds(a, 9));
});

const label = (x, y, from, to, layer) => ({ text: "t", lines: ["t"], x, y, dx: 0, dy: 0, font: 12, layer, topic: 0, parent: -1, size: 1, radius: 0, width: 100, height: 20, min_scale: from, max_scale: to });

test("names are shown between their scales and pushed inwards only where there is room", () => {
  const view = camera(); // 276 pixels a unit
  const labels = [label(0, 0, 0, 400, 0), label(0.5, 0.5, 300, 1e9, 1), label(-1.6, 0, 0, 1e9, 0), label(-1.4, 0, 0, 1e9, 0)];
  assert.deepEqual([...placeLabels(labels, view).keys()], [0, 3]); // pushed inwards the third would lie on its neighbor
  assert.equal(placeLabels([labels[2]], view).get(0)[0], 56);
  view.zoom = 2;
  assert.deepEqual([...placeLabels(labels, view).keys()], [1]);
  view.x = -1.25; // nearer than at home, a name that has no room is cut at the edge, not hidden
  assert.deepEqual([...placeLabels(labels.slice(2), view).keys()], [0, 1]);
  view.x = -1.4 + view.width / 2 / view.scale - 0.01; // its topic is in view at the edge, the middle of its name is not
  assert.deepEqual([...placeLabels([labels[3], { ...labels[3], dx: -8 }, labels[2]], view).keys()], [0]);
});

test("names give way to what lies over the map, or are hidden", () => {
  const view = camera();
  const bar = [200, 560, 700, 600];
  const [low, above] = [label(0, -0.98, 0, 1e9, 0), label(0, -0.9, 0, 1e9, 0)];
  assert.equal(placeLabels([low], view).get(0)[1], 300 + 0.98 * 276);
  assert.equal(placeLabels([low], view, [bar]).get(0)[1], 560 - 16);
  assert.deepEqual([...placeLabels([low, above], view, [bar]).keys()], [1]);
});

test("the haze has the color of the points that lie near, and a point without a value hardly counts", () => {
  const positions = Float32Array.from([-0.8, -0.8, -0.8, -0.8, 0.8, 0.8]);
  const made = hazeColors(positions, Uint8Array.from([0, 1, 2]), ["#888888", "#ff0000", "#0000ff"]);
  const side = Math.sqrt(made.length / 4);
  const colorAt = (x, y) => {
    const [column, row] = [x, y].map((value) => Math.floor(((value + DENSITY_REACH) / (2 * DENSITY_REACH)) * side));
    return [...made.subarray(4 * (row * side + column), 4 * (row * side + column) + 3)];
  };
  assert.deepEqual(colorAt(0.8, 0.8), [0, 0, 255]);
  const mixed = colorAt(-0.8, -0.8);
  assert.ok(mixed[0] > 220 && mixed[1] === mixed[2] && mixed[1] < 40);
  assert.ok(colorAt(0.55, 0.8)[2] > 250); // some way off there is still its color
});

test("a flight begins and ends where it shall, and grows evenly", () => {
  const [begin, end] = [{ x: 0, y: 0, zoom: 1 }, { x: 0.4, y: -0.2, zoom: 16 }];
  assert.deepEqual(between(begin, end, 1), end);
  assert.ok(Math.abs(between(begin, end, 0).x) < 1e-9);
  assert.equal(between(begin, end, 0.5).zoom, 4);
  assert.deepEqual(between(begin, { x: 1, y: 0, zoom: 1 }, 0.5), { x: 0.5, y: 0, zoom: 1 });
});

test("a box that is gone to fills most of the view", () => {
  const view = camera();
  view.view = view.viewOf([0.1, 0.1, 0.3, 0.2]);
  const [left, low] = view.toScreen(0.1, 0.1);
  assert.ok(Math.abs(left - 90) < 1 && low < 600);
  assert.ok(view.viewOf([0, 0, 0, 0]).zoom <= 60);
});

test("contour lines become pairs of ends", () => {
  const points = Float32Array.from([0, 0, 1, 0, 1, 1, 5, 5, 6, 6]);
  assert.deepEqual([...segments(points, Uint32Array.from([0, 3, 5]))], [0, 0, 1, 0, 1, 0, 1, 1, 5, 5, 6, 6]);
});

test("the tree of topics has the largest first", () => {
  const children = childrenOf([{ parent: -1, size: 2 }, { parent: -1, size: 5 }, { parent: 1, size: 1 }, { parent: 1, size: 4 }]);
  assert.deepEqual([children.get(-1), children.get(1)], [[1, 0], [3, 2]]);
});

test("a state keeps arrays until their trait changes, and hands each answer to who asked", async () => {
  const model = new PageModel({ positions: new DataView(Float32Array.from([0, 0, 1, 1]).buffer), selected: undefined, hits: undefined });
  model.answers = Promise.resolve({ answer: async (question, { point }) => ({ question, point, bulk: new DataView(Uint8Array.from([point]).buffer) }) });
  const [state, other] = [new ViewState(model), new ViewState(model)];
  assert.equal(state.n, 2);
  assert.equal(state.positions, other.positions);
  const [first, second] = await Promise.all([state.ask("read", { point: 1 }), other.ask("describe", { point: 2 })]);
  assert.deepEqual([first.question, first.bulk.getUint8(0), second.question, second.bulk.getUint8(0)], ["read", 1, "describe", 2]);
  let changes = 0;
  state.on(["selected"], () => changes++);
  state.mode = "add";
  state.selectPoints([0]);
  state.selectPoints([1]);
  assert.deepEqual([...pointsOf(state.selected)], [0, 1]);
  assert.equal(changes, 2);
  state.selectNothing();
  assert.equal(state.nSelected, 0);
  state.dispose();
  other.selectPoints([1]);
  assert.equal(changes, 3);
});

test("a question that fails rejects with its reason", async () => {
  const model = new PageModel({ positions: undefined });
  model.answers = Promise.resolve({ answer: async () => { throw new Error("no such point"); } });
  await assert.rejects(new ViewState(model).ask("read"), /no such point/);
});

test("words and conditions are read as the notebook reads them", () => {
  const columns = ["year", "a column"];
  const { words, conditions } = parseQuery('Café year:>2010 -"a column":"two words" http://x other:1', columns);
  assert.deepEqual(words, ["Café", "http://x", "other:1"]);
  assert.deepEqual(conditions[0], { column: "year", low: "2010", strict: true, negated: false });
  assert.deepEqual(conditions[1], { column: "a column", value: "two words", strict: false, negated: true });
  const years = { legend: { kind: "numbers" }, codes: undefined, values: Float64Array.from([2009, 2010, 2011, NaN]) };
  const fits = (query) => [0, 1, 2, 3].filter(meets(parseQuery(query, columns).conditions[0], years));
  assert.deepEqual(fits("year:>2010"), [2]);
  assert.deepEqual(fits("year:..2010"), [0, 1]);
  assert.deepEqual(fits("-year:2010"), [0, 2, 3]);
  assert.throws(() => fits("year:soon"), /holds numbers/);
  const days = { legend: { kind: "dates" }, codes: undefined, values: Float64Array.from(["2015-12-31T20:00Z", "2016-01-01"], Date.parse) };
  assert.deepEqual([0, 1].filter(meets(parseQuery("year:..2015", columns).conditions[0], days)), [0]);
  const names = { legend: { kind: "categories", names: ["Pets", "Wild pets"] }, codes: Uint16Array.from([1, 2, 0]), values: undefined };
  assert.deepEqual([0, 1, 2].filter(meets(parseQuery("year:pets", columns).conditions[0], names)), [0]);
  assert.deepEqual([0, 1, 2].filter(meets(parseQuery("year:pet", columns).conditions[0], names)), [0, 1]);
});

test("strong hits are drawn in full, weak ones less and less", () => {
  assert.deepEqual([undefined, 255, 170, 169, 110, 60, 0].map(highlightState), [2, 2, 2, 4, 4, 5, 6]);
});

test("case and accents are folded", () => {
  assert.equal(fold("ÀÉ ﬁ"), "ae fi");
});
