// @ts-check
import { GroupList } from "./copy_groups.js";
import { CopyMarks } from "./copy_marks.js";
import { CopyReview } from "./copy_review.js";
import { ScoreChart } from "./copy_scores.js";
import { button, choice, count, counted, element, setOptions, words } from "./dom.js";
import { askLatest } from "./latest.js";

/** @type {[string, string][]} kinds of evidence, and what each means */
const KINDS = [
  ["exact", "The same text"],
  ["normalised", "The same but for case, space and punctuation"],
  ["lexical", "Much of the same letters, and no number, name or negation differs"],
  ["semantic", "Near in meaning alone, from the threshold on"],
];
/** @type {[string, string][]} */
const POLICIES = [["longest", "the longest"], ["shortest", "the shortest"], ["most_central", "the most central"], ["first", "the first"]];

/** Groups of copies; with a kernel also what decides about them: a threshold, kinds of evidence, what is kept, and pairs to look at. */
export class CopiesPane {
  /** @param {HTMLElement} pane @param {import("./explorer.js").Explorer} explorer @param {import("./map.js").MapView} map */
  constructor(pane, explorer, map) {
    this.pane = pane;
    this.explorer = explorer;
    this.marks = new CopyMarks(explorer, map);
    pane.classList.add("nx-copies");
    this.told = element(pane, "div", "nx-told", "atlas-copies-told");
    this.asked = 0;
    /** @type {number | undefined} the threshold that the exploration has */
    this.stored = undefined;
    const review = explorer.can.kernel ? new CopyReview(explorer, this) : undefined;
    this.review = review;
    if (review) this.makeSettings(review);
    this.groups = new GroupList(pane, explorer, this.marks, review && ((row, other, pairs) => review.openAt(row, other, pairs)));
    explorer.desk.on(["copies_version"], () => this.refresh());
    this.refresh();
  }

  /** @param {CopyReview} review */
  makeSettings(review) {
    const { pane, explorer } = this;
    const frame = element(pane, "div", "nx-decide", "atlas-copy-settings");
    this.chart = new ScoreChart(frame, { onMove: (value) => this.preview({ min_similarity: value }), onRelease: (value) => this.decide({ min_similarity: value }) });
    this.meaning = words(frame, "p", "nx-soft nx-meaning", "", "atlas-threshold-told");
    this.previewing = askLatest((/** @type {Record<string, unknown>} */ args) => explorer.does("preview_duplicates", args), (answer) => {
      this.tell(answer);
      this.marks.preview(answer.roles);
    });
    const kinds = element(frame, "div", "nx-setting");
    words(kinds, "span", "nx-soft", "Drop");
    const boxes = element(kinds, "div", "nx-kinds");
    this.boxes = KINDS.map(([name, title]) => {
      const label = element(boxes, "label", "nx-kind");
      label.title = title;
      const box = /** @type {HTMLInputElement} */ (element(label, "input", "", `atlas-drop-${name}`));
      box.type = "checkbox";
      box.setAttribute("aria-label", `Drop what is ${name}: ${title}`);
      words(label, "span", "", name);
      box.addEventListener("change", () => this.decide({ kinds: (this.boxes ?? []).filter((one) => one.box.checked).map((one) => one.name) }));
      return { name, box };
    });
    const keep = element(frame, "div", "nx-setting");
    words(keep, "span", "nx-soft", "Keep");
    this.keep = choice(keep, "Which of several copies stays", POLICIES, (value) => this.decide({ keep: value }), "atlas-copy-keep");
    this.makeActs(frame, review);
  }

  /** @param {HTMLElement} frame @param {CopyReview} review */
  makeActs(frame, review) {
    const { explorer, marks } = this;
    const acts = element(frame, "div", "nx-setting nx-copy-acts");
    this.start = button(acts, "Review", "Look at pairs side by side, those nearest to the threshold first", () => review.openQueue(this.groups.show === "drop" ? "drop" : "review"), "atlas-review", "nx-button nx-primary");
    const views = element(acts, "div", "nx-group");
    /** @type {[string, string, string, (on: boolean) => unknown][]} */
    const toggles = [
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
    button(acts, "Roles", "Colour the points by role: unique, keep, drop, review", () => explorer.desk.set({ color_by: "duplicate_role" }), "atlas-color-roles");
  }

  /** @param {Record<string, unknown>} args */
  preview(args) {
    if (this.marks.lit.length) this.explorer.desk.light([]); // what is lit greys all that changes colour
    this.previewing?.want(args);
  }

  /** Stores a setting, for everybody. @param {Record<string, unknown>} args */
  async decide(args) {
    this.previewing?.cancel();
    const isSame = args.min_similarity !== undefined && args.min_similarity === this.stored;
    const done = !isSame && (await this.explorer.does("decide_duplicates", args));
    if (!done) await this.refresh();
    this.marks.preview(undefined);
  }

  /** Shows everything as the exploration has it now. */
  async refresh() {
    const own = ++this.asked;
    const [told] = await Promise.all([this.explorer.can.kernel ? this.explorer.does("copies", {}) : this.explorer.does("groups", {}), this.groups.refresh()]);
    if (!told || own !== this.asked || this.explorer.desk.signal.signal.aborted) return;
    if (!this.chart?.isMoving) this.tell(told);
    if (!this.chart) return;
    this.marks.palettes = told.palettes;
    this.stored = told.minSimilarity;
    this.chart.show(told.scores, told.floor, told.minSimilarity);
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

  /** @param {{nGroups: number, drop: number, review: number, share?: number, background?: number | null}} told */
  tell(told) {
    this.told.replaceChildren();
    const tell = (/** @type {number | string} */ value, /** @type {string} */ what, /** @type {string} */ title) => {
      const one = element(this.told, "div", "nx-told-one");
      one.title = title;
      words(one, "b", "", typeof value === "number" ? count(value) : value);
      words(one, "span", "nx-soft", ` ${what}`);
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

/** A share with one digit; what is little is not called nothing. @param {number} share */
export function shareOf(share) {
  return share > 0 && share < 0.001 ? "<0.1 %" : `${(100 * share).toFixed(1)} %`;
}

/** "all", or "99.7 % of": a share close to all has the digits that tell it from all. @param {number} share */
export function percentOf(share) {
  if (share >= 1) return "all";
  const digits = share > 0.999 ? 2 : share > 0.9 ? 1 : 0;
  return `${(Math.floor(share * 100 * 10 ** digits + 1e-9) / 10 ** digits).toFixed(digits)} % of`;
}
