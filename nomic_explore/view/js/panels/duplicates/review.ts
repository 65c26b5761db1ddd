import { signal } from "@preact/signals-core";
import { html, nothing, render } from "lit-html";
import { debounce, element } from "../../dom.ts";
import { messages } from "../../messages.ts";
import { batchView } from "./batch_view.ts";
import { pairView } from "./pair_view.ts";
import { reviewListView } from "./review_list.ts";
import { ReviewQueue } from "./review_queue.ts";
import { doneView, reviewView, verdictsView, type LastVerdict, type VerdictActs } from "./review_view.ts";
import { drawThumbnail } from "./thumbnail.ts";
import type { BatchResponse, DuplicatePairResponse, GroupsResponse, Pair, Question, RequestOf, ResponseOf, ReviewFilter } from "../../protocol.ts";
import type { Explorer } from "../explorer.ts";

const words = messages.review;
const TYPING_MS = 250;

type Shown = { pair: Pair; response: DuplicatePairResponse };
/** The review in the whole window: groups on the left, two documents side by side, and what to do about them. */
export class ReviewWindow {
  private readonly explorer: Explorer;
  private readonly dialog: HTMLDialogElement;
  private readonly queue: ReviewQueue;
  private readonly onFinish: () => void;
  private readonly filter = signal<ReviewFilter>({ show: "review", sort: "saved" });
  private readonly found = signal<GroupsResponse | undefined>(undefined);
  private readonly shown = signal<Shown | undefined>(undefined);
  private readonly batch = signal<{ filter: ReviewFilter; answer: BatchResponse } | undefined>(undefined);
  private readonly last = signal<LastVerdict | undefined>(undefined);
  private readonly note = signal("");
  private readonly isListOpen = signal(false); // where the window is narrow; else the list is always there
  private readonly search = debounce(() => this.load(), TYPING_MS);
  private readonly acts: VerdictActs = {
    dropLeft: () => this.judge("drop", 0),
    dropRight: () => this.judge("drop", 1),
    distinct: () => this.judge("distinct"),
    keep: () => this.judge("keep"),
    group: () => this.judgeGroup(),
    batch: () => this.openBatch(),
    undo: () => this.undo(),
    back: () => this.step(-1),
    skip: () => this.step(1),
  };
  private isBusy = false;
  private nAsked = 0;
  private opener: HTMLElement | undefined;

  /** @param onFinish opens the dialog that writes the files */
  constructor(explorer: Explorer, onFinish: () => void) {
    this.explorer = explorer;
    this.onFinish = onFinish;
    this.queue = new ReviewQueue((request) => this.request("review_queue", request));
    this.dialog = element(explorer.root, "dialog", "nx-review", "atlas-review-card") as HTMLDialogElement;
    this.dialog.tabIndex = -1;
    this.dialog.setAttribute("aria-label", words.title);
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("close", () => this.closed());
    explorer.state.effect(() => render(this.view(), this.dialog));
    explorer.state.atEnd(() => this.search.cancel());
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** Opens the list of pairs without a verdict. @param show review or drop */
  async open(show: string, opener?: HTMLElement) {
    this.filter.value = { show, sort: this.filter.value.sort };
    this.begin(opener);
    await this.load();
  }

  /** Opens one pair, and then the others of its group. */
  async openAt(pair: Pair, opener?: HTMLElement) {
    this.begin(opener);
    this.queue.jump(pair);
    await Promise.all([this.loadGroups(), this.showPair()]);
  }

  close() {
    this.dialog.close();
  }

  /** Decisions changed: shows the list, and the pair as it is judged now. */
  changed() {
    if (!this.isOpen) return;
    this.loadGroups();
    if (!this.isBusy) this.showPair();
  }

  /** Asks the kernel; errors are shown in this window, which covers the status line. */
  private async request<Q extends Question>(question: Q, request: RequestOf<Q>): Promise<ResponseOf<Q> | undefined> {
    try {
      return await this.explorer.state.ask(question, request);
    } catch (error) {
      this.note.value = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  private begin(opener: HTMLElement | undefined) {
    this.opener = opener;
    this.queue.restart();
    this.last.value = this.batch.value = this.shown.value = undefined;
    this.note.value = "";
    if (!this.isOpen) this.dialog.showModal();
    this.focus();
  }

  private closed() {
    this.nAsked++;
    this.shown.value = this.batch.value = this.found.value = undefined;
    this.opener?.focus({ preventScroll: true });
  }

  private focus() {
    this.dialog.focus({ preventScroll: true });
  }

  /** Starts with the first pair that fits the filter. */
  private async load() {
    this.queue.restart();
    this.last.value = undefined;
    await Promise.all([this.loadGroups(), this.advance([])]);
  }

  private async loadGroups(start = 0) {
    const answer = await this.request("groups", { ...this.filter.value, start });
    if (!answer || !this.isOpen) return;
    const known = start ? (this.found.value?.groups ?? []) : [];
    this.found.value = { ...answer, groups: [...known, ...answer.groups] };
  }

  private async advance(others: Pair[]) {
    await this.queue.next(this.filter.value, others);
    await this.showPair();
  }

  private async showPair() {
    const own = ++this.nAsked;
    const { pair } = this.queue;
    const response = pair && (await this.request("duplicate_pair", { row: pair.row, other: pair.other, show: this.filter.value.show }));
    if (own !== this.nAsked || !this.isOpen) return;
    this.shown.value = pair && response ? { pair, response } : undefined;
    this.dialog.dataset.pair = pair ? `${pair.row}-${pair.other}` : "";
    const canvas = this.dialog.querySelector<HTMLCanvasElement>(".nx-thumbnail");
    if (canvas && response && this.explorer.map) drawThumbnail(canvas, this.explorer.map, [response.sides[0].point, response.sides[1].point]);
    for (const text of this.dialog.querySelectorAll(".nx-diff, .nx-pair-columns")) text.scrollTop = 0;
  }

  // --- what people do ---

  /** Keys wait for one another: a verdict is never given on a pair that is not shown. */
  private async alone(act: () => Promise<unknown>) {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      await act();
    } finally {
      this.isBusy = false;
    }
  }

  /** @param side the one that is dropped: 0 left, 1 right */
  private judge(verdict: string, side: 0 | 1 = 0) {
    const { shown } = this;
    if (!shown.value) return;
    const { pair, response } = shown.value;
    const judged = side ? { row: pair.other, other: pair.row } : pair;
    return this.alone(async () => {
      const answer = await this.request("judge", { pairs: [{ row: judged.row, other: judged.other }], verdict });
      if (!answer) return;
      this.note.value = answer.note;
      this.queue.judge([pair]);
      // Where the right one is dropped, the left one takes its place for the rest of the group.
      const rest = response.groupPairs.filter(({ row }) => row !== judged.row).map(({ row, other }) => ({ row, other: other === judged.row ? judged.other : other }));
      this.last.value = rest.length ? { verdict, pairs: rest } : undefined;
      await this.advance(response.groupPairs);
    });
  }

  private judgeGroup() {
    const last = this.last.value;
    if (!last) return;
    return this.alone(async () => {
      const answer = await this.request("judge", { ...last, isGroup: true });
      if (!answer) return;
      this.note.value = answer.note;
      this.queue.judge(last.pairs);
      this.last.value = undefined;
      await this.advance([]);
    });
  }

  /** Asks what one verdict on all pairs that differ as this one does would be about. */
  private openBatch() {
    const response = this.shown.value?.response;
    if (!response) return;
    const kind = response.differences.length ? this.filter.value.kind : response.kind;
    const filter = { ...this.filter.value, differences: response.differences, kind };
    return this.alone(async () => {
      const answer = await this.request("batch", filter);
      if (answer?.nPairs) this.batch.value = { filter, answer };
    });
  }

  private judgeBatch(verdict: string) {
    const batch = this.batch.value;
    if (!batch) return;
    return this.alone(async () => {
      const answer = await this.request("judge_batch", { ...batch.filter, verdict, nPairs: batch.answer.nPairs });
      this.batch.value = undefined;
      this.focus();
      if (!answer) return;
      this.note.value = answer.note;
      this.queue.judge([]);
      await this.advance([]);
    });
  }

  private undo() {
    return this.alone(async () => {
      const answer = await this.request("undo", {});
      if (!answer) return;
      this.note.value = answer.note;
      this.last.value = undefined;
      this.queue.undo();
      await this.showPair();
    });
  }

  private step(by: number) {
    return this.alone(async () => {
      this.last.value = undefined;
      if (by < 0) {
        this.queue.back();
        await this.showPair();
      } else await this.advance(this.shown.value?.response.groupPairs ?? []);
    });
  }

  /** Shows the first pair of a group, also where all of it is decided. */
  private chooseGroup(group: number) {
    return this.alone(async () => {
      const answer = await this.request("group", { group });
      const members = answer?.documents.filter((one) => one.partner !== one.row) ?? [];
      const first = members.find((one) => one.role === "review") ?? members[0];
      if (!first) return;
      this.last.value = undefined;
      this.queue.jump({ row: first.row, other: first.partner });
      await this.showPair();
      this.focus();
    });
  }

  private changeFilter(part: ReviewFilter) {
    this.filter.value = { ...this.filter.value, ...part };
    if ("search" in part) this.search();
    else this.load();
  }

  private key(event: KeyboardEvent) {
    event.stopPropagation(); // keys mean something else outside
    if (event.key === "Escape") {
      event.preventDefault();
      if (!this.batch.value) return this.close();
      this.batch.value = undefined;
      return this.focus();
    }
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
    const isTyping = event.target instanceof HTMLElement && /^(INPUT|SELECT)$/u.test(event.target.tagName);
    if ((event.ctrlKey || event.metaKey || event.altKey || isTyping) && !isUndo) return;
    const acts = this.batch.value ? this.batchKeys() : this.pairKeys();
    const act = isUndo ? () => this.undo() : acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || event.repeat) return;
    event.preventDefault();
    act();
  }

  private batchKeys(): Record<string, () => unknown> {
    return { n: () => this.judgeBatch("distinct"), 1: () => this.judgeBatch("drop"), k: () => this.judgeBatch("keep") };
  }

  private pairKeys(): Record<string, () => unknown> {
    const { acts } = this;
    return { 1: acts.dropLeft, 2: acts.dropRight, n: acts.distinct, k: acts.keep, g: acts.group, a: acts.batch, u: acts.undo, ArrowLeft: acts.back, ArrowRight: acts.skip };
  }

  private view() {
    if (!this.found.value && !this.shown.value) return nothing;
    const shown = this.shown.value;
    const list = html`
      ${reviewListView(this.found.value, this.filter.value, shown?.response.group ?? -1, {
        change: (part) => this.changeFilter(part),
        open: (group) => this.chooseGroup(group),
        more: () => this.loadGroups(this.found.value?.groups.length),
      })}`;
    const batch = this.batch.value;
    const main = batch
      ? batchView(batch.answer, batch.filter, { judge: (verdict) => this.judgeBatch(verdict), cancel: () => (this.batch.value = undefined) })
      : html`
        ${shown ? pairView(shown.response, (point) => this.read(point)) : doneView(this.queue.nVerdicts)}
        ${verdictsView(shown?.response, this.last.value, this.queue.isAtStart, this.acts)}`;
    return reviewView({
      response: shown?.response,
      found: this.found.value,
      note: this.note.value,
      isListOpen: this.isListOpen.value,
      list,
      main,
      acts: { fold: () => (this.isListOpen.value = !this.isListOpen.value), finish: this.onFinish, close: () => this.close() },
    });
  }

  private read(point: number) {
    this.close();
    this.explorer.pick(point);
  }
}
