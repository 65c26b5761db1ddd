/** The columns of a page: what a cell says, and which points a filter lets through. */
import { barAt } from "../bins.ts";
import { amount } from "../dom.ts";
import { asFloat, ExactColumn, parseNumber } from "./exact_numbers.ts";
import type { Channel } from "./conditions.ts";
import type { ColumnFilter, ColumnSummary, FilterCountsRequest } from "../protocol.ts";

export type PageChannel = Channel & { summary: ColumnSummary };

/** @param blocks decoded arrays */
export function readChannels(facts: any, blocks: Record<string, any>): Map<string, PageChannel> {
  return new Map(
    facts.channels.map((one: any, at: number) => {
      const exact = blocks.exact?.[at] && new ExactColumn(blocks.exact[at].split("\n"), one.legend.scale);
      const lists = blocks.lengths?.[at] && { starts: startsOf(blocks.lengths[at]), members: blocks.members[at] };
      return [one.legend.column, { ...one, codes: blocks.codes[at], values: blocks.values[at], exact, ...lists }];
    }),
  );
}

/** @param lengths of lists @returns where each begins, and where the last ends */
function startsOf(lengths: Uint16Array): Uint32Array {
  const starts = new Uint32Array(lengths.length + 1);
  for (let at = 0; at < lengths.length; at++) starts[at + 1] = starts[at] + lengths[at];
  return starts;
}

/** The names of a point's values in a column of lists. */
export function listed({ legend, starts, members }: PageChannel, point: number): string[] {
  return starts && members ? [...members.subarray(starts[point], starts[point + 1])].map((code) => legend.names[code - 1]) : [];
}

/** What a cell says; "" without a value. */
export function cellText(channel: PageChannel, point: number, write: (value: number, kind: string) => string = amount) {
  const { legend, codes, values, exact, starts } = channel;
  if (exact) return exact.textOf(point);
  if (starts) return listed(channel, point).join(", ");
  if (!values) return codes[point] ? legend.names[codes[point] - 1] : "";
  if (Number.isNaN(values[point])) return "";
  return Number.isFinite(values[point]) ? write(values[point], legend.kind) : values[point] > 0 ? "∞" : "-∞";
}

/** @returns which points it lets through */
export function fitsFilter({ values: wanted, low, high }: ColumnFilter, channel: PageChannel): (point: number) => boolean {
  const { legend, codes, values, starts, members } = channel;
  if (!wanted) return fitsRange(channel, low ?? undefined, high ?? undefined);
  const isNone = (value: string | null) => value === null || (value === "none" && !legend.names.includes("none"));
  const none = wanted.some(isNone);
  const named = wanted.filter((value) => !isNone(value));
  if (values && named.some((value) => !legend.names.includes(value))) {
    const tests = named.map((value) => fitsRange(channel, (value as string), (value as string)));
    return (point) => (none && Number.isNaN(values[point])) || tests.some((fits) => fits(point));
  }
  const fits = [none, ...legend.names.map((name: string) => named.includes(name))];
  if (values && !legend.names.length) return (point) => none && Number.isNaN(values[point]);
  if (!starts || !members) return (point) => fits[codes[point]];
  return (point) => {
    if (starts[point] === starts[point + 1]) return none;
    for (let at = starts[point]; at < starts[point + 1]; at++) if (fits[members[at]]) return true;
    return false;
  };
}

function fitsRange({ values, exact }: PageChannel, low: number | string | undefined, high: number | string | undefined): (point: number) => boolean {
  const [first, last] = [low, high].map((end) => (end === undefined ? undefined : String(end)));
  if (exact) return exact.within(first === undefined ? undefined : parseNumber(first), last === undefined ? undefined : parseNumber(last), false);
  const [from, to] = [first === undefined ? -Infinity : asFloat(first), last === undefined ? Infinity : asFloat(last)];
  const numbers = (values as Float64Array);
  return (point) => numbers[point] >= from && numbers[point] <= to;
}

/**
 * How many points have no value, each value, and a value in each bar of some columns, of those that pass the filters of
 * all other columns; one column after the other, as the notebook counts them.
 * @param points those that are counted, or how many there are
 */
export function countPassing({ filters, columns }: FilterCountsRequest, channels: ReadonlyMap<string, PageChannel>, points: ArrayLike<number> | number): Uint32Array<ArrayBuffer> {
  const tests = filters.map((filter) => ({ column: filter.column, fits: fitsFilter(filter, channels.get(filter.column) as PageChannel) }));
  const n = typeof points === "number" ? points : points.length;
  const counted = columns.map((name) => {
    const others = tests.filter(({ column }) => column !== name);
    const add = counterOf(channels.get(name) as PageChannel);
    for (let at = 0; at < n; at++) {
      const point = typeof points === "number" ? at : points[at];
      if (others.every(({ fits }) => fits(point))) add.count(point);
    }
    return add.counts;
  });
  const all = new Uint32Array(counted.reduce((length, counts) => length + counts.length, 0));
  let at = 0;
  for (const counts of counted) {
    all.set(counts, at);
    at += counts.length;
  }
  return all;
}

/** Counts points by value and by bar. */
function counterOf(channel: PageChannel): { counts: Uint32Array; count: (point: number) => void } {
  const { codes, values, starts, members, summary } = channel;
  const nValues = summary.values?.length ?? 0;
  const counts = new Uint32Array(1 + nValues + (summary.bars?.counts.length ?? 0));
  const bars = summary.bars && values ? barsOf(channel, summary.bars.edges, values) : undefined;
  const count = (point: number) => {
    if (starts && members) {
      if (starts[point] === starts[point + 1]) counts[0]++;
      for (let at = starts[point]; at < starts[point + 1]; at++) counts[members[at]]++;
    } else if (codes[point] === 0) counts[0]++;
    else if (nValues) counts[codes[point]]++;
    if (bars && bars[point] >= 0) counts[1 + nValues + bars[point]]++;
  };
  return { counts, count };
}

const barsOfChannels = new WeakMap<PageChannel, Int16Array>();

/** The bar of each point, -1 for none; found once for each column. */
function barsOf(channel: PageChannel, edges: number[], values: Float64Array): Int16Array {
  const known = barsOfChannels.get(channel);
  if (known) return known;
  const found = Int16Array.from(values, (value) => barAt(edges, value));
  barsOfChannels.set(channel, found);
  return found;
}
