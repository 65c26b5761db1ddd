import assert from "node:assert/strict";
import test from "node:test";
import { percent } from "../../nomic_explore/view/js/dom.ts";
import { messages } from "../../nomic_explore/view/js/messages.ts";
import { compareTopics, topicCard } from "../../nomic_explore/view/js/page/topics.ts";
import { childrenOf, doubt, follow, linesOf, searchTree } from "../../nomic_explore/view/js/panels/topics/tree.ts";

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

test("the tree lists what is open, and what a search finds with all that lies above it", () => {
  const listed = (opened, query = "") => linesOf(LABELS, new Set(opened), searchTree(LABELS, query)).map(({ at, level, place, nSiblings, nInside, isOpen }) => [at, level, place, nSiblings, nInside, isOpen]);
  assert.deepEqual(listed([]), [[0, 1, 1, 2, 2, false], [1, 1, 2, 2, 0, false]]);
  assert.deepEqual(listed(["0-0"]), [[0, 1, 1, 2, 2, true], [3, 2, 1, 2, 0, false], [2, 2, 2, 2, 0, false], [1, 1, 2, 2, 0, false]]);
  assert.deepEqual(listed([], "strings"), [[0, 1, 1, 1, 1, true], [2, 2, 1, 1, 0, false]]);
  assert.deepEqual(listed([], "musica"), [[0, 1, 1, 1, 2, false]]);
  assert.deepEqual(listed(["0-0"], "musica").map(([at]) => at), [0, 3, 2]);
  assert.deepEqual(listed([], "no such word"), []);
});

test("shares are put in words that never round something to nothing", () => {
  const { shares } = messages.topics;
  assert.equal(shares({ core: 71, soft: 28, none: 1 }), "71 % clearly in a topic, 28 % near one, 1 % in none");
  assert.equal(shares({ core: 2000, soft: 1, none: 0 }), ">99 % clearly in a topic, <1 % near one");
  assert.equal(shares({ core: 0, soft: 0, none: 0 }), "0 % clearly in a topic, 0 % near one");
  assert.deepEqual([0, 0.001, 0.5, 0.999, 1].map(percent), ["0 %", "<1 %", "50 %", ">99 %", "100 %"]);
});

test("only a stability that is known and low is doubted", () => {
  assert.deepEqual([null, 0.5, 0.9].map(doubt), [undefined, undefined, undefined]);
  assert.match(doubt(0.31), /Unstable \(0.31 of 1\)/);
});

const CARD = { size: 6, share: 0.5, core: 0.833, soft: 0.167, description: "on rails", weights: [1, 0.5], exemplars: [7, 8], dates: { day: ["2001-01-01", "2003-01-01"] }, counts: [0, 6], contrast: ["Rails"] };

/** Twelve documents, six of each topic; those of the second all are of one kind, those of the first mostly of the other. */
function makeAnswers() {
  const topics = Int16Array.from([...Array(6).fill(0), ...Array(6).fill(1)]);
  const codes = Uint16Array.from([1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
  const lift = [{ column: "kind", value: "way", share: 1, overall: 0.667, lift: 1.5 }, { column: "gone", value: 3, share: 1, overall: 0.5, lift: 2 }];
  const cards = [[{ ...CARD, lift: [{ column: "kind", value: "pet", share: 0.667, overall: 0.333, lift: 2 }], neighbors: [] }, { ...CARD, lift, neighbors: [{ topic: 0, similarity: 0.25 }] }]];
  return {
    facts: { layers: [["Música y pan", "Trains"], ["Violins", "Bread"]] },
    blocks: { cards: { time: { column: "year", unit: "year", names: ["2001", "2002"], totals: [6, 6] }, cards }, alike: Int8Array.from([25, 10, 11, 12, 13, 99]) },
    labels: LABELS,
    channels: new Map([["kind", { legend: { kind: "categories", names: ["pet", "way"] }, codes }]]),
    topicOf: (point) => topics[point],
    nameOf: (layer, topic) => LABELS.find((one) => one.layer === layer && one.topic === topic).text,
    line: (point) => ({ point, text: `text ${point}` }),
    pointsWhere: (fits) => Uint32Array.from({ length: 12 }, (_, point) => point).filter(fits),
  };
}

test("a page reads a card from what it holds, with the names that topics have now", () => {
  const card = topicCard(makeAnswers(), { layer: 0, topic: 1 });
  assert.deepEqual([card.name, card.size, card.locked, card.description, card.parent], ["Trains", 6, true, "on rails", null]);
  assert.deepEqual(card.exemplars.map(({ point, text }) => [point, text]), [[7, "text 7"], [8, "text 8"]]);
  assert.deepEqual(card.time, { column: "year", unit: "year", names: ["2001", "2002"], totals: [6, 6], counts: [0, 6] });
  assert.deepEqual(card.neighbors, [{ topic: 0, similarity: 0.25, layer: 0, name: "Música y pan" }]);
  assert.throws(() => topicCard(makeAnswers(), { layer: 2, topic: 0 }), /no topic 0 in layer 2/);
});

test("a page compares two topics by their cards, and counts how frequent a value is in the other", () => {
  const { sides, shared, similarity, common } = compareTopics(makeAnswers(), { a: [0, 1], b: [0, 0] });
  assert.deepEqual([sides.map(({ only }) => only), shared, similarity, common], [[["steam engine", "Rails"], ["pan"]], [], 0.25, 0]);
  assert.deepEqual(sides[0].lift, [{ column: "kind", value: "way", share: 1, other: 2 / 6 }]);
  assert.deepEqual(sides[1].lift, [{ column: "kind", value: "pet", share: 4 / 6, other: 0 }]);
});

test("a topic inside another is compared with the rest of it", () => {
  const answers = makeAnswers();
  const card = { ...CARD, size: 4, lift: [{ column: "kind", value: "pet", share: 1, overall: 0.333, lift: 3 }], neighbors: [] };
  answers.blocks.cards.cards.push([card, card]);
  answers.topicOf = (point, layer) => (layer ? (point < 4 ? 0 : 1) : point < 6 ? 0 : 1);
  const { sides, common, similarity } = compareTopics(answers, { a: [0, 0], b: [1, 0] });
  assert.deepEqual([common, similarity], [4, 0.1]);
  assert.deepEqual(sides[1].lift, [{ column: "kind", value: "pet", share: 1, other: 0 }]);
});
