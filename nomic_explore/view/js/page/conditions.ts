/** Which points of a page meet a condition: numbers, dates, truth values, lists and text, as the notebook compares them. */
import { asFloat, ExactColumn, parseNumber } from "./exact_numbers.ts";

export type Condition = {column: string, value?: string, low?: string, high?: string, strict: boolean, negated: boolean, missing?: boolean};
/** A column of a page: `exact` where floats cannot tell the numbers apart, `starts` and `members` for lists. */
export type Channel = {legend: any, codes: Uint16Array, values?: Float64Array, exact?: ExactColumn, starts?: Uint32Array, members?: Uint16Array};

const DASHED = /^(.+?)(?:-|–|—|…|\.{3,})(.+)$/u;
const DAY_FIRST = /^([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})$/u;
const DATE = /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]{1,6})?)?)?)?)?$/u;
/** Case and accents folded. */
export function fold(text: string) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** @returns which points meet it */
export function meets(wanted: Condition, channel: Channel): (point: number) => boolean {
  const fits = wanted.missing ? withoutValue(channel) : withValue(wanted, channel);
  return wanted.negated ? (point) => !fits(point) : fits;
}

export function withoutValue({ legend, codes, values, starts }: Channel): (point: number) => boolean {
  if (starts) return (point) => starts[point] === starts[point + 1];
  if (values) return (point) => Number.isNaN(values[point]);
  const isNone = [true, ...legend.names.map((name: string) => fold(name) === "none")];
  return (point) => isNone[codes[point]];
}

function withValue(wanted: Condition, channel: Channel): (point: number) => boolean {
  const { legend, codes, values } = channel;
  if (channel.starts) return listFits(wanted, channel);
  if (values) return legend.kind === "dates" ? dateFits(wanted, values) : numberFits(wanted, values, channel.exact);
  const isTruth = legend.names.every((name: string) => name === "true" || name === "false");
  if (isTruth && !["true", "false"].includes(fold(wanted.value ?? ""))) {
    const name = wanted.column;
    throw new Error(`${written(wanted)}: column '${name}' is true or false; expected ${name}:true, ${name}:false or ${name}:none.`);
  }
  return wanted.value === undefined ? rangeFits(wanted, codes, legend) : nameFits(wanted.value, codes, legend.names);
}

function numberFits(wanted: Condition, values: Float64Array, exact: ExactColumn | undefined): (point: number) => boolean {
  const { value, strict } = wanted;
  for (const one of [value, wanted.low, wanted.high]) {
    if (one !== undefined && parseNumber(one) === undefined) throw notANumber(wanted);
  }
  if (value === undefined && wanted.low === undefined && wanted.high === undefined) throw notANumber(wanted);
  const [low, high] = [value ?? wanted.low, value ?? wanted.high];
  if (low !== undefined && high !== undefined) checkOrder(wanted, asFloat(low), asFloat(high));
  const read = (one: string | undefined) => (one === undefined ? undefined : parseNumber(one));
  if (exact) return exact.within(read(low), read(high), strict && value === undefined);
  const [from, to] = [low === undefined ? -Infinity : asFloat(low), high === undefined ? Infinity : asFloat(high)];
  if (!strict || value !== undefined) return (point) => values[point] >= from && values[point] <= to;
  return (point) => (low === undefined ? values[point] >= from : values[point] > from) && (high === undefined ? values[point] <= to : values[point] < to);
}

function notANumber(wanted: Condition) {
  const name = wanted.column;
  return new Error(`${written(wanted)}: column '${name}' holds numbers; expected a number or a range, such as ${name}:5, ${name}:>5, ${name}:2..5 or ${name}:none.${suggestion(wanted)}`);
}

function dateFits(wanted: Condition, values: Float64Array): (point: number) => boolean {
  const { value, low, high, strict } = wanted;
  if (value !== undefined) {
    const [start, end] = spanOf(wanted, value);
    return (point) => values[point] >= start && values[point] < end;
  }
  if (low === undefined && high === undefined) spanOf(wanted, "");
  const [first, last] = [low, high].map((one) => (one === undefined ? undefined : spanOf(wanted, one)));
  if (first && last) checkOrder(wanted, first[0], last[0]);
  const from = first ? first[strict ? 1 : 0] : -Infinity;
  const to = last ? last[strict ? 0 : 1] : undefined;
  return (point) => values[point] >= from && (to === undefined || values[point] < to);
}

/** When a date begins and when it is over, in milliseconds since 1970; undefined if it is not written so. */
export function parseSpan(text: string): [number, number] | undefined {
  const found = DATE.exec(text);
  if (!found || found[1] === "0000") return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => (part === undefined ? undefined : Number(part)));
  if ((hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return undefined;
  const at = (y: number, m: number, d: number) => new Date(0).setUTCFullYear(y, m, d);
  const start = at(Number(year), (month ?? 1) - 1, day ?? 1);
  const date = new Date(start);
  if (date.getUTCMonth() !== (month ?? 1) - 1 || date.getUTCDate() !== (day ?? 1)) return undefined;
  if (month === undefined) return [start, at(Number(year) + 1, 0, 1)];
  if (day === undefined) return [start, at(Number(year), month, 1)];
  if (hour === undefined) return [start, start + 86_400_000];
  const fraction = found[7] ?? "";
  const moment = start + 3_600_000 * hour + 60_000 * Number(minute) + 1000 * (second ?? 0) + 1000 * Number(`0${fraction}`);
  return [moment, moment + (second === undefined ? 60_000 : fraction ? 1000 / 10 ** (fraction.length - 1) : 1000)];
}

function spanOf(wanted: Condition, text: string): [number, number] {
  const span = parseSpan(text);
  const name = wanted.column;
  if (!span) throw new Error(`${written(wanted)}: column '${name}' holds dates; expected year-month-day, such as ${name}:2020-02-01, ${name}:2020-02, ${name}:2020, ${name}:>2020-02-01, ${name}:2020-01..2020-03 or ${name}:none.${suggestion(wanted)}`);
  return span;
}

function checkOrder(wanted: Condition, low: number, high: number) {
  if (low > high) throw new Error(`${written(wanted)}: the lower end comes first, ${wanted.column}:${wanted.high}..${wanted.low}.`);
}

function listFits(wanted: Condition, { legend, starts, members }: Channel): (point: number) => boolean {
  const name = wanted.column;
  if (wanted.value === undefined) throw new Error(`${written(wanted)}: column '${name}' holds lists; expected one of their values, such as ${name}:value.`);
  const sought = fold(wanted.value);
  const fits = [false, ...legend.names.map((one: string) => fold(one) === sought)];
  const [from, all] = [(starts as Uint32Array), (members as Uint16Array)];
  return (point) => {
    for (let at = from[point]; at < from[point + 1]; at++) if (fits[all[at]]) return true;
    return false;
  };
}

function nameFits(value: string, codes: Uint16Array, names: string[]): (point: number) => boolean {
  const sought = fold(value);
  const folded = names.map(fold);
  const isExact = folded.includes(sought) || !sought.trim();
  const fits = folded.map((name) => (isExact ? name === sought : name.includes(sought)));
  return (point) => codes[point] > 0 && fits[codes[point] - 1];
}

/** Compared as strings; an upper bound includes what begins with it. */
function rangeFits(wanted: Condition, codes: Uint16Array, { names, textKind: kind }: { names: string[]; textKind?: string | null }): (point: number) => boolean {
  if (kind) throw new Error(`${written(wanted)}: Column '${wanted.column}' holds ${kind}s written as text; read the table with dtype={'${wanted.column}': '${kind}'} to compare them.`);
  const { low = "", high, strict } = wanted;
  const fits = names.map((name) => {
    if (strict && low ? name <= low || name.startsWith(low) : name < low) return false;
    return high === undefined || name < high || (!strict && name.startsWith(high));
  });
  return (point) => codes[point] > 0 && fits[codes[point] - 1];
}

/** The condition as it was written. */
function written({ column, value, low, high, strict, negated, missing }: Condition) {
  let text = value;
  if (missing) text = "none";
  else if (low !== undefined && high !== undefined) text = `${low}..${high}`;
  else if (value === undefined) text = low !== undefined ? `${strict ? ">" : ">="}${low}` : `${strict ? "<" : "<="}${high ?? ""}`;
  return `${negated ? "-" : ""}${column}:${text}`;
}

/** A sentence with the condition as it should be written; "" if it cannot be guessed. */
function suggestion(wanted: Condition) {
  const text = written({ ...wanted, negated: false }).slice(wanted.column.length + 1);
  const day = DAY_FIRST.exec(text);
  const iso = day ? `${day[3]}-${day[2].padStart(2, "0")}-${day[1].padStart(2, "0")}` : "";
  if (iso && parseSpan(iso)) return ` Did you mean ${wanted.column}:${iso}?`;
  const ends = DASHED.exec(text);
  if (ends && parseNumber(ends[1]) !== undefined && parseNumber(ends[2]) !== undefined) return ` Did you mean ${wanted.column}:${ends[1]}..${ends[2]}?`;
  return "";
}
