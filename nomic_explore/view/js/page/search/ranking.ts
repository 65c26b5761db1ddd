import { eachWord, foldWord, wordsOf } from "../../words.ts";

const [K1, B] = [1.2, 0.75]; // as in the index of the notebook
const SLICE_MS = 25; // of reading between two looks at what else the page has to do

export type Ranked = { points: number[]; scores: number[]; nWithAll: number };

/** The words of all documents of a page, as numbers, to be ranked by BM25; of identical texts only the first counts. */
export class WordIndex {
  private readonly numbers = new Map<string, number>();
  private readonly forms = new Map<string, number>();
  private readonly points: number[] = [];
  private readonly ends: number[] = [];
  private codes = new Int32Array(1 << 16);

  /** Reads the texts, some at a time. */
  static async read(texts: string[]): Promise<WordIndex> {
    const index = new WordIndex();
    const seen = new Set<string>();
    let began = performance.now();
    for (let point = 0; point < texts.length; point++) {
      if (performance.now() - began > SLICE_MS) {
        await new Promise((done) => setTimeout(done));
        began = performance.now();
      }
      if (!texts[point].trim() || seen.has(texts[point])) continue;
      seen.add(texts[point]);
      index.add(point, texts[point]);
    }
    return index;
  }

  private add(point: number, text: string) {
    let end = this.ends.at(-1) ?? 0;
    if (end + text.length > this.codes.length) this.codes = widened(this.codes, 2 * (end + text.length));
    eachWord(text, (word) => (this.codes[end++] = this.number(word)));
    this.points.push(point);
    this.ends.push(end);
  }

  /** The number of a word, the same for all its forms. */
  private number(written: string): number {
    const known = this.forms.get(written);
    if (known !== undefined) return known;
    const word = foldWord(written);
    const number = this.numbers.get(word) ?? this.numbers.size;
    this.numbers.set(word, number);
    this.forms.set(written, number);
    return number;
  }

  /** The points that hold some of the words of a query, best first. */
  rank(query: string, isAllowed: (point: number) => boolean = () => true): Ranked {
    const written = wordsOf(query).map(foldWord);
    const asked = [...new Set(written)];
    const times = asked.map((word) => written.filter((other) => other === word).length);
    const place = new Map(asked.flatMap((word, at) => (this.numbers.has(word) ? [[this.numbers.get(word) as number, at]] : [])));
    const found: { document: number; counts: number[] }[] = [];
    const nWith = asked.map(() => 0);
    for (let document = 0; document < this.points.length; document++) {
      const counts = this.count(document, place, asked.length);
      if (!counts) continue;
      counts.forEach((count, at) => (nWith[at] += Number(count > 0)));
      found.push({ document, counts });
    }
    const allowed = found.filter(({ document }) => isAllowed(this.points[document]));
    const scored = allowed.map(({ document, counts }) => ({ point: this.points[document], score: this.score(document, counts, times, nWith) }));
    scored.sort((a, b) => b.score - a.score || a.point - b.point);
    return {
      points: scored.map((one) => one.point),
      scores: scored.map((one) => one.score),
      nWithAll: asked.length ? allowed.filter(({ counts }) => counts.every((count) => count > 0)).length : 0,
    };
  }

  /** How often a document holds each of some words; undefined if it holds none. */
  private count(document: number, place: Map<number, number>, n: number): number[] | undefined {
    let counts: number[] | undefined;
    for (let at = this.ends[document - 1] ?? 0; at < this.ends[document]; at++) {
      const word = place.get(this.codes[at]);
      if (word === undefined) continue;
      counts ??= Array<number>(n).fill(0);
      counts[word]++;
    }
    return counts;
  }

  /** BM25. @param times how often the query has each word */
  private score(document: number, counts: number[], times: number[], nWith: number[]): number {
    const n = this.points.length;
    const average = (this.ends.at(-1) ?? 0) / n;
    const length = this.ends[document] - (this.ends[document - 1] ?? 0);
    const weight = (count: number, at: number) => Math.log(1 + (n - nWith[at] + 0.5) / (nWith[at] + 0.5)) * ((count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / average)));
    return counts.reduce((sum, count, at) => sum + times[at] * weight(count, at), 0);
  }
}

function widened(codes: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(length);
  wider.set(codes);
  return wider;
}
