import assert from "node:assert/strict";
import test from "node:test";
import { Camera } from "../../nomic_explore/view/js/camera.js";
import { placeLabels } from "../../nomic_explore/view/js/labels.js";
import { pointsInside } from "../../nomic_explore/view/js/lasso.js";
import { PointGrid } from "../../nomic_explore/view/js/picking.js";

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
    view.extent = extent;
    const [px, py] = view.toScreen(...extent);
    assert.ok(px <= 900 && px >= 0 && py >= 0 && py <= 600);
    assert.ok(px > 840 || py < 60);
  }
});

test("the grid finds the same point as looking at all", () => {
  const positions = randomPoints(3000);
  const grid = new PointGrid(positions);
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

test("a lasso holds what lies inside, also when it is not convex", () => {
  const positions = Float32Array.from([0, 0, 0.5, 0.5, 0, 0.5, 2, 2]);
  const corner = [[-0.1, -0.1], [0.6, -0.1], [0.6, 0.6], [0.4, 0.6], [0.4, 0.1], [-0.1, 0.1]];
  assert.deepEqual([...pointsInside(positions, corner)], [0, 1]);
  assert.deepEqual([...pointsInside(positions, corner.slice(0, 2))], []);
});

test("names never cover each other and finer ones come with the zoom", () => {
  const labels = [];
  const positions = randomPoints(60);
  for (let i = 0; i < 60; i++) labels.push({ text: `topic ${i}`, x: positions[2 * i], y: positions[2 * i + 1], layer: i % 3, size: i });
  const boxes = labels.map(() => ({ width: 120, height: 18 }));
  const view = camera();
  for (const zoom of [1, 2, 4.5]) {
    view.zoom = zoom;
    const placed = placeLabels(labels, boxes, view);
    const layers = new Set([...placed.keys()].map((at) => labels[at].layer));
    assert.equal(layers.has(2), zoom >= 4);
    assert.ok(placed.size > 0);
    const places = [...placed.values()];
    for (const [i, a] of places.entries())
      for (const b of places.slice(i + 1)) assert.ok(Math.abs(a[0] - b[0]) >= 120 || Math.abs(a[1] - b[1]) >= 18);
  }
});
