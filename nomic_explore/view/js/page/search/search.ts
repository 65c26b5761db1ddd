import { parseQuery } from "../query.ts";
import type { PageAnswers } from "../handlers.ts";
import type { Hit, HitsResponse, MoreLikeRequest, SearchRequest } from "../../protocol.ts";
import { nearTo } from "./near.ts";
import { WordIndex } from "./ranking.ts";
import { cutSnippet } from "./snippet.ts";

const [N_HITS, LINE_LENGTH] = [200, 160];

/** Search in a page, which has no model: by words and conditions, and for more of the same by stored neighbors. */
export class PageSearch {
  private readonly answers: PageAnswers;
  private index: Promise<WordIndex> | undefined;

  constructor(answers: PageAnswers) {
    this.answers = answers;
  }

  async search({ query }: SearchRequest): Promise<HitsResponse> {
    const { words, isMet } = this.parse(query);
    if (!words.length) {
      const points = this.pointsMeeting(isMet);
      return { hits: this.hitsOf(points, []), scored: "", total: points.length, words, nWithAll: null };
    }
    const { points, scores, nWithAll } = (await this.read()).rank(words.join(" "), isMet, true);
    return { hits: this.hitsOf(points, words, scores), scored: "words", total: points.length, words, nWithAll };
  }

  /** Documents near some points, or near the selection, through the neighbors that the page holds. */
  like({ points }: MoreLikeRequest): HitsResponse {
    const { neighbors, similarities } = this.answers.blocks;
    const near = neighbors && similarities ? nearTo(this.answers.chosen(points ?? undefined), neighbors, similarities, this.answers.n) : [];
    const hits = near.slice(0, N_HITS).map(({ point, score }) => ({ ...this.answers.line(point), by: "meaning", score }));
    return { hits, scored: "near", total: hits.length, words: [], nWithAll: null };
  }

  /** The points that meet all conditions of a query and hold all of its words. */
  async matching(query: string): Promise<number[]> {
    const { words, isMet } = this.parse(query);
    const met = this.pointsMeeting(isMet);
    if (!words.length) return met;
    const held = new Set((await this.read()).holding(words.join(" ")));
    return met.filter((point) => held.has(point));
  }

  private parse(query: string) {
    const { channels, facts } = this.answers;
    const { words, conditions } = parseQuery(query, ["id", "tags", ...(facts.absent ?? []), ...channels.keys()]);
    const fits = conditions.map((one) => this.answers.meets(one));
    return { words, isMet: (point: number) => fits.every((act) => act(point)) };
  }

  private read(): Promise<WordIndex> {
    return (this.index ??= WordIndex.read(this.answers.texts));
  }

  private pointsMeeting(isMet: (point: number) => boolean): number[] {
    return Array.from({ length: this.answers.n }, (_, point) => point).filter(isMet);
  }

  private hitsOf(points: number[], words: string[], scores?: number[]): Hit[] {
    return points.slice(0, N_HITS).map((point, at) => ({
      ...this.answers.line(point),
      text: cutSnippet(this.answers.documents.rest(point), words, LINE_LENGTH),
      by: words.length ? "words" : "column",
      score: scores?.[at] ?? null,
    }));
  }
}
