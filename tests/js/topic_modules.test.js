import assert from "node:assert/strict";
import test from "node:test";
import { topicCard, compareTopics, logLikelihood, topicShares } from "../../nomic_explore/view/js/page/topics.ts";
import { timeBins, yearsOf } from "../../nomic_explore/view/js/page/time_bins.ts";
import { childrenOf, doubt, follow, percent, searchTree, shareWords } from "../../nomic_explore/view/js/panels/topics/tree.ts";

const LABELS = [
  { text: "Música y pan", layer: 0, topic: 0, parent: -1, size: 9, keywords: ["pan"], confidence: null, locked: false, x: 0, y: 0 },
  { text: "Trains", layer: 0, topic: 1, parent: -1, size: 5, keywords: ["steam engine", "Rails"], confidence: 0.3, locked: true, x: 1, y: 0 },
  { text: "Violins", layer: 1, topic: 0, parent: 0, size: 3, keywords: ["strings", "steam"], confidence: null, locked: false, x: 0, y: 0 },
  { text: "Bread", layer: 1, topic: 1, parent: 0, size: 6, keywords: ["flour"], confidence: null, locked: false, x: 0, y: 1 },
];

test("the largest topics stand first", () => {
  assert.deepEqual(childrenOf(LABELS).get(0), [3, 2]);
});

test("a search keeps what has all words in name or keywords, and what lies above it", () => {
  const places = (query) => {
    const { shown, found } = searchTree(LABELS, query);
    return [[...shown].sort(), Object.fromEntries(found)];
  };
  assert.equal(searchTree(LABELS, "  "), undefined);
  assert.deepEqual(places("MUSICA"), [[0], { 0: "" }]);
  assert.deepEqual(places("steam"), [[0, 1, 2], { 1: "steam engine", 2: "steam" }]);
  assert.deepEqual(places("trains rails"), [[1], { 1: "Rails" }]);
  assert.deepEqual(places("violins flour"), [[], {}]);
  assert.deepEqual(places("<b>"), [[], {}]);
});

test("what is open stays open when topics are renumbered or renamed, and closes when they go", () => {
  const merged = [LABELS[0], { ...LABELS[1], topic: 2 }, LABELS[3]];
  assert.deepEqual(["0-0", "0-1", "1-0", "1-1"].map(follow(LABELS, merged)), ["0-0", "0-2", undefined, "1-1"]);
  const renamed = LABELS.map((label, at) => (at === 1 ? { ...label, text: "Railways" } : label));
  assert.deepEqual(["0-0", "0-1"].map(follow(LABELS, renamed)), ["0-0", "0-1"]);
});

test("shares are told in words that never round something to nothing", () => {
  assert.equal(shareWords({ core: 71, soft: 28, none: 1 }), "core 71 % · soft 28 % · none 1 %");
  assert.equal(shareWords({ core: 2000, soft: 1, none: 0 }), "core >99 % · soft <1 %");
  assert.equal(shareWords({ core: 0, soft: 0, none: 0 }), "core 0 % · soft 0 %");
  assert.deepEqual([0, 0.001, 0.5, 0.999, 1].map(percent), ["0 %", "<1 %", "50 %", ">99 %", "100 %"]);
});

test("only a confidence that is known and low is doubted", () => {
  assert.deepEqual([null, undefined, 0.5, 0.9].map(doubt), [undefined, undefined, undefined, undefined]);
  assert.match(doubt(0.31), /Low confidence \(0.31 of 1\)/);
});

test("dates are counted by days, months or years as they fit", () => {
  const bins = (...days) => timeBins(days.map((day) => (day ? Date.parse(day) : NaN)), "dates");
  assert.deepEqual(bins("2020-02-28", "2020-03-01T20:00Z", ""), { unit: "day", names: ["2020-02-28", "2020-02-29", "2020-03-01"], places: Int32Array.from([0, 2, -1]) });
  assert.deepEqual(bins("2019-11-30", "2020-03-01").names, ["2019-11", "2019-12", "2020-01", "2020-02", "2020-03"]);
  assert.deepEqual(bins("1965-01-01", "1969-06-01", "1971-12-31").places, Int32Array.from([0, 4, 6]));
  const wide = bins("1895-01-01", "2021-12-31");
  assert.deepEqual([wide.unit, wide.names[0], wide.names.at(-1), ...wide.places], ["year", "1895–1899", "2020–2024", 0, 25]);
  assert.deepEqual(timeBins([2001, NaN, 2003], "years"), { unit: "year", names: ["2001", "2002", "2003"], places: Int32Array.from([0, -1, 2]) });
});

test("years are known by their name or their values", () => {
  const numbers = (name, ...values) => yearsOf(name, { legend: { kind: "numbers", names: [] }, codes: [], values }) !== undefined;
  assert.deepEqual([numbers("year", 1066), numbers("words", 1066), numbers("published", 1990, NaN, 2020), numbers("year", 2000.5), numbers("year", NaN)], [true, false, true, false, false]);
  const named = { legend: { kind: "categories", names: ["1999", "2001"] }, codes: [0, 2, 1], values: undefined };
  assert.deepEqual([...yearsOf("when", named)], [NaN, 2001, 1999]);
});

test("a page answers for its topics from what lies in it", () => {
  const kinds = Uint16Array.from([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
  const topics = Int16Array.from([...Array(6).fill(0), ...Array(6).fill(1), ...Array(12).fill(0)]);
  const column = (kind, names, codes, values) => ({ legend: { kind, names }, codes, values });
  const answers = {
    n: 12,
    facts: { topics: [[{ weights: [1], exemplars: [2] }, { weights: [1, 0.5], exemplars: [7, 8], description: "on rails" }]] },
    channels: new Map([
      ["topic", column("categories", ["a", "b"], kinds)],
      ["kind", column("categories", ["pet", "way"], kinds)],
      ["year", column("numbers", [], kinds, Float64Array.from([...Array(6).fill(2001), ...Array(6).fill(2003)]))],
      ["topic_assignment", column("categories", ["core", "soft"], Uint16Array.from([1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 2]))],
    ]),
    model: { get: () => LABELS.slice(0, 2) },
    topicOf: (point, layer) => topics[12 * layer + point],
    line: (point) => ({ point, text: `text ${point}` }),
  };
  assert.deepEqual(topicShares(answers), { core: 8, soft: 4, none: 0 });
  const card = topicCard(answers, { layer: 0, topic: 1 });
  assert.deepEqual([card.name, card.size, card.share, card.core, card.locked, card.description], ["Trains", 6, 0.5, 5 / 6, true, "on rails"]);
  assert.deepEqual(card.exemplars.map(({ point }) => point), [7, 8]);
  assert.deepEqual(card.time, { column: "year", unit: "year", names: ["2001", "2002", "2003"], counts: [0, 0, 6], totals: [6, 0, 6] });
  assert.deepEqual(card.lift.map(({ column: name, value, lift }) => [name, value, lift]), [["kind", "way", 2]]);
  assert.deepEqual(card.neighbors, [{ layer: 0, topic: 0, name: "Música y pan", similarity: null }]);
  assert.deepEqual(card.contrast, [["steam engine", 1], ["Rails", 0.5]]);
  const { sides, shared, common } = compareTopics(answers, { a: [0, 0], b: [0, 1] });
  assert.deepEqual([sides[0].only, sides[1].lift[0].share, sides[1].lift[0].other, shared, common], [["pan"], 1, 0, [], 0]);
  assert.throws(() => topicCard({ ...answers, facts: { topics: [[], [], [[]]] } }, { layer: 2, topic: 0 }), /no topic 0 in layer 2/);
});

test("the likelihood ratio is none where a value is spread evenly", () => {
  assert.ok(Math.abs(logLikelihood(5, 10, 50, 100)) < 1e-9);
  assert.ok(logLikelihood(9, 10, 50, 100) > 6);
});

test("dates of any age have few bins, and those that stand for no end have none", () => {
  const moments = ["2020-01-01", "2020-01-03", "9999-12-31"].map((day) => Date.parse(day));
  const usual = timeBins(moments, "dates", [moments[0], moments[1]]);
  assert.deepEqual([usual.unit, usual.names, [...usual.places]], ["day", ["2020-01-01", "2020-01-02", "2020-01-03"], [0, 2, -1]]);
  const all = timeBins(moments, "dates");
  assert.equal(all.unit, "year");
  assert.deepEqual([...all.places], [0, 0, all.names.length - 1]);
  assert.ok(all.names.length <= 60);
});

test("numbers that count from a base, and lists, are no years", () => {
  assert.equal(yearsOf("tid", { legend: { kind: "numbers", names: [], base: "1600000000000000000" }, codes: [], values: [2000, 2001] }), undefined);
  assert.equal(yearsOf("tags", { legend: { kind: "lists", names: ["2001"] }, codes: [1] }), undefined);
});
