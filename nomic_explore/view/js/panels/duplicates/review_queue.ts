import type { ListRequest, Pair, QueuedPair, ReviewFilter, ReviewQueueResponse } from "../../protocol.ts";

const PAGE = 200; // pairs in one answer

/** The pairs that were shown, one after the other, and which one comes next. */
export class ReviewQueue {
  private readonly ask: (request: ListRequest) => Promise<ReviewQueueResponse | undefined>;
  private trail: Pair[] = [];
  private at = -1;
  private readonly passed = new Set<string>(); // without a verdict
  private readonly judged = new Set<string>();
  private readonly verdicts: { at: number; pairs: Pair[] }[] = [];

  /** @param ask returns part of the pairs without a verdict */
  constructor(ask: ReviewQueue["ask"]) {
    this.ask = ask;
  }

  get pair(): Pair | undefined {
    return this.trail[this.at];
  }

  get isAtStart() {
    return this.at <= 0;
  }

  get nVerdicts() {
    return this.verdicts.length;
  }

  restart() {
    this.trail = [];
    this.at = -1;
    this.passed.clear();
  }

  /** Shows a pair that was chosen. */
  jump(pair: Pair) {
    this.trail = [...this.trail.slice(0, this.at + 1), pair];
    this.at = this.trail.length - 1;
  }

  back() {
    this.at = Math.max(0, this.at - 1);
  }

  /** Goes to the next pair without a verdict, one of `others` if there is one left; afterwards `pair` is undefined if none is. */
  async next(filter: ReviewFilter, others: Pair[]) {
    if (this.pair) this.passed.add(keyOf(this.pair));
    while (this.at < this.trail.length - 1) {
      this.at++;
      if (this.pair && !this.judged.has(keyOf(this.pair))) return;
    }
    const near = others.find((pair) => !this.passed.has(keyOf(pair)) && !this.judged.has(keyOf(pair)))?.row;
    const found = await this.find(filter, near);
    this.at = this.trail.length;
    if (found) this.trail.push(found);
  }

  /** Notes a verdict on pairs, so that undoing it leads back here. */
  judge(pairs: Pair[]) {
    for (const pair of pairs) this.judged.add(keyOf(pair));
    this.verdicts.push({ at: Math.max(0, Math.min(this.at, this.trail.length - 1)), pairs });
  }

  undo() {
    const last = this.verdicts.pop();
    if (!last) return;
    for (const pair of last.pairs) this.judged.delete(keyOf(pair));
    this.at = last.at;
  }

  /** Returns the first pair that was not passed over; where all were, they come again. */
  private async find(filter: ReviewFilter, near: number | undefined): Promise<QueuedPair | undefined> {
    let first: QueuedPair | undefined;
    for (let start = 0; ; start += PAGE) {
      const answer = await this.ask({ ...filter, start, near: near ?? null });
      if (!answer) return undefined;
      first ??= answer.pairs[0];
      const found = answer.pairs.find((pair) => !this.passed.has(keyOf(pair)));
      if (found || answer.pairs.length < PAGE) return found ?? this.again(first);
    }
  }

  private again(first: QueuedPair | undefined) {
    this.passed.clear();
    return first;
  }
}

function keyOf({ row, other }: Pair) {
  return `${row}-${other}`;
}
