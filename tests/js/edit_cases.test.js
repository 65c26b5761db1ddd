import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { PageEdits } from "../../nomic_explore/view/js/page/edits.ts";

const { cases } = JSON.parse(readFileSync(new URL("../data/edit_cases.json", import.meta.url), "utf8"));
const FACTS = { layers: [["Trains", "Soup"]], tagColors: ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999"] };

function newEdits(storage) {
  return new PageEdits("key", { tags: [], names: {}, pinned: [], views: [] }, FACTS, () => {}, storage);
}

const HANDLERS = {
  tag: (edits, { name, points, color }) => edits.tag(name, points, color),
  untag: (edits, { name, points }) => edits.untag(name, points),
  edit_tag: (edits, request) => edits.editTag(request),
  rename_topic: (edits, request) => edits.renameTopic(request),
  pin: (edits, request) => edits.pin(request),
  save_view: (edits, request) => edits.saveView(request),
  delete_view: (edits, { name }) => edits.deleteView(name),
  undo: (edits) => edits.undo(),
  redo: (edits) => edits.redo(),
};

/** What a case says of the end, without what is empty. */
function stateOf({ kept }) {
  const state = {
    tags: kept.tags.map(({ name, color, points }) => [name, color, [...points].sort((a, b) => a - b)]),
    pinned: kept.pinned,
    views: kept.views.map(({ name, view }) => [name, view]),
    names: kept.names,
  };
  return Object.fromEntries(Object.entries(state).filter(([, value]) => Object.keys(value).length));
}

for (const { name, steps, after, note = "", error } of cases) {
  test(`in a page, ${name}`, () => {
    const edits = newEdits();
    const run = ([question, request]) => HANDLERS[question](edits, request);
    steps.slice(0, -1).forEach(run);
    if (error !== undefined) return assert.throws(() => run(steps.at(-1)), (thrown) => thrown.message.includes(error));
    const answer = run(steps.at(-1));
    assert.equal(answer?.note ?? "", note.replace("NAME", FACTS.layers[0][0]));
    assert.deepEqual(stateOf(edits), after);
  });
}

test("undoing every edit leads back to the beginning, and redoing every one to the end", () => {
  const edits = newEdits();
  for (const { steps, error } of cases) if (error === undefined) for (const [question, request] of steps) if (!/do$/u.test(question)) HANDLERS[question](edits, request);
  const end = JSON.stringify(edits.kept);
  while (edits.undo().note !== "Nothing to undo");
  assert.deepEqual(stateOf(edits), {});
  while (edits.redo().note !== "Nothing to redo");
  assert.equal(JSON.stringify(edits.kept), end);
});

test("a page opened again has what was edited in it", () => {
  const stored = new Map();
  const storage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value) };
  newEdits(storage).pin({ point: 3 });
  assert.deepEqual(newEdits(storage).kept.pinned, [3]);
});

test("a page whose storage is closed or holds something else is edited all the same", () => {
  const closed = { getItem: () => "no JSON", setItem: () => assert.fail("full") };
  const edits = newEdits(closed);
  edits.pin({ point: 3 });
  assert.deepEqual(edits.kept.pinned, [3]);
});
