import { button, choice, counted, element, input, textElement } from "../dom.ts";
import type { Explorer } from "./explorer.ts";
import type { MapView } from "../map/map.ts";

const SHOWN = 100;

/** One box for meaning, words and `column:value`; hits are listed and lit; "less" moves the search away from a document. */
export class SearchPane {
  explorer: Explorer;
  map: MapView;
  /** points to stay away from */
  minus: number[];
  /** points to find more of; undefined while words are searched */
  examples: number[] | undefined;
  asked: number;
  box: HTMLInputElement;
  by: HTMLSelectElement;
  found: HTMLElement;
  chips: HTMLElement;
  list: HTMLElement;

  constructor(host: HTMLElement, explorer: Explorer, map: MapView) {
    this.explorer = explorer;
    this.map = map;
    this.minus = [];
    this.examples = undefined;
    this.asked = 0;
    const root = element(host, "section", "nx-search");
    const line = element(root, "div", "nx-line");
    this.box = input(line, "Search by meaning, words or column:value (/)", "atlas-search", "Search, or column:value …");
    this.box.type = "search";
    this.box.addEventListener("keydown", (event) => event.key === "Enter" && this.fresh());
    this.box.addEventListener("input", () => this.box.value === "" && this.clear());
    const ways: [string, string][] = explorer.can.questions ? [["both", "both"], ["meaning", "meaning"], ["words", "words"]] : [["words", "words"]];
    this.by = choice(line, "Search by meaning, by words, or both", ways, () => this.box.value && this.fresh(), "atlas-search-by");
    this.by.hidden = ways.length < 2;
    if (!explorer.can.kernel) this.box.addEventListener("input", () => this.box.value && this.fresh());
    this.found = textElement(root, "div", "nx-found nx-soft", "", "atlas-found");
    this.found.setAttribute("role", "status");
    this.chips = element(root, "div", "nx-chips", "atlas-minus");
    this.list = element(root, "ol", "nx-list nx-hits", "atlas-hits");
    this.list.setAttribute("aria-label", "Search results");
  }

  /** A new search, without the examples of the one before. */
  fresh() {
    this.minus = [];
    this.examples = undefined;
    return this.search();
  }

  clear() {
    this.minus = [];
    this.asked++;
    this.show([], "");
    this.explorer.state.highlight([]);
  }

  /** Documents like the selected ones, or like some points. */
  like(points?: number[]) {
    this.minus = [];
    this.examples = points ?? [];
    this.box.value = "";
    return this.search();
  }

  async search() {
    const query = this.box.value.trim();
    if (!query && !this.examples) return this.clear();
    const own = ++this.asked;
    this.found.textContent = "searching …";
    try {
      const { hits, total } = this.examples
        ? await this.explorer.state.ask("like", { points: this.examples.length ? this.examples : null, minus: this.minus })
        : await this.explorer.state.ask("search", { query, by: this.by.value, minus: this.minus });
      if (own !== this.asked) return; // a newer search is under way
      const what = this.examples ? `like ${this.examples.length ? "this document" : "the selection"}` : "best first";
      this.show(hits, `${counted(total ?? hits.length, "document")}, ${what}`);
      this.explorer.state.highlight(hits.map((hit: {point: number}) => hit.point));
    } catch (error) {
      if (own === this.asked) this.show([], error instanceof Error ? error.message : String(error));
    }
  }

  show(hits: any[], told: string) {
    this.found.textContent = told;
    this.list.replaceChildren();
    this.chips.replaceChildren();
    for (const point of this.minus) {
      button(this.chips, `not like ${point + 1} ×`, "Let this example go", () => this.without(point), undefined, "nx-chip");
    }
    if (hits.length) {
      button(this.chips, "Select them", "Select all documents found", () => this.explorer.state.selectPoints(hits.map((hit) => hit.point)), "atlas-select-hits", "nx-chip");
    }
    for (const hit of hits.slice(0, SHOWN)) this.showHit(hit);
  }

  showHit(hit: {point: number, title: string, text: string, topic: string, similarity: number | null, by: string}) {
    const item = element(this.list, "li", "nx-hit");
    const title = typeof hit.similarity !== "number" ? `${hit.topic}; found by ${hit.by}` : `${hit.topic}; similarity ${hit.similarity.toFixed(2)}, found by ${hit.by}`;
    const open = button(item, "", title, () => this.explorer.pick(hit.point), undefined, "nx-item");
    const line = hit.title ? element(open, "span", "nx-hit-text") : open;
    if (hit.title) textElement(line, "b", "nx-line-title", hit.title).after(" ");
    textElement(line, "span", hit.title ? "" : "nx-hit-text", hit.text);
    if (typeof hit.similarity === "number") textElement(open, "span", "nx-size", hit.similarity.toFixed(2));
    if (!this.explorer.can.meaning) return;
    button(item, "−", "Less like this", () => {
      this.minus.push(hit.point);
      this.search();
    }, "atlas-less", "nx-small");
  }

  without(point: number) {
    this.minus = this.minus.filter((other) => other !== point);
    this.search();
  }
}
