// @ts-check
/** Search in a page: every word must be there, case and accents folded; `column:value` conditions as in the notebook. */

const CONDITION = /(-?)(?:"([^"]+)"|([^\s:"]+)):(?:"([^"]*)"|([^\s"]+))(?=\s|$)/gu;

/** @typedef {{column: string, value?: string, low?: string, high?: string, strict: boolean, negated: boolean}} Condition */

/** Case and accents folded. @param {string} text */
export function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * The words of a query and its conditions; what names no column is a word.
 * @param {string} query @param {string[]} columns @returns {{words: string[], conditions: Condition[]}}
 */
export function parseQuery(query, columns) {
  const byName = new Map(columns.map((name) => [name.toLowerCase(), name]));
  /** @type {Condition[]} */
  const conditions = [];
  const rest = query.replace(CONDITION, (whole, minus, quoted, plain, string, value) => {
    const column = byName.get((quoted ?? plain).toLowerCase());
    if (!column) return whole;
    conditions.push(condition(column, string, value, minus === "-"));
    return " ";
  });
  return { words: fold(rest).split(/\s+/).filter(Boolean), conditions };
}

/** @param {string} column @param {string | undefined} string @param {string | undefined} value @param {boolean} negated @returns {Condition} */
function condition(column, string, value, negated) {
  if (string !== undefined || value === undefined) return { column, value: string, strict: false, negated };
  const bound = /^(>=|<=|>|<)(.+)$/u.exec(value);
  if (bound) return { column, [bound[1].startsWith(">") ? "low" : "high"]: bound[2], strict: bound[1].length === 1, negated };
  const range = /^(.*?)\.\.(.*)$/u.exec(value);
  if (range) return { column, low: range[1] || undefined, high: range[2] || undefined, strict: false, negated };
  return { column, value, strict: false, negated };
}

/**
 * Which points meet a condition.
 * @param {Condition} wanted @param {{legend: any, codes: Uint16Array, values?: Float64Array}} channel @returns {(point: number) => boolean}
 */
export function meets(wanted, channel) {
  const fits = channel.values ? numberFits(wanted, channel.values, channel.legend.kind) : nameFits(wanted, channel.codes, channel.legend.names);
  return wanted.negated ? (point) => !fits(point) : fits;
}

/** @param {Condition} wanted @param {Float64Array} values @param {string} kind @returns {(point: number) => boolean} */
function numberFits({ column, value, low, high, strict }, values, kind) {
  const read = (/** @type {string} */ written, /** @type {boolean} */ end) => {
    const number = kind === "dates" ? Date.parse(written) + (end ? spanOf(written) : 0) : Number(written);
    if (Number.isNaN(number)) throw new Error(`${column}:${written}: column “${column}” holds ${kind}; expected one.`);
    return number;
  };
  const [from, to] = value !== undefined ? [read(value, false), read(value, true)] : [low === undefined ? -Infinity : read(low, strict), high === undefined ? Infinity : read(high, !strict)];
  return (point) => (strict && value === undefined ? values[point] > from && values[point] < to : values[point] >= from && values[point] <= to);
}

/** How long what a date names lasts, less a millisecond: a year, a month or a day. @param {string} written */
function spanOf(written) {
  const start = new Date(written);
  const end = new Date(start);
  if (/^\d{4}$/u.test(written)) end.setUTCFullYear(end.getUTCFullYear() + 1);
  else if (/^\d{4}-\d{2}$/u.test(written)) end.setUTCMonth(end.getUTCMonth() + 1);
  else if (/^\d{4}-\d{2}-\d{2}$/u.test(written)) end.setUTCDate(end.getUTCDate() + 1);
  else return 0;
  return end.getTime() - start.getTime() - 1;
}

/** @param {Condition} wanted @param {Uint16Array} codes @param {string[]} names @returns {(point: number) => boolean} */
function nameFits({ value, low, high }, codes, names) {
  const sought = fold(value ?? "");
  const folded = names.map(fold);
  const within = (/** @type {string} */ name) => (low === undefined || name >= fold(low)) && (high === undefined || name <= fold(high) || name.startsWith(fold(high)));
  const isExact = folded.includes(sought);
  const fits = folded.map((name) => (value === undefined ? within(name) : isExact ? name === sought : name.includes(sought)));
  return (point) => codes[point] > 0 && fits[codes[point] - 1];
}

/** How often the words occur, for the order of hits; 0 if one is missing. @param {string} text folded @param {string[]} words */
export function scoreOf(text, words) {
  let score = 0;
  for (const word of words) {
    let found = 0;
    for (let at = text.indexOf(word); at >= 0 && found < 20; at = text.indexOf(word, at + word.length)) found++;
    if (!found) return 0;
    score += Math.sqrt(found);
  }
  return score / Math.sqrt(20 + text.length / 50);
}
