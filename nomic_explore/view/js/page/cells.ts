/** How titles, numbers and dates of a page are written; the same as in `view/data/summaries.py`, tested on the same cases. */

const MIN_LARGE = 1000;
const MIN_SMALL = 1e-4;
const MAX_EXACT = 2 ** 53;
const BETWEEN = /^[ \t\r\n.:;,|–—-]+/u; // what joins a title and the text behind it

/** A text without the title that it begins with; the whole text if nothing follows. */
export function textAfter(title: string, text: string): string {
  if (!title || !text.startsWith(title)) return text;
  const rest = text.slice(title.length);
  const after = rest.replace(BETWEEN, "");
  return after && after.length < rest.length ? after : text;
}

/** A number with the digits that say something: six, or two behind the point of a large one. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "";
  const size = Math.abs(value);
  if (size === Infinity) return value > 0 ? "∞" : "-∞";
  if (Number.isInteger(value) && size < MAX_EXACT) return String(value);
  if (size >= MAX_EXACT || size < MIN_SMALL) return value.toExponential(5).replace(/\.?0+e/u, "e").replace("e+", "e");
  return size >= MIN_LARGE ? String(Number(value.toFixed(2))) : String(Number(value.toPrecision(6)));
}

/** A date, with the time of day if it has one. @param value milliseconds since 1970 */
export function dateText(value: number): string {
  const [day, time] = new Date(value).toISOString().split("T");
  const clock = time.replace(/(:00)?(\.\d+)?Z$/u, "");
  return time.startsWith("00:00:00.000") ? day : `${day} ${clock}`;
}
