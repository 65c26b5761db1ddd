import { GroupList } from "./groups.ts";
import { DuplicateMarks } from "./marks.ts";
import { DuplicateReview } from "./review.ts";
import { ScoreChart } from "./scores.ts";
import { button, choice, count, element, setOptions, textElement } from "../../dom.ts";
import { askLatest } from "../../latest.ts";
import type { Explorer } from "../explorer.ts";
import type { MapView } from "../../map/map.ts";
import type { PreviewDuplicatesRequest } from "../../protocol.ts";

/** kinds of evidence, and what each means */
const KINDS: [string, string][] = [
  ["exact", "The same text"],
  ["normalised", "The same but for case, space and punctuation"],
  ["lexical", "Much of the same letters, and no number, name or negation differs"],
  ["semantic", "Near in meaning alone, from the threshold on"],
];
const POLICIES: [string, string][] = [["longest", "the longest"], ["shortest", "the shortest"], ["most_central", "the most central"], ["first", "the first"]];

/** Groups of copies; with a kernel also what decides about them: a threshold, kinds of evidence, what is kept, and pairs to look at. */
export class DuplicatesPane {
  pane: HTMLElement;
  explorer: Explorer;
  marks: DuplicateMarks;
  told: HTMLElement;
  asked: number;
  /** the threshold that the exploration has */
  stored: number | undefined;
  review: DuplicateReview | undefined;
  groups: GroupList;
  chart: ScoreChart | undefined;
  meaning: HTMLElement | undefined;
  previewing: { want(args: Record<string, unknown>): void; cancel(): void; } | undefined;
  boxes: { name: string; box: HTMLInputElement }[] | undefined;
  keep: HTMLSelectElement | undefined;
  start: HTMLButtonElement | undefined;

  constructor(pane: HTMLElement, explorer: Explorer, map: MapView) {
    this.pane = pane;
    this.explorer = explorer;
    this.marks = new DuplicateMarks(explorer, map);
    pane.classList.add("nx-copies");
    this.told = element(pane, "div", "nx-told", "atlas-copies-told");
    this.asked = 0;
    this.stored = undefined;
    const review = explorer.can.kernel ? new DuplicateReview(explorer, this) : undefined;
    this.review = review;
    if (review) this.makeSettings(review);
    this.groups = new GroupList(pane, explorer, this.marks, review && ((row, other, pairs) => review.openAt(row, other, pairs)));
    explorer.state.on(["copies_version"], () => this.refresh());
    this.refresh();
  }

  makeSettings(review: DuplicateReview) {
    const { pane, explorer } = this;
    const frame = element(pane, "div", "nx-decide", "atlas-copy-settings");
    this.chart = new ScoreChart(frame, { onMove: (value) => this.preview({ min_similarity: value }), onRelease: (value) => this.decide({ min_similarity: value }) });
    this.meaning = textElement(frame, "p", "nx-soft nx-meaning", "", "atlas-threshold-told");
    this.previewing = askLatest((args: PreviewDuplicatesRequest) => explorer.request("preview_duplicates", args), (answer) => {
      this.tell(answer);
      this.marks.preview(answer.roles);
    });
    const kinds = element(frame, "div", "nx-setting");
    textElement(kinds, "span", "nx-soft", "Drop");
    const boxes = element(kinds, "div", "nx-kinds");
    this.boxes = KINDS.map(([name, title]) => {
      const label = element(boxes, "label", "nx-kind");
      label.title = title;
      const box = (element(label, "input", "", `atlas-drop-${name}`) as HTMLInputElement);
      box.type = "checkbox";
      box.setAttribute("aria-label", `Drop what is ${name}: ${title}`);
      textElement(label, "span", "", name);
      box.addEventListener("change", () => this.decide({ kinds: (this.boxes ?? []).filter((one) => one.box.checked).map((one) => one.name) }));
      return { name, box };
    });
    const keep = element(frame, "div", "nx-setting");
    textElement(keep, "span", "nx-soft", "Keep");
    this.keep = choice(keep, "Which of several copies stays", POLICIES, (value) => this.decide({ keep: value }), "atlas-copy-keep");
    this.makeActs(frame, review);
  }

  makeActs(frame: HTMLElement, review: DuplicateReview) {
    const { explorer, marks } = this;
    const acts = element(frame, "div", "nx-setting nx-copy-acts");
    this.start = button(acts, "Review", "Look at pairs side by side, those nearest to the threshold first", () => review.openQueue(this.groups.show === "drop" ? "drop" : "review"), "atlas-review", "nx-button nx-primary");
    const views = element(acts, "div", "nx-group");
    const toggles: [string, string, string, (on: boolean) => unknown][] = [
      ["Collapse", "Hide copies; what is kept grows by what it stands for", "atlas-collapse", (on) => marks.collapse(on)],
      ["After", "Show the density without copies", "atlas-after", (on) => marks.showAfter(on)],
    ];
    for (const [text, title, testId, act] of toggles) {
      const toggle = button(views, text, title, () => {
        const on = toggle.getAttribute("aria-pressed") !== "true";
        toggle.setAttribute("aria-pressed", String(on));
        act(on);
      }, testId);
      toggle.setAttribute("aria-pressed", "false");
    }
    button(acts, "Roles", "Color the points by role: unique, keep, drop, review", () => explorer.state.set({ color_by: "duplicate_role" }), "atlas-color-roles");
  }

  preview(args: Record<string, unknown>) {
    if (this.marks.lit.length) this.explorer.state.highlight([]); // what is lit greys all that changes color
    this.previewing?.want(args);
  }

  /** Stores a setting, for everybody. */
  async decide(args: Record<string, unknown>) {
    this.previewing?.cancel();
    const isSame = args.min_similarity !== undefined && args.min_similarity === this.stored;
    const done = !isSame && (await this.explorer.request("decide_duplicates", args));
    if (!done) await this.refresh();
    this.marks.preview(undefined);
  }

  /** Shows everything as the exploration has it now. */
  async refresh() {
    const own = ++this.asked;
    const { explorer, chart } = this;
    const [told] = await Promise.all([chart ? explorer.request("copies", {}) : undefined, this.groups.refresh()]);
    const counts = told ?? (await explorer.request("groups", {}));
    if (!counts || own !== this.asked || explorer.state.signal.aborted) return;
    if (!chart?.isMoving) this.tell(counts);
    if (!chart || !told) return;
    this.marks.palettes = told.palettes;
    this.stored = told.minSimilarity;
    chart.show(told.scores, told.floor, told.minSimilarity);
    for (const { name, box } of this.boxes ?? []) box.checked = told.kinds.includes(name);
    if (this.keep) {
      setOptions(this.keep, POLICIES.some(([value]) => value === told.keep) ? POLICIES : [...POLICIES, [told.keep, told.keep || "by given scores"]]);
      this.keep.value = told.keep;
    }
    if (this.start) {
      this.start.textContent = told.nLeft ? `Review ${count(told.nLeft)}` : "Review";
      this.start.disabled = !told.nLeft && !told.drop;
    }
    if (this.marks.isCollapsed || this.marks.isAfter) this.marks.refresh();
    this.review?.changed();
  }

  tell(told: {nGroups: number, drop: number, review: number, share?: number, background?: number | null}) {
    this.told.replaceChildren();
    const tell = (value: number | string, what: string, title: string) => {
      const one = element(this.told, "div", "nx-told-one");
      one.title = title;
      textElement(one, "b", "", typeof value === "number" ? count(value) : value);
      textElement(one, "span", "nx-soft", ` ${what}`);
    };
    tell(told.nGroups, told.nGroups === 1 ? "group" : "groups", "Documents joined by what is dropped or to be reviewed");
    tell(told.drop, told.drop === 1 ? "copy" : "copies", "Documents that are dropped");
    tell(told.review, "to review", "Documents that stay, but may be copies");
    if (told.share !== undefined) tell(shareOf(told.share), "removed", "Share of all documents");
    if (!this.meaning || !this.chart) return;
    const drops = this.boxes?.find(({ name }) => name === "semantic")?.box.checked;
    const value = this.chart.value.toFixed(3).replace(/0$/u, "");
    const above = told.background === null || told.background === undefined ? "" : `${value} is above ${percentOf(told.background)} unrelated neighbors. `;
    this.meaning.textContent = `${above}From there on meaning alone ${drops ? "drops" : "asks for a look"}.`;
  }
}

/** A share with one digit; what is little is not called nothing. */
export function shareOf(share: number) {
  return share > 0 && share < 0.001 ? "<0.1 %" : `${(100 * share).toFixed(1)} %`;
}

/** "all", or "99.7 % of": a share close to all has the digits that tell it from all. */
export function percentOf(share: number) {
  if (share >= 1) return "all";
  const digits = share > 0.999 ? 2 : share > 0.9 ? 1 : 0;
  return `${(Math.floor(share * 100 * 10 ** digits + 1e-9) / 10 ** digits).toFixed(digits)} % of`;
}
