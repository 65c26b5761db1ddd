import { messages } from "../messages.ts";
import { FUNCTION_WORDS } from "../panels/marked_text.ts";
import type { SelectionResponse, SelectionTopic, SelectionValue, SelectionWord } from "../protocol.ts";
import { eachWord, foldWord, wordsOf } from "../words.ts";
import type { PageChannel } from "./columns.ts";
import type { PageAnswers } from "./handlers.ts";

// As in nomic_explore/view/requests/selection.py, which has vectors and phrases besides.
const [N_TOPICS, MIN_COVERED, N_WORDS, N_TYPICAL, N_IN_NAME, N_VALUES] = [6, 0.7, 10, 5, 3, 6];
const [N_READ, N_OTHERS_READ, MAX_READ, MIN_LIFT, MIN_INSIDE, PRIOR] = [200, 400, 1000, 1.5, 3, 20];
const OWN = /^(topic( \(\d+(, layer \d+)?\))?|topic_assignment|topic_strength|tags|duplicate_role|characters|similarity to neighbors)$/u;

/** What the selected documents of a page have in common: counted, as far as the page holds it. */
export function describeSelection(answers: PageAnswers): SelectionResponse {
  const points = [...answers.chosen(undefined)];
  if (!points.length) throw new Error(messages.selection.nothing);
  const isInside = new Uint8Array(answers.n);
  for (const point of points) isInside[point] = 1;
  const topics = topicsOf(answers, points);
  const words = wordsApart(answers, points, isInside);
  return {
    size: points.length,
    share: points.length / answers.n,
    topics,
    elsewhere: points.length - topics.reduce((sum, topic) => sum + topic.count, 0),
    words,
    values: valuesApart(answers, isInside, points.length),
    typical: typicalOf(answers, points).map((point) => answers.line(point)),
    suggested: suggestName(words),
  };
}

/** The topics that hold most of some points, in the finest layer of which a few hold most of them. */
function topicsOf(answers: PageAnswers, points: number[]): SelectionTopic[] {
  const { n } = answers;
  const everywhere = Array.from({ length: n }, (_, point) => point);
  for (let layer = answers.facts.layers.length - 1; ; layer--) {
    const [inside, all] = [points, everywhere].map((some) => tally(some, (point) => answers.topicOf(point, layer)));
    inside.delete(-1);
    const largest = [...inside].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, N_TOPICS);
    if (layer > 0 && largest.reduce((sum, [, count]) => sum + count, 0) < MIN_COVERED * points.length) continue;
    return largest.map(([topic, count]) => {
      const share = count / points.length;
      return { layer, topic, name: answers.nameOf(layer, topic), count, share, lift: (share * n) / (all.get(topic) ?? 1) };
    });
  }
}

function tally(points: Iterable<number>, valueOf: (point: number) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const point of points) counts.set(valueOf(point), (counts.get(valueOf(point)) ?? 0) + 1);
  return counts;
}

/** Words that set the selection apart, by the z-score of the log-odds, counted in samples of it and of the others. */
function wordsApart(answers: PageAnswers, points: number[], isInside: Uint8Array): SelectionWord[] {
  const others = Array.from({ length: answers.n }, (_, point) => point).filter((point) => !isInside[point]);
  const read = [sample(points, N_READ), sample(others, N_OTHERS_READ)].map((some) => some.map((point) => answers.textOf(point)).filter(Boolean));
  const [own, other] = read.map(countWords);
  const [nOwn, nOther] = read.map((texts) => texts.length);
  if (!nOwn || !nOther) return [];
  const scored = [...own].flatMap(([stem, { count, forms }]) => {
    const outside = other.get(stem)?.count ?? 0;
    const [share, rest] = [count / nOwn, outside / nOther];
    if (count < Math.min(2, nOwn) || share < MIN_LIFT * rest) return [];
    const prior = (PRIOR * (count + outside + 0.5)) / (nOwn + nOther + 1);
    const score = logOddsZ(count + prior, nOwn + PRIOR, outside + prior, nOther + PRIOR) * Math.sqrt(share);
    const [word] = [...forms].sort((a, b) => b[1] - a[1])[0];
    return score > 0 ? [{ stem, word, share, other: rest, score }] : [];
  });
  const vocabulary = new Set(answers.labels.flatMap((label) => label.keywords).flatMap(wordsOf).map(foldWord));
  const telling = scored.filter((one) => vocabulary.has(one.stem)); // words that name topics, not how texts are written
  return (telling.length >= N_IN_NAME ? telling : scored).sort((a, b) => b.score - a.score).slice(0, N_WORDS).map(({ stem, score, ...word }) => word);
}

function logOddsZ(inside: number, nInside: number, outside: number, nOutside: number): number {
  const odds = (count: number, n: number) => Math.log(count / Math.max(n - count, 1));
  return (odds(inside, nInside) - odds(outside, nOutside)) / Math.sqrt(1 / inside + 1 / outside);
}

/** How many texts hold each word of three letters or more, and how it is written. */
function countWords(texts: string[]): Map<string, { count: number; forms: Map<string, number> }> {
  const found = new Map<string, { count: number; forms: Map<string, number> }>();
  for (const text of texts) {
    const seen = new Map<string, string>();
    eachWord(text.slice(0, MAX_READ), (word) => /^\p{L}{3,30}$/u.test(word) && !FUNCTION_WORDS.has(word.toLowerCase()) && seen.set(foldWord(word), word.toLowerCase()));
    for (const [stem, written] of seen) {
      const one = found.get(stem) ?? { count: 0, forms: new Map<string, number>() };
      one.count++;
      one.forms.set(written, (one.forms.get(written) ?? 0) + 1);
      found.set(stem, one);
    }
  }
  return found;
}

function suggestName(words: SelectionWord[]): string {
  const best = words.slice(0, 2 * N_IN_NAME).sort((a, b) => b.share / (b.other + 1 / N_OTHERS_READ) - a.share / (a.other + 1 / N_OTHERS_READ));
  const name = best.slice(0, N_IN_NAME).map((one) => one.word).join(", ");
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Values of columns that are more frequent in the selection than among all documents, those first that chance explains least. */
function valuesApart(answers: PageAnswers, isInside: Uint8Array, size: number): SelectionValue[] {
  const { n } = answers;
  const found: (SelectionValue & { evidence: number })[] = [];
  for (const [column, channel] of answers.channels) {
    const names: string[] = channel.legend.names;
    if ((OWN.test(column) && !(column === "tags" && answers.facts.hasTagColumn)) || names.length < 2) continue;
    const [inside, all] = countValues(channel, isInside);
    names.forEach((value, at) => {
      const [count, total] = [inside[at + 1], all[at + 1]];
      const [share, overall] = [count / size, total / n];
      const evidence = logLikelihood(count, size, total, n);
      if (count >= MIN_INSIDE && share > overall && evidence >= 2 * Math.log(100 * names.length)) found.push({ column, value, share, overall, lift: share / overall, evidence });
    });
  }
  return found.sort((a, b) => b.evidence - a.evidence).slice(0, N_VALUES).map(({ evidence, ...value }) => value);
}

/** How many points have each value, of those inside and of all. */
function countValues({ legend, codes, starts, members }: PageChannel, isInside: Uint8Array): [Uint32Array, Uint32Array] {
  const [inside, all] = [new Uint32Array(legend.names.length + 1), new Uint32Array(legend.names.length + 1)];
  const count = (code: number, point: number) => {
    all[code]++;
    if (isInside[point]) inside[code]++;
  };
  for (let point = 0; point < isInside.length; point++) {
    if (!starts || !members) count(codes[point], point);
    else for (let at = starts[point]; at < starts[point + 1]; at++) count(members[at], point);
  }
  return [inside, all];
}

/** G squared of the two-by-two table: in the group, its size, in all, all there are (Dunning 1993). */
function logLikelihood(inside: number, size: number, total: number, n: number): number {
  const weigh = (one: number) => one * Math.log(Math.max(one, 1));
  const missing = size - inside;
  return 2 * (weigh(inside) + weigh(missing) + weigh(total - inside) + weigh(n - total - missing) - weigh(size) - weigh(n - size) - weigh(total) - weigh(n - total) + weigh(n));
}

/** The points nearest to the middle of some points on the map, one of each text. */
function typicalOf(answers: PageAnswers, points: number[]): number[] {
  const { places } = answers.blocks;
  const middle = [0, 1].map((axis) => points.reduce((sum, point) => sum + places[2 * point + axis], 0) / points.length);
  const far = (point: number) => Math.hypot(places[2 * point] - middle[0], places[2 * point + 1] - middle[1]);
  const chosen = new Map<string, number>();
  for (const point of points.toSorted((a, b) => far(a) - far(b))) {
    if (chosen.size === N_TYPICAL) break;
    if (answers.textOf(point) && !chosen.has(answers.textOf(point))) chosen.set(answers.textOf(point), point);
  }
  return [...chosen.values()];
}

/** Points at equal distances, at most so many: the same ones each time. */
function sample(points: number[], most: number): number[] {
  return points.length <= most ? points : Array.from({ length: most }, (_, at) => points[Math.floor((at * (points.length - 1)) / (most - 1))]);
}
