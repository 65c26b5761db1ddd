import { signal } from "@preact/signals-core";
import { html, nothing, render } from "lit-html";
import { debounce } from "../dom.ts";
import { asNumbers } from "../view_state.ts";
import { messages } from "../messages.ts";
import { markWords } from "./marked_text.ts";
import { countStrong, strengthsOf } from "./strong_hits.ts";
import type { Explorer } from "./explorer.ts";
import type { Hit, HitsResponse } from "../protocol.ts";

const SHOWN = 100;
const TYPING_MS = 120;
const says = messages.search;

type Found = HitsResponse & {
  /** all that were found, more than the hits where conditions alone were asked for */
  points: ArrayLike<number>;
  nStrong: number;
  strengths: Uint8Array;
};

/** One box for meaning, words and `column:value`; hits are listed and highlighted by strength, the weak ones if asked for. */
export class SearchPane {
  readonly box: HTMLInputElement;
  private readonly explorer: Explorer;
  private readonly by: HTMLSelectElement;
  private readonly found = signal<Found | undefined>(undefined);
  private readonly note = signal("");
  private readonly showsWeak = signal(false);
  /** points to stay away from */
  private minus: number[] = [];
  /** points to find more of, none for the selection; undefined while words are searched */
  private examples: number[] | undefined;
  private nAsked = 0;
  private readonly typed = debounce(() => this.box.value && this.fresh(), TYPING_MS); // a page answers while one types

  constructor(host: HTMLElement, explorer: Explorer) {
    this.explorer = explorer;
    const root = document.createElement("div");
    root.className = "nx-search-host";
    host.append(root);
    const draw = () => render(this.view(), root);
    draw();
    this.box = root.querySelector("input") as HTMLInputElement;
    this.by = root.querySelector("select") as HTMLSelectElement;
    explorer.state.effect(draw);
    explorer.state.atEnd(() => this.typed.cancel());
  }

  /** A new search, without the examples of the one before. */
  fresh(query?: string) {
    if (query !== undefined) this.box.value = query;
    this.minus = [];
    this.examples = undefined;
    return this.search();
  }

  /** Documents like the selected ones, or like some points. */
  like(points: number[] = []) {
    this.minus = [];
    this.examples = points;
    this.box.value = "";
    return this.search();
  }

  private clear() {
    this.box.value = "";
    this.minus = [];
    this.examples = undefined;
    this.nAsked++;
    this.found.value = undefined;
    this.note.value = "";
    this.explorer.state.searchWords.value = [];
    this.explorer.state.highlight([]);
  }

  private async search() {
    const { state } = this.explorer;
    const query = this.box.value.trim();
    if (!query && !this.examples) return this.clear();
    const own = ++this.nAsked;
    this.note.value = says.searching;
    try {
      const response = this.examples
        ? await state.ask("like", { points: this.examples.length ? this.examples : null, minus: this.minus })
        : await state.ask("search", { query, by: this.by.value, minus: this.minus });
      const points = response.total > response.hits.length && !response.words.length ? asNumbers((await state.ask("members", { kind: "query", query })).points, Uint32Array) : response.hits.map((hit) => hit.point);
      if (own === this.nAsked) this.show(response, points);
    } catch (error) {
      if (own !== this.nAsked) return; // a newer search is under way
      this.found.value = undefined;
      this.note.value = error instanceof Error ? error.message : String(error);
    }
  }

  private show(response: HitsResponse, points: ArrayLike<number>) {
    const scores = response.scored ? response.hits.map((hit) => hit.score ?? 0) : [];
    this.note.value = "";
    this.showsWeak.value = false;
    this.explorer.state.searchWords.value = response.words;
    this.found.value = { ...response, points, nStrong: response.scored ? countStrong(scores) : points.length, strengths: strengthsOf(scores) };
    this.highlight();
  }

  private highlight() {
    const points = this.shownPoints();
    this.explorer.state.highlight(points, this.found.value?.strengths.slice(0, points.length));
  }

  private shownPoints(): ArrayLike<number> {
    const found = this.found.value;
    if (!found) return [];
    return this.showsWeak.value ? found.points : Array.prototype.slice.call(found.points, 0, found.nStrong);
  }

  private view() {
    const { can } = this.explorer;
    return html`<section class="nx-search">
      <input class="nx-input" type="search" data-testid="atlas-search" aria-label=${says.label(can.questions)} title=${says.label(can.questions)}
        placeholder=${says.placeholder} spellcheck="false" @keydown=${(event: KeyboardEvent) => this.key(event)}
        @input=${() => (this.box.value === "" ? this.clear() : can.kernel || this.searchSoon())} />
      <div class="nx-line">
        <select class="nx-select" data-testid="atlas-search-by" aria-label=${says.by} title=${says.by} ?hidden=${!can.questions} @change=${() => this.box.value && this.fresh()}>
          ${(can.questions ? says.ways : says.ways.slice(2)).map(([value, text]) => html`<option value=${value}>${text}</option>`)}
        </select>
        ${this.viewScored()}
      </div>
      <div class="nx-found nx-soft" role="status" data-testid="atlas-found">${this.note.value || this.summary()}</div>
      <div class="nx-chips" data-testid="atlas-minus">${this.viewChips()}</div>
      <ol class="nx-list nx-hits" data-testid="atlas-hits" aria-label=${says.results}>${this.viewHits()}</ol>
    </section>`;
  }

  private viewScored() {
    const [name, hint] = says.scored[this.found.value?.scored ?? ""] ?? [];
    return name && this.found.value?.hits.length ? html`<span class="nx-scored nx-soft" data-testid="atlas-scored" title=${hint}>${name}</span>` : nothing;
  }

  /** What was found, in a sentence. */
  private summary(): string {
    const found = this.found.value;
    if (!found) return "";
    const n = this.shownPoints().length;
    if (this.examples) return n ? (this.examples.length ? says.likeOne(n) : says.likeSelection(n)) : says.noneLike;
    if (!n) return found.words.length ? says.nothing : says.noneMet;
    if (!found.scored) return says.found(n);
    return found.nWithAll === 0 ? says.someWords(n) : says.bestFirst(n);
  }

  private viewChips() {
    const { found, minus } = this;
    const chip = (text: string, hint: string, act: () => void, testId: string) => html`<button type="button" class="nx-chip" title=${hint} data-testid=${testId} @click=${act}>${text}</button>`;
    const parts = minus.map((point) => chip(says.without(point), says.withoutHint, () => this.without(point), "atlas-without"));
    if (!found.value?.hits.length) return parts;
    const nWeak = found.value.points.length - found.value.nStrong;
    const toggle = () => {
      this.showsWeak.value = !this.showsWeak.value;
      this.highlight();
    };
    if (nWeak) parts.push(chip(this.showsWeak.value ? says.hideWeaker : says.showWeaker(nWeak), says.showWeakerHint, toggle, "atlas-weaker"));
    const points = this.shownPoints();
    parts.push(chip(says.selectAll(points.length), says.selectAllHint, () => this.explorer.state.selectPoints(points), "atlas-select-hits"));
    const best = found.value.hits[0].point;
    if (this.explorer.can.like && !this.explorer.can.meaning && !this.examples) parts.push(chip(says.likeBest, says.likeBestHint, () => this.like([best]), "atlas-like-best"));
    parts.push(chip(says.clear, says.clearHint, () => this.clear(), "atlas-clear-search"));
    return parts;
  }

  private viewHits() {
    const found = this.found.value;
    const n = Math.min(SHOWN, this.shownPoints().length);
    return found?.hits.slice(0, n).map((hit, at) => this.viewHit(hit, found.scored ? found.strengths[at] / 255 : 1));
  }

  private viewHit(hit: Hit, strength: number) {
    const score = hit.score === null ? "" : hit.score.toFixed(hit.score >= 10 ? 1 : 2);
    const hint = says.hitHint(hit.topic, says.foundBy[hit.by] ?? hit.by, score);
    const parts = markWords(hit.text, this.explorer.state.searchWords.value);
    const text = hit.text ? parts.map((part) => (part.isMarked ? html`<mark>${part.text}</mark>` : part.text)) : says.noText;
    return html`<li class="nx-hit" style=${`--nx-strength: ${strength.toFixed(2)}`}>
      <button type="button" class="nx-item" title=${hint} @click=${() => this.explorer.pick(hit.point)}>
        ${hit.title ? html`<span class="nx-hit-text"><b class="nx-line-title" dir="auto">${hit.title}</b> <span dir="auto">${text}</span></span>` : html`<span class="nx-hit-text" dir="auto">${text}</span>`}
        <span class="nx-size">${score}</span>
      </button>
      ${this.explorer.can.meaning ? html`<button type="button" class="nx-small" title=${says.lessHint} aria-label=${says.lessHint} data-testid="atlas-less" @click=${() => this.away(hit.point)}>${says.less}</button>` : nothing}
    </li>`;
  }

  private searchSoon() {
    this.note.value = says.searching;
    this.typed();
  }

  private key(event: KeyboardEvent) {
    if (event.key === "Enter") this.fresh();
    else if (event.key === "Escape") this.clear();
  }

  private away(point: number) {
    this.minus.push(point);
    this.search();
  }

  private without(point: number) {
    this.minus = this.minus.filter((other) => other !== point);
    this.search();
  }
}
