import { type ReadonlySignal, signal } from "@preact/signals-core";
import { debounce } from "../dom.ts";
import { askLatest } from "../latest.ts";
import { asNumbers, type ViewState } from "../view_state.ts";
import type { ColumnFilter, ColumnSummary, FilterCountsResponse } from "../protocol.ts";

const SETTLE_MS = 60; // an edit of topics changes columns and labels

/** How many documents pass the filters of the other columns: without a value, by value and by bar. */
export type Counts = { missing: number; values: ArrayLike<number>; bars: ArrayLike<number> };

/** The filter of a column; undefined if it has none. */
export function filterOf(filters: ColumnFilter[], column: string): ColumnFilter | undefined {
  return filters.find((filter) => filter.column === column);
}

/** The columns of the map: what their filters offer, and how many documents pass, counted again while a brush is dragged. */
export class Columns {
  readonly summaries: ReadonlySignal<ReadonlyMap<string, ColumnSummary>>;
  /** Empty while no filter is set and nothing is selected: then all documents pass. */
  readonly passing: ReadonlySignal<ReadonlyMap<string, Counts>>;
  /** Each part of the screen that shows charts says which columns are in sight. */
  readonly inSight: (() => string[])[] = [];
  private readonly state: ViewState;
  private readonly report: (error: unknown) => void;
  private readonly loaded = signal<ReadonlyMap<string, ColumnSummary>>(new Map());
  private readonly counted = signal<ReadonlyMap<string, Counts>>(new Map());
  private wanted: Set<string> | "all" = new Set();
  private dragged: ColumnFilter[] | undefined;
  private isSetting = false;
  private readonly counting;

  /** @param report what went wrong */
  constructor(state: ViewState, report: (error: unknown) => void) {
    this.state = state;
    this.report = report;
    this.summaries = this.loaded;
    this.passing = this.counted;
    this.counting = askLatest(() => this.askCounts(), (answer) => (this.counted.value = answer));
    const reload = debounce(() => this.reload(), SETTLE_MS);
    state.on(["columns", "labels"], reload);
    state.on(["filters", "selected"], () => this.isSetting || this.count());
    state.atEnd(() => {
      reload.cancel();
      this.counting.cancel();
    });
  }

  /** Asks what the filters of some columns, or of all, offer. */
  async load(names?: string[]) {
    if (names === undefined) this.wanted = "all";
    else if (this.wanted !== "all") for (const name of names) this.wanted.add(name);
    await this.reload();
  }

  /** Sets a filter while it is dragged: at once in a page, as fast as the kernel answers in a notebook. */
  drag(column: string, range: Pick<ColumnFilter, "low" | "high"> | undefined) {
    const others = (this.dragged ?? (this.state.get("filters") as ColumnFilter[])).filter((filter) => filter.column !== column);
    this.dragged = range ? [...others, { column, ...range }] : others;
    this.counting.want(undefined);
  }

  /** Counts again: filters, the selection, or what is in sight have changed. */
  count() {
    this.counting.want(undefined);
  }

  private async reload() {
    if (this.wanted !== "all" && !this.wanted.size) return;
    try {
      const answer = await this.state.ask("columns", this.wanted === "all" ? {} : { names: [...this.wanted] });
      this.loaded.value = new Map(answer.columns.map((column) => [column.name, column]));
      this.count();
    } catch (error) {
      if (!this.state.signal.aborted) this.report(error);
    }
  }

  private async askCounts(): Promise<ReadonlyMap<string, Counts> | undefined> {
    this.setDragged();
    const filters: ColumnFilter[] = this.state.get("filters") ?? [];
    if (!filters.length && !this.state.nSelected) return new Map();
    const names = [...new Set(this.inSight.flatMap((act) => act()))].filter((name) => this.loaded.value.has(name));
    if (!names.length) return undefined;
    const columns = names.map((name) => this.loaded.value.get(name) as ColumnSummary);
    try {
      return readCounts(await this.state.ask("filter_counts", { filters, columns: names }), columns);
    } catch (error) {
      if (!this.state.signal.aborted) this.report(error);
      return undefined;
    }
  }

  private setDragged() {
    if (!this.dragged) return;
    this.isSetting = true;
    this.state.set({ filters: this.dragged });
    this.isSetting = false;
    this.dragged = undefined;
  }
}

function readCounts({ counts }: FilterCountsResponse, columns: ColumnSummary[]): Map<string, Counts> {
  const numbers = asNumbers(counts, Uint32Array);
  let at = 0;
  const next = (n: number) => numbers.subarray(at, (at += n));
  return new Map(
    columns.map(({ name, values, bars }) => [name, { missing: next(1)[0], values: next(values?.length ?? 0), bars: next(bars?.counts.length ?? 0) }]),
  );
}
