import { timeBins, yearsOf } from "./time_bins.ts";
import { keyOf } from "../panels/topics/tree.ts";
import type { Channel } from "./conditions.ts";
import type { PageAnswers } from "./handlers.ts";

/** What the topic panel asks, answered from what lies in a page: without vectors, near topics are those near on the map. */


export type Place = {layer: number, topic: number};

const N_NEIGHBORS = 5;
const N_LIFTS = 6;
const MIN_INSIDE = 3;
const OWN = /^(topic( \(\d+(, layer \d+)?\))?|topic_assignment|topic_strength|tags|duplicate_role|characters|similarity to neighbors)$/u;

export function topicShares(answers: PageAnswers) {
  const codes = answers.channels.get("topic_assignment")?.codes ?? [];
  const counts = [0, 0, 0];
  for (const code of codes) counts[code]++;
  return { core: counts[1], soft: counts[2], none: counts[0] };
}

export function topicCard(answers: PageAnswers, place: Place) {
  const labels = answers.model.get("labels");
  const label = labelOf(labels, place);
  const facts = answers.facts.topics[place.layer][place.topic];
  const points = pointsOf(answers, place);
  const parent = labels[label.parent];
  const siblings = labels.filter((other: any) => other !== label && other.layer === label.layer && other.parent === label.parent);
  return {
    ...place,
    name: label.text,
    size: points.length,
    share: points.length / Math.max(1, answers.n),
    ...coreOf(answers, points),
    confidence: label.confidence,
    locked: label.locked,
    description: facts.description ?? "",
    keywords: label.keywords,
    weights: facts.weights,
    parent: parent ? { layer: parent.layer, topic: parent.topic, name: parent.text } : null,
    exemplars: facts.exemplars.map((point: number) => answers.line(point)),
    dates: datesOf(answers, points),
    time: timesOf(answers, points),
    lift: liftsOf(answers, points, undefined).map(({ count, others, ...lift }) => lift),
    contrast: contrastOf(answers, label, siblings),
    neighbors: nearest(labels, label),
  };
}

export function compareTopics(answers: PageAnswers, { a, b }: {a: [number, number], b: [number, number]}) {
  const labels = answers.model.get("labels");
  const places = [a, b].map(([layer, topic]) => ({ layer, topic }));
  const points = places.map((place) => pointsOf(answers, place));
  const found = places.map((place) => labelOf(labels, place));
  const folded = found.map(({ keywords }) => new Set(keywords.map((word: string) => word.toLowerCase())));
  const sides = places.map((place, at) => ({
    ...place,
    name: found[at].text,
    size: points[at].length,
    core: coreOf(answers, points[at]).core,
    only: found[at].keywords.filter((word: string) => !folded[1 - at].has(word.toLowerCase())),
    lift: liftsOf(answers, points[at], points[1 - at]).map((lift) => ({ column: lift.column, value: lift.value, share: lift.share, other: lift.others })),
  }));
  const inA = new Set(points[0]);
  const shared = found[0].keywords.filter((word: string) => folded[1].has(word.toLowerCase()));
  return { sides, shared, similarity: null, common: points[1].filter((point) => inA.has(point)).length };
}

function labelOf(labels: any[], place: Place) {
  const label = labels.find((one) => keyOf(one) === keyOf(place));
  if (!label) throw new Error(`There is no topic ${place.topic} in layer ${place.layer}.`);
  return label;
}

function pointsOf(answers: PageAnswers, { layer, topic }: Place): number[] {
  const points = [];
  for (let point = 0; point < answers.n; point++) if (answers.topicOf(point, layer) === topic) points.push(point);
  return points;
}

function coreOf(answers: PageAnswers, points: number[]) {
  const codes = answers.channels.get("topic_assignment")?.codes;
  const shareOf = (code: number) => points.filter((point) => codes?.[point] === code).length / Math.max(1, points.length);
  return { core: shareOf(1), soft: shareOf(2) };
}

/** For each column of dates, between which days nine in ten documents lie. */
function datesOf(answers: PageAnswers, points: number[]) {
  const dates: Record<string, [string, string]> = {};
  for (const [name, { legend, values }] of answers.channels) {
    if (legend.kind !== "dates" || !values) continue;
    const own = Array.from(points, (point) => values[point]).filter(Number.isFinite).sort((a, b) => a - b);
    const day = (share: number) => new Date(own[Math.round(share * (own.length - 1))]).toISOString().slice(0, 10);
    if (own.length) dates[name] = [day(0.05), day(0.95)];
  }
  return dates;
}

function timesOf(answers: PageAnswers, points: number[]) {
  const columns = [...answers.channels].filter(([name]) => !OWN.test(name));
  const dated = columns.find(([, channel]) => channel.legend.kind === "dates");
  const [column, channel] = dated ?? columns.find(([name, one]) => yearsOf(name, one)) ?? [];
  if (!column || !channel) return null;
  const bins = dated ? timeBins((channel.values as Float64Array), "dates", [channel.legend.low, channel.legend.high]) : timeBins((yearsOf(column, channel) as ArrayLike<number>), "years");
  const [counts, totals] = [bins.names.map(() => 0), bins.names.map(() => 0)];
  for (const place of bins.places) if (place >= 0) totals[place]++;
  for (const point of points) if (bins.places[point] >= 0) counts[bins.places[point]]++;
  return { column, unit: bins.unit, names: bins.names, counts, totals };
}

/** Values that some points have more often than others do, or than all do, those first that chance explains least. */
function liftsOf(answers: PageAnswers, points: number[], others: number[] | undefined) {
  const own = new Set(points);
  const rest = others ? others.filter((point) => !own.has(point)) : Array.from({ length: answers.n }, (_, point) => point).filter((point) => !own.has(point));
  const found = [];
  for (const [column, channel] of answers.channels) {
    const { legend } = channel;
    if ((OWN.test(column) && !(column === "tags" && answers.facts.hasTagColumn)) || !legend.names.length || !points.length || !rest.length) continue;
    const [inside, outside] = [points, rest].map((some) => counted(some, channel));
    for (let code = 1; code <= legend.names.length; code++) {
      const [count, n] = [inside[code], points.length + rest.length];
      const total = count + outside[code];
      const [share, overall] = [count / points.length, total / n];
      const evidence = logLikelihood(count, points.length, total, n);
      if (count < MIN_INSIDE || share <= overall || evidence < 2 * Math.log(100 * legend.names.length)) continue;
      found.push({ column, value: legend.names[code - 1], share, overall, lift: share / overall, others: outside[code] / rest.length, count, evidence });
    }
  }
  return found.sort((a, b) => b.evidence - a.evidence).slice(0, N_LIFTS);
}

/** How many points have each value. */
function counted(points: number[], { legend, codes, starts, members }: Channel) {
  const counts = new Uint32Array(legend.names.length + 1);
  for (const point of points) {
    if (!starts || !members) counts[codes[point]]++;
    else for (let at = starts[point]; at < starts[point + 1]; at++) counts[members[at]]++;
  }
  return counts;
}

/** Of the two-by-two table: in the group, its size, in all, all there are (Dunning 1993). */
export function logLikelihood(inside: number, size: number, total: number, n: number) {
  const weigh = (one: number) => one * Math.log(Math.max(one, 1));
  const missing = size - inside;
  return 2 * (weigh(inside) + weigh(missing) + weigh(total - inside) + weigh(n - total - missing) - weigh(size) - weigh(n - size) - weigh(total) - weigh(n - total) + weigh(n));
}

/** Keywords that weigh more than in any sibling. */
function contrastOf(answers: PageAnswers, label: any, siblings: any[]): [string, number][] {
  if (!siblings.length) return [];
  const weightsOf = (one: any) => answers.facts.topics[one.layer][one.topic].weights;
  const elsewhere: Map<string, number> = new Map();
  for (const sibling of siblings) sibling.keywords.forEach((word: string, at: number) => elsewhere.set(word.toLowerCase(), Math.max(weightsOf(sibling)[at], elsewhere.get(word.toLowerCase()) ?? 0)));
  const differences: [string, number][] = label.keywords.map((word: string, at: number) => [word, weightsOf(label)[at] - (elsewhere.get(word.toLowerCase()) ?? 0)]);
  return differences.filter(([, more]) => more > 0).sort((a, b) => b[1] - a[1]).slice(0, 8);
}

/** The topics of the layer that lie nearest on the map. */
function nearest(labels: any[], label: any) {
  const far = (other: any) => Math.hypot(other.x - label.x, other.y - label.y);
  const others = labels.filter((other) => other !== label && other.layer === label.layer).sort((a, b) => far(a) - far(b));
  return others.slice(0, N_NEIGHBORS).map(({ layer, topic, text }) => ({ layer, topic, name: text, similarity: null }));
}
