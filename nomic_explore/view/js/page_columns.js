// @ts-check
/** The columns of a page: what a cell says, and which points a filter lets through. */
import { amount } from "./dom.js";
import { asFloat, ExactColumn, parseNumber } from "./exact_numbers.js";

/** @typedef {import("./page_conditions.js").Channel & {summary: any}} PageChannel */
/** @typedef {{column: string, values?: (string | null)[], low?: number | string | null, high?: number | string | null}} Filter */

/** @param {any} facts @param {Record<string, any>} blocks decoded arrays @returns {Map<string, PageChannel>} */
export function readChannels(facts, blocks) {
  return new Map(
    facts.channels.map((/** @type {any} */ one, /** @type {number} */ at) => {
      const exact = blocks.exact?.[at] && new ExactColumn(blocks.exact[at].split("\n"), one.legend.scale);
      const lists = blocks.lengths?.[at] && { starts: startsOf(blocks.lengths[at]), members: blocks.members[at] };
      return [one.legend.column, { ...one, codes: blocks.codes[at], values: blocks.values[at], exact, ...lists }];
    }),
  );
}

/** @param {Uint16Array} lengths of lists @returns {Uint32Array} where each begins, and where the last ends */
function startsOf(lengths) {
  const starts = new Uint32Array(lengths.length + 1);
  for (let at = 0; at < lengths.length; at++) starts[at + 1] = starts[at] + lengths[at];
  return starts;
}

/** The names of a point's values in a column of lists. @param {PageChannel} channel @param {number} point @returns {string[]} */
export function listed({ legend, starts, members }, point) {
  return starts && members ? [...members.subarray(starts[point], starts[point + 1])].map((code) => legend.names[code - 1]) : [];
}

/** What a cell says; "" without a value. @param {PageChannel} channel @param {number} point @param {(value: number, kind: string) => string} [write] */
export function cellText(channel, point, write = amount) {
  const { legend, codes, values, exact, starts } = channel;
  if (exact) return exact.textOf(point);
  if (starts) return listed(channel, point).join(", ");
  if (!values) return codes[point] ? legend.names[codes[point] - 1] : "";
  if (Number.isNaN(values[point])) return "";
  return Number.isFinite(values[point]) ? write(values[point], legend.kind) : values[point] > 0 ? "∞" : "-∞";
}

/** @param {Filter} filter @param {PageChannel} channel @returns {(point: number) => boolean} which points it lets through */
export function fitsFilter({ values: wanted, low, high }, channel) {
  const { legend, codes, values, starts, members } = channel;
  if (!wanted) return fitsRange(channel, low ?? undefined, high ?? undefined);
  const isNone = (/** @type {string | null} */ value) => value === null || (value === "none" && !legend.names.includes("none"));
  const none = wanted.some(isNone);
  const named = wanted.filter((value) => !isNone(value));
  if (values && named.some((value) => !legend.names.includes(value))) {
    const tests = named.map((value) => fitsRange(channel, /** @type {string} */ (value), /** @type {string} */ (value)));
    return (point) => (none && Number.isNaN(values[point])) || tests.some((fits) => fits(point));
  }
  const fits = [none, ...legend.names.map((/** @type {string} */ name) => named.includes(name))];
  if (values && !legend.names.length) return (point) => none && Number.isNaN(values[point]);
  if (!starts || !members) return (point) => fits[codes[point]];
  return (point) => {
    if (starts[point] === starts[point + 1]) return none;
    for (let at = starts[point]; at < starts[point + 1]; at++) if (fits[members[at]]) return true;
    return false;
  };
}

/** @param {PageChannel} channel @param {number | string | undefined} low @param {number | string | undefined} high @returns {(point: number) => boolean} */
function fitsRange({ values, exact }, low, high) {
  const [first, last] = [low, high].map((end) => (end === undefined ? undefined : String(end)));
  if (exact) return exact.within(first === undefined ? undefined : parseNumber(first), last === undefined ? undefined : parseNumber(last), false);
  const [from, to] = [first === undefined ? -Infinity : asFloat(first), last === undefined ? Infinity : asFloat(last)];
  const numbers = /** @type {Float64Array} */ (values);
  return (point) => numbers[point] >= from && numbers[point] <= to;
}
