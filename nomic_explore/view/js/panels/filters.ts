import { html, nothing, render } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { signal } from "@preact/signals-core";
import { count } from "../dom.ts";
import { beyondText, setFilter } from "../map/legend.ts";
import { messages } from "../messages.ts";
import { parseNumber } from "../page/exact_numbers.ts";
import { type BarColumn, hasBars } from "./charts/axis.ts";
import { Histogram } from "./charts/histogram.ts";
import { type Columns, type Counts, filterOf } from "./columns.ts";
import { filterText } from "./filter_text.ts";
import type { ColumnFilter, ColumnSummary } from "../protocol.ts";
import type { ViewState } from "../view_state.ts";

const FEW = 8; // values that are shown before more are asked for
const MANY = 60; // and then
const SEARCHED = 12; // more values than these can be searched
const DAY = 86_400_000;
const text = messages.filters;

/** A chart with a brush, or bars with ticks, for each column: all in sight, counted again while one is brushed. */
export function makeFilterPane(pane: HTMLElement, state: ViewState, columns: Columns) {
  const made = new FilterPane(state, columns);
  columns.inSight.push(() => (pane.offsetParent ? made.shown().map(({ name }) => name) : []));
  state.on(["pane"], () => requestAnimationFrame(() => columns.count()));
  state.effect(() => render(made.draw(), pane));
  columns.load();
}

class FilterPane {
  private readonly state: ViewState;
  private readonly columns: Columns;
  private readonly histograms = new Map<string, Histogram>();
  private readonly sought = signal<ReadonlyMap<string, string>>(new Map());
  private readonly unfolded = signal<ReadonlySet<string>>(new Set());
  private readonly isTechnicalOpen = signal(false);

  constructor(state: ViewState, columns: Columns) {
    this.state = state;
    this.columns = columns;
  }

  /** The columns whose charts are in sight. */
  shown(): ColumnSummary[] {
    return [...this.columns.summaries.value.values()].filter(({ section }) => section === "columns" || this.isTechnicalOpen.value);
  }

  draw() {
    const all = [...this.columns.summaries.value.values()];
    const filters = this.state.trait<ColumnFilter[]>("filters").value ?? [];
    const own = all.filter(({ section }) => section === "columns");
    const technical = all.filter(({ section }) => section !== "columns");
    const isOpen = this.isTechnicalOpen.value;
    return html`<div class="nx-filters" data-testid="atlas-filters">
      <div class="nx-line">
        <span class="nx-soft" data-testid="atlas-filters-told">${filters.length ? text.filtersOn(filters.length) : text.none}</span>
        <button type="button" class="nx-button" data-testid="atlas-no-filters" title=${text.clearHint} ?disabled=${!filters.length} @click=${() => this.state.set({ filters: [] })}>${text.clear}</button>
      </div>
      ${own.map((column) => this.column(column, filterOf(filters, column.name)))}
      ${technical.length
        ? html`<details class="nx-technical" data-testid="atlas-technical" .open=${isOpen} @toggle=${(event: Event) => this.openTechnical((event.target as HTMLDetailsElement).open)}>
            <summary>${text.technical(technical.length)}</summary>
            ${isOpen ? technical.map((column) => this.column(column, filterOf(filters, column.name))) : nothing}
          </details>`
        : nothing}
    </div>`;
  }

  private openTechnical(isOpen: boolean) {
    this.isTechnicalOpen.value = isOpen;
    this.columns.count();
  }

  private column(column: ColumnSummary, filter: ColumnFilter | undefined) {
    const { name, title, kind, missing, missingName } = column;
    const passing = this.columns.passing.value.get(name);
    const hasValues = column.values !== undefined || missing > 0;
    return html`<section role="group" class="nx-filter ${filter ? "nx-active" : ""}" data-testid="atlas-filter" data-column=${name} aria-label=${title}>
      <div class="nx-filter-head">
        <h2 class="nx-filter-name">${title}</h2>
        ${column.bars?.isLog ? html`<span class="nx-soft nx-remark">${text.log}</span>` : nothing}
        <span class="nx-filter-state">${filter ? filterText(filter, kind, missingName) : ""}</span>
        ${filter ? html`<button type="button" class="nx-link" title=${text.clearOne} @click=${() => setFilter(this.state, name, undefined)}>×<span class="nx-unseen">${text.clearOf(title)}</span></button>` : nothing}
      </div>
      ${hasBars(column) ? this.bars(column, filter, passing) : nothing} ${hasValues ? this.values(column, filter, passing) : nothing}
    </section>`;
  }

  private bars(column: BarColumn, filter: ColumnFilter | undefined, passing: Counts | undefined) {
    const known = this.histograms.get(column.name) ?? new Histogram((range) => this.columns.drag(column.name, range), this.state.signal);
    this.histograms.set(column.name, known);
    known.show({ column, passing: passing?.bars, filter });
    const { beyond } = column.bars;
    return html`${known.root}${this.ends(column, filter)}${beyond ? html`<div class="nx-soft nx-remark">${beyondText({ beyond, kind: column.kind })}</div>` : nothing}`;
  }

  /** Two boxes for the ends of a range. */
  private ends(column: ColumnSummary, filter: ColumnFilter | undefined) {
    const { low = null, high = null } = filter?.values ? {} : (filter ?? {});
    const type = column.kind === "dates" ? "date" : column.base !== undefined ? "text" : "number";
    const written = (end: number | string | null) => (end === null ? "" : type === "date" ? new Date(Number(end)).toISOString().slice(0, 10) : String(end));
    const box = (side: "from" | "to", end: number | string | null) => html`<input
      class="nx-input nx-end ${end === null ? "nx-soft" : ""}"
      data-testid="atlas-range-${side}"
      type=${type}
      step="any"
      placeholder=${side === "from" ? text.fromWord : text.toWord}
      aria-label=${side === "from" ? text.from(column.title) : text.to(column.title)}
      .value=${written(end)}
      @change=${(event: Event) => this.typed(event.target as HTMLInputElement, column)}
    />`;
    return html`<div class="nx-range">${box("from", low)}<span class="nx-soft" aria-hidden="true">–</span>${box("to", high)}</div>`;
  }

  private typed(changed: HTMLInputElement, column: ColumnSummary) {
    const boxes = [...(changed.parentElement as HTMLElement).querySelectorAll("input")];
    const [low, high] = boxes.map((box) => typedEnd(box, column));
    const end = typeof high === "number" && column.kind === "dates" ? high + DAY - 1 : high; // the whole last day
    setFilter(this.state, column.name, low === null && high === null ? undefined : { low, high: end });
  }

  private values(column: ColumnSummary, filter: ColumnFilter | undefined, passing: Counts | undefined) {
    const { name, title, missing, missingName } = column;
    const given = (column.values ?? []).map((value, at) => ({ name: value.name as string | null, size: value.size, passing: passing?.values[at] ?? value.size }));
    const none = { name: null, size: missing, passing: passing?.missing ?? missing };
    const all = missing ? [...given, none] : given;
    const sought = (this.sought.value.get(name) ?? "").toLowerCase();
    const isOpen = this.unfolded.value.has(name);
    const fitting = all.filter((value) => (value.name ?? missingName).toLowerCase().includes(sought));
    const ticked = filter?.values ?? [];
    const shown = fitting.slice(0, sought || isOpen ? MANY : FEW);
    const chosen = fitting.slice(shown.length).filter((value) => ticked.includes(value.name)).slice(0, MANY);
    const most = Math.max(1, ...all.map(({ size }) => size));
    const left = fitting.length - shown.length - chosen.length;
    return html`${given.length > SEARCHED
        ? html`<input class="nx-input" data-testid="atlas-find-value" placeholder=${text.find} aria-label=${text.findIn(title)} .value=${sought} @input=${(event: Event) => this.find(name, (event.target as HTMLInputElement).value)} />`
        : nothing}
      <div class="nx-values">${[...shown, ...chosen].map((value) => this.value(column, value, ticked, most))}</div>
      ${left > 0 && !sought && !isOpen ? html`<button type="button" class="nx-link nx-remark" title=${text.moreHint} @click=${() => this.unfold(name)}>${text.more(Math.min(left, MANY - FEW))}</button>` : nothing}
      ${left > 0 && (sought || isOpen) ? html`<div class="nx-soft nx-remark">${text.left(left)}</div>` : nothing}`;
  }

  private value(column: ColumnSummary, { name, size, passing }: { name: string | null; size: number; passing: number }, ticked: (string | null)[], most: number) {
    const tick = (event: Event) => {
      const others = ticked.filter((other) => other !== name);
      const values = (event.target as HTMLInputElement).checked ? [...others, name] : others;
      setFilter(this.state, column.name, values.length ? { values } : undefined);
    };
    const counts = passing === size ? count(size) : text.passing(passing, size);
    return html`<label class="nx-value ${ticked.length && !ticked.includes(name) ? "nx-unticked" : ""}">
      <input type="checkbox" data-testid="atlas-value" .checked=${live(ticked.includes(name))} @change=${tick} />
      <span class="nx-entry-name ${name === null ? "nx-soft" : ""}" dir="auto">${name ?? column.missingName}</span>
      <span class="nx-size">${counts}</span>
      <span class="nx-value-bar" aria-hidden="true"><span class="nx-value-all" style="width:${(100 * size) / most}%"></span><span class="nx-value-passing" style="width:${(100 * passing) / most}%"></span></span>
    </label>`;
  }

  private find(name: string, written: string) {
    this.sought.value = new Map([...this.sought.value, [name, written]]);
  }

  private unfold(name: string) {
    this.unfolded.value = new Set([...this.unfolded.value, name]);
  }
}

/** The end of a range that was typed; null is open. */
function typedEnd(box: HTMLInputElement, column: ColumnSummary): number | string | null {
  if (box.value.trim() === "") return null;
  if (column.kind === "dates") return box.valueAsDate?.getTime() ?? null;
  if (column.base === undefined) return Number(box.value);
  const isNumber = parseNumber(box.value.trim()) !== undefined;
  box.setCustomValidity(isNumber ? "" : text.expectedNumber);
  box.reportValidity();
  return isNumber ? box.value.trim() : null;
}
