/** Places on the axis of a histogram, 0 to 1, the values that lie there, and the filters that they stand for. */
import { barAt } from "../../bins.ts";
import { offsetOf, textAt } from "../../page/exact_numbers.ts";
import type { ColumnFilter, ColumnSummary } from "../../protocol.ts";

/** A part of an axis: where it begins and ends, 0 to 1. */
export type Span = [number, number];

/** A column that has bars. */
export type BarColumn = ColumnSummary & Required<Pick<ColumnSummary, "bars">>;

export function hasBars(column: ColumnSummary | undefined): column is BarColumn {
  return column?.bars !== undefined;
}

/** The value at a place. */
export function valueAt(edges: number[], place: number): number {
  const at = Math.min(Math.max(place, 0), 1) * (edges.length - 1);
  const bar = Math.min(Math.floor(at), edges.length - 2);
  const share = at - bar;
  return edges[bar] * (1 - share) + edges[bar + 1] * share; // the difference of two edges may be infinite
}

/** The place of a value. */
export function placeOf(edges: number[], value: number): number {
  const last = edges.length - 1;
  if (!(value > edges[0])) return 0;
  if (value >= edges[last]) return 1;
  const bar = barAt(edges, value);
  return (bar + (value / 2 - edges[bar] / 2) / (edges[bar + 1] / 2 - edges[bar] / 2)) / last; // halves: a difference may be infinite
}

/** Whether a brush over a column goes from one edge of a bar to another: bars of dates and of whole numbers are units. */
export function hasUnits({ kind, bars, base }: BarColumn): boolean {
  return kind === "dates" || (bars.isWhole && base === undefined);
}

/** The nearest part of an axis that can be chosen, at least a bar where bars are units. */
export function snapped([from, to]: Span, column: BarColumn): Span {
  const n = column.bars.counts.length;
  if (!hasUnits(column)) return [from, to];
  const first = Math.min(Math.round(from * n), n - 1);
  return [first / n, Math.max(Math.round(to * n), first + 1) / n];
}

/** The filter that a part of an axis stands for. */
export function filterOfSpan(span: Span, column: BarColumn): Pick<ColumnFilter, "low" | "high"> {
  const { edges } = column.bars;
  const [low, high] = span.map((place) => valueAt(edges, place));
  const { base, scale } = column;
  if (base !== undefined && scale !== undefined) return { low: textAt(Math.ceil(low), { base, scale }), high: textAt(Math.floor(high), { base, scale }) };
  if (column.kind === "dates") return { low: Math.round(low), high: Math.round(high) - 1 };
  if (column.bars.isWhole) return { low: Math.ceil(low), high: Math.floor(high) };
  return { low: readable(low), high: readable(high) };
}

/** The part of an axis that a filter lets through; undefined if it is none of a range. */
export function spanOfFilter(filter: ColumnFilter | undefined, column: BarColumn): Span | undefined {
  if (!filter || filter.values) return undefined;
  const { edges } = column.bars;
  const { base, scale } = column;
  const number = (end: number | string) => (base !== undefined && scale !== undefined ? offsetOf(String(end), { base, scale }) : Number(end));
  const beside = !hasUnits(column) ? [0, 0] : column.kind === "dates" ? [0, 1] : [-0.5, 0.5];
  const { low = null, high = null } = filter;
  return [low === null ? 0 : placeOf(edges, number(low) + beside[0]), high === null ? 1 : placeOf(edges, number(high) + beside[1])];
}

/** A number as short as a chip can show it. */
function readable(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}
