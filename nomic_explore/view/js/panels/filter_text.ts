/** Filters in words: what a chip above the map says, and what stands beside the name of a column. */
import { amount } from "../dom.ts";
import { messages } from "../messages.ts";
import type { ColumnFilter } from "../protocol.ts";

const MAX_NAMED = 3;
const DAY = 86_400_000;

/** What a filter lets through. */
export function filterText(filter: ColumnFilter, kind: string, missingName: string = messages.filters.noValue): string {
  if (filter.values) return valuesText(filter.values, missingName);
  const { low = null, high = null } = filter;
  if (kind === "dates") return datesText(low === null ? null : Number(low), high === null ? null : Number(high));
  const written = (end: number | string) => (typeof end === "string" ? end : amount(end, kind));
  return rangeText(low === null ? null : written(low), high === null ? null : written(high));
}

function valuesText(values: (string | null)[], missingName: string): string {
  const numbers = values.map(Number);
  const areSteps = values.length > 2 && numbers.every((number, at) => Number.isInteger(number) && (at === 0 || number === numbers[at - 1] + 1));
  if (areSteps) return `${values[0]}–${values.at(-1)}`;
  const names = values.map((value) => value ?? missingName);
  if (names.length <= MAX_NAMED) return names.join(", ");
  return messages.filters.andMore(names.slice(0, MAX_NAMED - 1).join(", "), names.length - MAX_NAMED + 1);
}

function rangeText(low: string | null, high: string | null): string {
  if (low === null) return messages.filters.atMost(high ?? "");
  if (high === null) return messages.filters.atLeast(low);
  if (low === high) return low;
  return low.startsWith("-") || high.startsWith("-") || low.includes("-") ? messages.filters.between(low, high) : `${low}–${high}`;
}

/** Dates by years or months where they begin and end with one. */
function datesText(low: number | null, high: number | null): string {
  const day = (end: number) => new Date(end).toISOString().slice(0, 10);
  const after = high === null ? null : high % DAY === DAY - 1 ? high + 1 : high;
  for (const [length, rest] of [[4, "-01-01"], [7, "-01"]] as const) {
    const begins = low === null || day(low).slice(length) === rest;
    const ends = after === null || (after !== high && day(after).slice(length) === rest);
    if (!begins || !ends) continue;
    return rangeText(low === null ? null : day(low).slice(0, length), high === null ? null : day(high).slice(0, length));
  }
  return rangeText(low === null ? null : day(low), high === null ? null : day(high));
}
