import { button, count, counted, element, textElement } from "../../dom.ts";
import type { Explorer } from "../explorer.ts";
import type { DuplicatesPane } from "./pane.ts";

export type Pair = {row: number, other: number};

/** verdict, key, text, what it means */
const VERDICTS: [string, string, string, string][] = [
  ["keep", "k", "Keep both", "This document is always kept (K)"],
  ["drop", "d", "Drop row", "This document goes for the other one (D)"],
  ["apart", "n", "Not a duplicate", "The two are no copies of one another (N)"],
];
const SAID = ({ keep: "kept", drop: "dropped", apart: "not a duplicate" } as Record<string, string>);

/** Over the map: two documents side by side, word by word, and what to do about them. */
export class DuplicateReview {
  explorer: Explorer;
  copies: DuplicatesPane;
  root: HTMLElement;
  pairs: Pair[];
  at: number;
  show: string;
  isQueue: boolean;
  /** pairs that were judged here */
  judged: Set<string>;
  /** places of the pairs that were judged, the last one last */
  history: number[];
  isBusy: boolean;
  asked: number;
  viewBefore: { x?: number; y?: number; zoom?: number; } | undefined;

  constructor(explorer: Explorer, copies: DuplicatesPane) {
    this.explorer = explorer;
    this.copies = copies;
    this.root = element(explorer.middle, "section", "nx-review", "atlas-review-card");
    this.root.hidden = true;
    this.root.tabIndex = -1;
    this.root.setAttribute("role", "dialog");
    this.root.setAttribute("aria-label", "Two documents side by side");
    this.pairs = [];
    this.at = 0;
    this.show = "review";
    this.isQueue = false;
    this.judged = new Set();
    this.history = [];
    this.isBusy = false;
    this.asked = 0;
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  /** The pairs that nobody looked at yet. @param show review or drop */
  async openQueue(show: string) {
    const answer = await this.explorer.request("review_queue", { show });
    if (!answer) return;
    this.begin(answer.pairs, true, show);
    await this.fill();
    this.root.focus({ preventScroll: true });
  }

  /** One pair, among others of its group. */
  async openAt(row: number, other: number, pairs: Pair[]) {
    this.begin(pairs, false, "review");
    this.at = Math.max(0, pairs.findIndex((one) => one.row === row && one.other === other));
    await this.fill();
    this.root.focus({ preventScroll: true });
  }

  begin(pairs: Pair[], isQueue: boolean, show: string) {
    this.pairs = pairs;
    this.isQueue = isQueue;
    this.show = show;
    this.at = 0;
    this.judged.clear();
    this.history = [];
    if (this.root.hidden) this.viewBefore = this.explorer.map?.camera.view;
    this.root.hidden = false;
  }

  close() {
    if (this.root.hidden) return;
    this.asked++;
    this.root.hidden = true;
    this.root.replaceChildren();
    this.explorer.state.highlight([]);
    const { map } = this.explorer;
    if (map && this.viewBefore) {
      map.camera.view = this.viewBefore;
      map.viewChanged();
    }
    this.copies.start?.focus({ preventScroll: true });
  }

  /** Decisions changed: shows the pair as it is judged now. */
  changed() {
    if (!this.root.hidden && !this.isBusy) this.fill();
  }

  /** Shows the pair at its place, or that none is left. */
  async fill() {
    const own = ++this.asked;
    const pair = this.pairs[this.at];
    if (!pair) return this.fillEnd();
    const told = await this.explorer.request("duplicate_pair", { ...pair, show: this.show });
    if (!told || own !== this.asked || this.explorer.state.signal.aborted) return;
    const hadFocus = this.root.contains(document.activeElement);
    this.root.replaceChildren();
    this.makeHead(told);
    this.makeFacts(told);
    const sides = element(this.root, "div", "nx-sides");
    told.sides.forEach((side: any, at: number) => this.makeSide(sides, side, at, told));
    this.makeVerdicts(told);
    this.root.dataset.pair = `${pair.row}-${pair.other}`;
    if (hadFocus) this.root.focus({ preventScroll: true });
    this.copies.marks.highlight(told.sides.map((side: any, at: number) => ({ ...side, role: at ? "keep" : side.role, partnerPoint: told.sides[1].point })));
    this.lookAbove(told.sides[0].point);
  }

  /** Brings a document into what this card leaves free of the map. */
  lookAbove(point: number) {
    const { map } = this.explorer;
    const free = this.root.offsetTop;
    if (!map || point < 0 || free < 60) return;
    const [x, y] = map.placeOf(point);
    const [px, py] = map.camera.toScreen(x, y);
    if (px > 20 && px < map.camera.width - 20 && py > 50 && py < free - 20) return;
    map.camera.goTo(x, y - (map.camera.height - free - 30) / (2 * map.camera.scale), 0);
    map.viewChanged();
  }

  fillEnd() {
    const hadFocus = this.root.contains(document.activeElement);
    this.root.replaceChildren();
    const line = element(this.root, "header", "nx-review-head");
    textElement(line, "h2", "nx-card-name", this.history.length ? `All looked at: ${counted(this.history.length, "verdict")} just now` : "Nothing is left to look at", "atlas-review-done");
    if (this.history.length) button(line, "U  Undo", "Take back the last verdict (U)", () => this.undo(), "atlas-verdict-undo");
    button(line, "×", "Close (Esc)", () => this.close(), "atlas-close-review", "nx-small nx-always");
    this.root.dataset.pair = "";
    if (hadFocus) this.root.focus({ preventScroll: true });
  }

  makeHead(told: any) {
    const head = element(this.root, "header", "nx-review-head");
    const steps = element(head, "div", "nx-group");
    button(steps, "‹", "The pair before (arrow left)", () => this.step(-1), "atlas-pair-before").disabled = this.at === 0;
    button(steps, "›", "The next pair (arrow right)", () => this.step(1), "atlas-pair-next").disabled = this.at >= this.pairs.length - 1 && !(this.isQueue && told.nLeft > this.nWaiting);
    const total = told.nJudged + told.nLeft;
    const place = this.isQueue ? `${count(told.nJudged)} of ${count(total)} looked at` : `pair ${count(this.at + 1)} of ${count(this.pairs.length)} in this group`;
    textElement(head, "span", "nx-review-place", place, "atlas-review-progress");
    if (this.isQueue) element(element(head, "span", "nx-weight nx-progress"), "span", "").style.width = `${total ? (100 * told.nJudged) / total : 0}%`;
    const { precision } = told;
    if (precision?.n) {
      const said = `precision ${asPercent(precision.precision)} (${asPercent(precision.low)}–${asPercent(precision.high)})`;
      textElement(head, "span", "nx-soft", said, "atlas-review-precision").title = `${precision.n_right} of ${precision.n} verdicts say that it was a copy; 95 % interval`;
    }
    textElement(head, "span", "nx-grow", "");
    button(head, "×", "Close (Esc)", () => this.close(), "atlas-close-review", "nx-small nx-always");
  }

  makeFacts(told: any) {
    const line = element(this.root, "div", "nx-chips nx-pair-facts", "atlas-pair-facts");
    if (told.verdict) textElement(line, "span", "nx-word nx-said-so", `you said: ${SAID[told.verdict]}`, "atlas-pair-verdict");
    if (told.kind) textElement(line, "span", "nx-word", told.kind);
    const numbers = ([
      ["similarity", "similarity", "Cosine of the two vectors, 1 is equal"],
      ["overlap", "overlap", "Share of sequences of five letters that both have"],
      ["held", "left in right", "Share of the left text that stands in the right one"],
      ["held_by", "right in left", "Share of the right text that stands in the left one"],
    ] as [string, string, string][]);
    for (const [name, text, title] of numbers) {
      if (told[name] === null || told[name] === undefined) continue;
      textElement(line, "span", "nx-fact", `${text} ${told[name].toFixed(name === "similarity" ? 3 : 2)}`).title = title;
    }
    for (const flag of told.flags) textElement(line, "span", "nx-word nx-flag", flag);
  }

  makeSide(sides: HTMLElement, side: any, at: number, told: any) {
    const root = element(sides, "article", `nx-side-text nx-side-${at}`, at ? "atlas-pair-right" : "atlas-pair-left");
    const head = element(root, "header", "nx-side-head");
    textElement(head, "span", `nx-role nx-role-${side.role}`, side.role);
    const open = button(head, `row ${side.row}`, `Read this document: ${side.id}`, () => this.explorer.pick(side.point), undefined, "nx-link");
    open.disabled = side.point < 0;
    textElement(head, "span", "nx-soft nx-one-line", side.topic);
    textElement(head, "span", "nx-size", counted(side.length, "character"));
    const text = element(root, "div", "nx-diff");
    text.tabIndex = 0;
    text.dir = "auto";
    text.setAttribute("aria-label", at ? "Right text" : "Left text");
    if (told.nBefore) textElement(text, "span", "nx-soft", `… ${count(told.nBefore)} characters that both begin with …\n`);
    for (const [op, part] of side.segments) {
      const words = op === "same" ? textElement(text, "span", "", part) : textElement(text, "mark", `nx-own${op === "own" ? "" : ` nx-differs-${op}`}`, part);
      words.removeAttribute("dir"); // the direction is that of the whole text
      if (op !== "same") words.title = op === "own" ? "Only here" : `A ${op} that stands only here`;
    }
    if (side.nAfter) textElement(text, "span", "nx-soft", `\n… ${count(side.nAfter)} more characters are not compared here`, "atlas-diff-cut");
    if (!side.length) textElement(text, "span", "nx-soft", "(no text)");
  }

  makeVerdicts(told: any) {
    const line = element(this.root, "footer", "nx-verdicts");
    for (const [verdict, key, text, title] of VERDICTS) {
      const one = button(line, "", title, () => this.judge(verdict), `atlas-verdict-${verdict}`);
      textElement(one, "kbd", "nx-kbd", key.toUpperCase());
      textElement(one, "span", "", verdict === "drop" ? `${text} ${told.sides[0].row}` : text);
      one.setAttribute("aria-pressed", String(told.verdict === verdict));
    }
    textElement(line, "span", "nx-grow", "");
    const undo = button(line, "", "Take back the last edit (U)", () => this.undo(), "atlas-verdict-undo");
    textElement(undo, "kbd", "nx-kbd", "U");
    textElement(undo, "span", "", "Undo");
  }

  step(by: number) {
    return this.alone(async () => {
      if (this.isQueue && this.at + by >= this.pairs.length) await this.fetchMore(this.nWaiting);
      this.at = Math.max(0, Math.min(this.pairs.length - 1, this.at + by));
    });
  }

  /** How many of the listed pairs have no verdict. */
  get nWaiting() {
    return new Set(this.pairs.map(keyOf).filter((key) => !this.judged.has(key))).size;
  }

  /** Keys wait for one another: a verdict is never given on a pair that is not shown. */
  async alone(act: () => Promise<void>) {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      await act();
    } finally {
      this.isBusy = false;
    }
    await this.fill();
  }

  judge(verdict: string) {
    const pair = this.pairs[this.at];
    if (!pair) return;
    return this.alone(async () => {
      const answer = await this.explorer.request("judge", { ...pair, verdict });
      if (!answer) return;
      this.explorer.setStatus(answer.note);
      this.judged.add(keyOf(pair));
      this.history.push(this.at);
      this.at++;
      while (this.at < this.pairs.length && this.judged.has(keyOf(this.pairs[this.at]))) this.at++;
      if (this.isQueue && this.at >= this.pairs.length) await this.fetchMore(0);
    });
  }

  undo() {
    return this.alone(async () => {
      const answer = await this.explorer.request("undo", {});
      if (!answer) return;
      this.explorer.setStatus(answer.note);
      const last = this.history.pop();
      if (last === undefined) return;
      this.at = last;
      this.judged.delete(keyOf(this.pairs[last]));
    });
  }

  /** Lists further pairs of the queue; from 0 on, what was passed over without a verdict comes again. */
  async fetchMore(start: number) {
    const answer = await this.explorer.request("review_queue", { show: this.show, start });
    if (!answer) return;
    const more = answer.pairs.filter((pair: Pair) => !this.judged.has(keyOf(pair)));
    this.pairs = [...this.pairs, ...more];
  }

  key(event: KeyboardEvent) {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
    if (isUndo) {
      event.preventDefault();
      event.stopPropagation(); // not only the verdict comes back, but its pair
      return void this.undo();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts: Record<string, () => unknown> = { ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1), Escape: () => this.close(), u: () => this.undo() };
    for (const [verdict, key] of VERDICTS) acts[key] = () => this.judge(verdict);
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (event.key.length === 1) event.stopPropagation(); // letters mean something else outside
    if (!act || event.repeat) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }
}

function keyOf({ row, other }: Pair) {
  return `${row}-${other}`;
}

function asPercent(share: number) {
  return `${Math.round(100 * share)} %`;
}
