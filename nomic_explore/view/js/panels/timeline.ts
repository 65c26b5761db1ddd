import { html, nothing, render } from "lit-html";
import { signal } from "@preact/signals-core";
import { messages } from "../messages.ts";
import { type BarColumn, filterOfSpan, hasBars, type Span, snapped, spanOfFilter } from "./charts/axis.ts";
import { Histogram } from "./charts/histogram.ts";
import { type Columns, filterOf } from "./columns.ts";
import { filterText } from "./filter_text.ts";
import type { ColumnFilter, ColumnSummary } from "../protocol.ts";
import type { ViewState } from "../view_state.ts";

const STEP_MS = 700; // between two steps of the window, at speed 1
const CALM_MS = 2000; // for people who asked their system for less motion: then the window jumps by its own length
const SPEEDS = [0.5, 1, 2, 4];
const FIRST_SHARE = 1 / 8; // of the axis: the window that is played where no range was chosen
const FOLDED = "nomic-explore-timeline-folded";
const text = messages.timeline;

/** A strip below the map where documents have a date or a year: bars by time, a range to brush, and a button that plays it. */
export function makeTimeline(host: HTMLElement, state: ViewState, columns: Columns) {
  const time = (state.get("columns") as ColumnSummary[] | undefined)?.find(({ isTime }) => isTime);
  if (!time) return;
  const made = new Timeline(time.name, state, columns);
  columns.inSight.push(() => (made.isFolded ? [] : [time.name]));
  state.effect(() => render(made.draw(), host));
  state.atEnd(() => made.pause());
  columns.load([time.name]);
}

class Timeline {
  private readonly name: string;
  private readonly state: ViewState;
  private readonly columns: Columns;
  private readonly histogram: Histogram;
  private readonly folded = signal(recall(FOLDED) === "true");
  private readonly playing = signal(false);
  private readonly speed = signal(1);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string, state: ViewState, columns: Columns) {
    this.name = name;
    this.state = state;
    this.columns = columns;
    this.histogram = new Histogram((range) => {
      this.pause();
      columns.drag(name, range);
    }, state.signal);
  }

  get isFolded() {
    return this.folded.value;
  }

  draw() {
    const column = this.columns.summaries.value.get(this.name);
    const filter = filterOf(this.state.trait<ColumnFilter[]>("filters").value ?? [], this.name);
    if (!hasBars(column)) return nothing;
    const passing = this.columns.passing.value.get(this.name)?.bars;
    const isFolded = this.folded.value;
    if (!isFolded) this.histogram.show({ column, passing, filter });
    const range = filter ? filterText(filter, column.kind, column.missingName) : text.all;
    return html`<section class="nx-timeline ${isFolded ? "nx-folded" : ""}" aria-label=${text.name(column.title)} data-testid="atlas-timeline">
      <div class="nx-timeline-head">
        ${isFolded ? nothing : this.controls()}
        <span class="nx-timeline-name">${column.title}</span>
        <b class="nx-timeline-range" data-testid="atlas-timeline-range">${range}</b>
        <button type="button" class="nx-link nx-timeline-fold" data-testid="atlas-timeline-fold" title=${text.foldHint} aria-expanded=${!isFolded} @click=${() => this.fold()}>${isFolded ? text.show : text.hide}</button>
      </div>
      ${isFolded ? nothing : html`<div class="nx-timeline-chart">${this.histogram.root}</div>`}
    </section>`;
  }

  private controls() {
    const isPlaying = this.playing.value;
    return html`<button type="button" class="nx-button nx-play" data-testid="atlas-play" aria-pressed=${isPlaying} title=${text.playHint} @click=${() => (isPlaying ? this.pause() : this.play())}>
        <span aria-hidden="true">${isPlaying ? "❚❚" : "▶"}</span> ${isPlaying ? text.pause : text.play}
      </button>
      <select class="nx-select" data-testid="atlas-play-speed" aria-label=${text.speed} @change=${(event: Event) => (this.speed.value = Number((event.target as HTMLSelectElement).value))}>
        ${SPEEDS.map((speed) => html`<option value=${speed} ?selected=${speed === this.speed.value}>${speed}×</option>`)}
      </select>`;
  }

  private fold() {
    this.pause();
    this.folded.value = !this.folded.value;
    remember(FOLDED, String(this.folded.value));
    this.columns.count();
  }

  /** Moves the range along the axis, from the start where there is none or where it has reached the end. */
  private play() {
    const column = this.columns.summaries.value.get(this.name);
    if (!hasBars(column)) return;
    this.playing.value = true;
    const span = this.spanNow(column);
    if (!span || span[1] >= 1) {
      const length = span && span[1] - span[0] < 1 ? span[1] - span[0] : FIRST_SHARE;
      this.choose([0, length], column);
    }
    this.next(column);
  }

  pause() {
    clearTimeout(this.timer);
    this.playing.value = false;
  }

  private next(column: BarColumn) {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.timer = setTimeout(() => {
      const span = this.spanNow(column);
      if (!span || span[1] >= 1 - 1e-9) return this.pause();
      const step = isCalm ? span[1] - span[0] : 1 / column.bars.counts.length;
      const by = Math.min(step, 1 - span[1]);
      this.choose([span[0] + by, span[1] + by], column);
      this.next(column);
    }, (isCalm ? CALM_MS : STEP_MS) / this.speed.value);
  }

  private spanNow(column: BarColumn): Span | undefined {
    return spanOfFilter(filterOf(this.state.get("filters"), this.name), column);
  }

  private choose(span: Span, column: BarColumn) {
    this.columns.drag(this.name, filterOfSpan(snapped(span, column), column));
  }
}

/** Settings kept in the browser; a page without storage keeps none. */
function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key: string, value: string) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A page opened from a file may have no store: the strip opens as it does at first.
  }
}
