import { html, render } from "lit-html";
import { messages } from "../../messages.ts";
import { type BarColumn, filterOfSpan, hasUnits, snapped, type Span, spanOfFilter } from "./axis.ts";
import { filterText } from "../filter_text.ts";
import type { ColumnFilter, Tick } from "../../protocol.ts";

const WIDTH_OF_LETTER = 6.4;
const WIDTH_OF_GAP = 14;
const LEAST = 0.01; // of the axis: a shorter drag is a click, which takes the range away
const STEP = 0.02; // of an axis without units, by a key

export type BarsInView = { column: BarColumn; passing: ArrayLike<number> | undefined; filter: ColumnFilter | undefined };

type Drag = { from: number; begin: Span; part: "low" | "high" | "both" | "new"; isMoved: boolean };

/**
 * Bars over an axis, in pale all documents, in color those that pass the other filters, and a brush: drag to choose a
 * range, drag the range to move it, click to take it away. Each end of the range also moves by the arrow keys.
 */
export class Histogram {
  readonly root = document.createElement("div");
  private view: BarsInView | undefined;
  private width = 260;
  private drag: Drag | undefined;
  private dragged: Span | undefined;
  private readonly onRange: (range: Pick<ColumnFilter, "low" | "high"> | undefined) => void;

  constructor(onRange: (range: Pick<ColumnFilter, "low" | "high"> | undefined) => void, signal: AbortSignal) {
    this.onRange = onRange;
    this.root.className = "nx-histogram";
    this.root.dataset.testid = "atlas-histogram";
    const watching = new ResizeObserver(([entry]) => {
      this.width = entry.contentRect.width || this.width;
      this.draw();
    });
    watching.observe(this.root);
    signal.addEventListener("abort", () => watching.disconnect());
  }

  show(view: BarsInView) {
    this.view = view;
    this.draw();
  }

  private get span(): Span | undefined {
    return this.drag ? this.dragged : this.view && spanOfFilter(this.view.filter, this.view.column);
  }

  private draw() {
    if (!this.view) return;
    const { column, passing } = this.view;
    const { counts, ticks } = column.bars;
    const most = Math.max(1, ...counts);
    const span = this.span;
    render(
      html`<div
          class="nx-plot"
          @pointerdown=${(event: PointerEvent) => this.down(event)}
          @pointermove=${(event: PointerEvent) => this.move(event)}
          @pointerup=${() => this.up()}
          @pointercancel=${() => this.up()}
          @dragstart=${(event: Event) => event.preventDefault()}
        >
          <svg viewBox="0 0 ${counts.length} 1" preserveAspectRatio="none" aria-hidden="true">
            <path class="nx-total" d=${barsPath(counts, most)}></path>
            <path class="nx-passing" d=${barsPath(passing ?? counts, most)}></path>
          </svg>
          <div class="nx-brush" ?hidden=${!span} style=${span ? `left:${100 * span[0]}%;right:${100 * (1 - span[1])}%` : ""}></div>
          <div class="nx-outside" ?hidden=${!span} style=${span ? `left:0;width:${100 * span[0]}%` : ""}></div>
          <div class="nx-outside" ?hidden=${!span} style=${span ? `right:0;width:${100 * (1 - span[1])}%` : ""}></div>
          ${this.handle("low", span?.[0] ?? 0)}${this.handle("high", span?.[1] ?? 1)}
        </div>
        <div class="nx-ticks" aria-hidden="true">${this.fitting(ticks).map((tick) => tickName(tick, this.width))}</div>`,
      this.root,
    );
  }

  private handle(part: "low" | "high", place: number) {
    const { column } = this.view as BarsInView;
    const range = filterOfSpan(this.span ?? [0, 1], column);
    const text = filterText({ column: column.name, low: range[part], high: range[part] }, column.kind);
    return html`<div
      class="nx-handle"
      role="slider"
      tabindex="0"
      data-part=${part}
      data-testid="atlas-brush-${part}"
      style="left:${100 * place}%"
      aria-label=${part === "low" ? messages.filters.from(column.title) : messages.filters.to(column.title)}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.round(100 * place)}
      aria-valuetext=${text}
      @keydown=${(event: KeyboardEvent) => this.key(event, part)}
    ></div>`;
  }

  /** All ticks where there is room, else the coarse ones, else every second, third and so on of these. */
  private fitting(ticks: Tick[]): Tick[] {
    const fits = (some: Tick[], every: number) =>
      some.every(({ at, text }, place) => place < every || (at - some[place - every].at) * this.width >= text.length * WIDTH_OF_LETTER + WIDTH_OF_GAP);
    if (fits(ticks, 1)) return ticks;
    const coarse = ticks.filter(({ isFine }) => !isFine);
    const every = Array.from(coarse, (_, at) => at + 1).find((step) => fits(coarse, step)) ?? 1;
    return coarse.filter((_, at) => at % every === 0);
  }

  private placeOf(event: PointerEvent): number {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / Math.max(1, box.width)));
  }

  private down(event: PointerEvent) {
    if (event.button) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    const place = this.placeOf(event);
    const span = this.span;
    const handle = span && event.target instanceof HTMLElement ? (event.target.dataset.part as "low" | "high" | undefined) : undefined;
    const isInside = span !== undefined && place > span[0] && place < span[1];
    this.drag = { from: place, begin: span ?? [place, place], part: handle ?? (isInside ? "both" : "new"), isMoved: false };
    this.dragged = span;
  }

  private move(event: PointerEvent) {
    const place = this.placeOf(event);
    if (!this.drag) return this.name(event.currentTarget as HTMLElement, place);
    if (!this.drag.isMoved && Math.abs(place - this.drag.from) < LEAST) return;
    this.drag.isMoved = true;
    this.choose(spanOfDrag(this.drag, place));
  }

  private up() {
    const isClick = this.drag && !this.drag.isMoved;
    this.drag = undefined;
    if (isClick) this.onRange(undefined);
    this.draw();
  }

  private choose(span: Span) {
    const { column } = this.view as BarsInView;
    const kept = snapped(span, column);
    if (this.dragged && kept[0] === this.dragged[0] && kept[1] === this.dragged[1]) return;
    this.dragged = kept;
    this.onRange(filterOfSpan(kept, column));
    this.draw();
  }

  private key(event: KeyboardEvent, part: "low" | "high") {
    const { column } = this.view as BarsInView;
    const step = (event.shiftKey ? 5 : 1) * (hasUnits(column) ? 1 / column.bars.counts.length : STEP);
    const [low, high] = this.span ?? [0, 1];
    const now = part === "low" ? low : high;
    const to: Record<string, number> = { ArrowLeft: now - step, ArrowDown: now - step, ArrowRight: now + step, ArrowUp: now + step, Home: 0, End: 1 };
    const isClearing = event.key === "Delete" || event.key === "Backspace";
    if (!isClearing && to[event.key] === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (isClearing) return this.onRange(undefined);
    const place = Math.min(1, Math.max(0, to[event.key]));
    const span: Span = part === "low" ? [Math.min(place, high - step / 2), high] : [low, Math.max(place, low + step / 2)];
    this.onRange(filterOfSpan(snapped(span, column), column));
  }

  /** Says what the bar under the pointer counts. */
  private name(plot: HTMLElement, place: number) {
    const { column, passing } = this.view as BarsInView;
    const { counts } = column.bars;
    const bar = Math.min(counts.length - 1, Math.floor(place * counts.length));
    const range = filterOfSpan([bar / counts.length, (bar + 1) / counts.length], column);
    plot.title = messages.filters.bar(filterText({ column: column.name, ...range }, column.kind), passing?.[bar] ?? counts[bar], counts[bar]);
  }
}

function spanOfDrag({ from, begin: [low, high], part }: Drag, place: number): Span {
  if (part === "both") {
    const by = Math.min(1 - high, Math.max(-low, place - from));
    return [low + by, high + by];
  }
  const other = part === "low" ? high : part === "high" ? low : from;
  return [Math.min(other, place), Math.max(other, place)];
}

/** The outline of bars that are one wide and at most one high. */
function barsPath(counts: ArrayLike<number>, most: number): string {
  let path = "";
  for (let bar = 0; bar < counts.length; bar++) {
    if (!counts[bar]) continue;
    const height = Math.max(0.03, counts[bar] / most);
    path += `M${bar + 0.06} 1V${(1 - height).toFixed(4)}h.88V1z`;
  }
  return path;
}

/** The name of a tick, below its place, or as near as the ends of the chart let it. */
function tickName({ at, text }: Tick, width: number) {
  const half = (text.length * WIDTH_OF_LETTER) / 2;
  const shift = at * width < half ? "0" : (1 - at) * width < half ? "-100%" : "-50%";
  return html`<span style="left:${100 * at}%;transform:translateX(${shift})">${text}</span>`;
}
