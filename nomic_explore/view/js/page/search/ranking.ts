import { eachWord, foldWord, wordsOf } from "../../words.ts";

const [K1, B] = [1.2, 0.75]; // as in the index of the notebook
const SLICE_MS = 25; // of reading between two looks at what else the page has to do
const MIN_BEGINNING = 2; // letters of a word that is not finished

export type Ranked = { points: number[]; scores: number[]; nWithAll: number };

/** The words of all documents of a page, as numbers, to be ranked by BM25; identical texts are one document. */
export class WordIndex {
  private readonly numbers = new Map<string, number>();
  private readonly forms = new Map<string, number>();
  private readonly members: number[][] = []; // the points with each text
  private readonly ends: number[] = [];
  private codes = new Int32Array(1 << 16);

  /** Reads the texts, some at a time. */
  static async read(texts: readonly string[]): Promise<WordIndex> {
    const index = new WordIndex();
    const known = new Map<string, number[]>();
    let began = performance.now();
    for (let point = 0; point < texts.length; point++) {
      if (performance.now() - began > SLICE_MS) {
        await new Promise((done) => setTimeout(done));
        began = performance.now();
      }
      const text = texts[point];
      const twins = known.get(text);
      if (twins) twins.push(point);
      else if (text.trim()) {
        const members = [point];
        known.set(text, members);
        index.add(members, text);
      }
    }
    return index;
  }

  private add(members: number[], text: string) {
    let end = this.ends.at(-1) ?? 0;
    if (end + text.length > this.codes.length) this.codes = widened(this.codes, 2 * (end + text.length));
    eachWord(text, (word) => (this.codes[end++] = this.number(word)));
    this.members.push(members);
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

  /**
   * The points that hold some of the words of a query, best first.
   * @param completes whether a word that no document holds stands for those that begin with it
   */
  rank(query: string, isAllowed: (point: number) => boolean = () => true, completes = false): Ranked {
    const written = wordsOf(query).map(foldWord);
    const asked = [...new Set(written)];
    const times = asked.map((word) => written.filter((other) => other === word).length);
    const place = new Map(asked.flatMap((word, at) => this.numbersOf(word, completes).map((number) => [number, at] as const)));
    const found: { document: number; counts: number[] }[] = [];
    const nWith = asked.map(() => 0);
    for (let document = 0; document < this.members.length; document++) {
      const counts = this.count(document, place, asked.length);
      if (!counts) continue;
      counts.forEach((count, at) => (nWith[at] += Number(count > 0)));
      found.push({ document, counts });
    }
    const scored = found.flatMap(({ document, counts }) => {
      const point = this.members[document].find(isAllowed);
      return point === undefined ? [] : [{ point, score: this.score(document, counts, times, nWith), hasAll: counts.every((count) => count > 0) }];
    });
    scored.sort((a, b) => b.score - a.score || a.point - b.point);
    return { points: scored.map((one) => one.point), scores: scored.map((one) => one.score), nWithAll: scored.filter((one) => one.hasAll).length };
  }

  /** All points that hold every word of a query. */
  holding(query: string): number[] {
    const asked = [...new Set(wordsOf(query).map(foldWord))];
    const place = new Map(asked.flatMap((word, at) => this.numbersOf(word, false).map((number) => [number, at] as const)));
    return this.members.filter((_, document) => this.count(document, place, asked.length)?.every((count) => count > 0)).flat();
  }

  private numbersOf(word: string, completes: boolean): number[] {
    const known = this.numbers.get(word);
    if (known !== undefined) return [known];
    if (!completes || word.length < MIN_BEGINNING) return [];
    return [...this.numbers].filter(([other]) => other.startsWith(word)).map(([, number]) => number);
  }

  /** How often a document holds each of some words; undefined if it holds none. */
  private count(document: number, place: ReadonlyMap<number, number>, n: number): number[] | undefined {
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
    const n = this.members.length;
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
