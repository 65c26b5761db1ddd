/** Cards and comparisons of topics: looked up among those that Python computed for the page. */
import { messages } from "../messages.ts";
import type { CompareTopicsRequest, CompareTopicsResponse, TopicCardResponse, TopicRequest, TopicSide, ValueLift } from "../protocol.ts";
import { fitsFilter } from "./columns.ts";
import type { PageAnswers } from "./handlers.ts";

export function topicCard(answers: PageAnswers, { layer, topic }: TopicRequest): TopicCardResponse {
  const labels = answers.labels;
  const label = labels.find((one) => one.layer === layer && one.topic === topic);
  if (!label) throw new Error(messages.topics.noTopic(topic, layer));
  const { cards, time } = answers.blocks.cards;
  const { counts, exemplars, neighbors, ...stored } = cards[layer][topic];
  const parent = labels[label.parent];
  return {
    ...stored,
    layer,
    topic,
    name: label.text,
    keywords: label.keywords,
    confidence: label.confidence,
    locked: label.locked,
    parent: parent ? { layer: parent.layer, topic: parent.topic, name: parent.text } : null,
    exemplars: exemplars.map((point) => answers.line(point)),
    time: time && { ...time, counts },
    neighbors: neighbors.map((one) => ({ ...one, layer, name: answers.nameOf(layer, one.topic) })),
  };
}

export function compareTopics(answers: PageAnswers, { a, b }: CompareTopicsRequest): CompareTopicsResponse {
  const cards = [a, b].map(([layer, topic]) => topicCard(answers, { layer, topic }));
  const folded = cards.map(({ keywords }) => new Set(keywords.map((word) => word.toLowerCase())));
  const points = cards.map((card) => answers.pointsWhere((point) => answers.topicOf(point, card.layer) === card.topic));
  const [groups, nCommon] = apart(points);
  const sides = cards.map((card, at): TopicSide => ({
    layer: card.layer,
    topic: card.topic,
    name: card.name,
    size: card.size,
    core: card.core,
    only: card.keywords.filter((word) => !folded[1 - at].has(word.toLowerCase())),
    lift: liftsOf(answers, card, groups[at], groups[1 - at]),
  }));
  return { sides, shared: cards[0].keywords.filter((word) => folded[1].has(word.toLowerCase())), similarity: similarityOf(answers, a, b), common: nCommon };
}

/** Two groups of points without what they share, which counts for the smaller, and how many that are. */
function apart(groups: Uint32Array[]): [Uint32Array[], number] {
  const smaller = groups[1].length < groups[0].length ? 1 : 0;
  const inside = new Set(groups[smaller]);
  const rest = groups[1 - smaller].filter((point) => !inside.has(point));
  return [smaller ? [rest, groups[1]] : [groups[0], rest], groups[1 - smaller].length - rest.length];
}

/** Of the values that stand out in a topic, those more frequent in it than in another. */
function liftsOf(answers: PageAnswers, { lift }: TopicCardResponse, own: Uint32Array, other: Uint32Array): ValueLift[] {
  return lift.flatMap(({ column, value }) => {
    const channel = answers.channels.get(column);
    if (!channel) return [];
    const fits = fitsFilter({ column, values: [String(value)] }, channel);
    const [share, otherShare] = [own, other].map((points) => points.filter(fits).length / Math.max(1, points.length));
    return share > otherShare ? [{ column, value, share, other: otherShare }] : [];
  });
}

/** The cosine of the mean vectors of two topics: of a table of all pairs, row by row above the diagonal. */
function similarityOf({ blocks, facts }: PageAnswers, ...places: number[][]): number {
  const numberOf = ([layer, topic]: number[]) => facts.layers.slice(0, layer).reduce((total, names) => total + names.length, topic);
  const [first, second] = places.map(numberOf).sort((one, other) => one - other);
  const n = facts.layers.reduce((total, names) => total + names.length, 0);
  return blocks.alike[first * n - (first * (first + 1)) / 2 + second - first - 1] / 100;
}
