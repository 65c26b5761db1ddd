/** Dates or years cut into as many bins as a small chart can show; a page counts with it what the kernel counts elsewhere. */

const MOST = 60;

/**
 * @param values milliseconds since 1970, or years; NaN is none
 * @param kind "dates" or "years"
 * @param usual the first and the last date that stand for themselves, unlike 9999-12-31 for "no end"
 * @returns names of the bins, the earliest first, and the bin of each value, -1 for none
 */
export function timeBins(values: ArrayLike<number>, kind: string, [first, last]: [number, number] = [-8.64e15, 8.64e15]): {unit: string, names: string[], places: Int32Array} {
  if (kind === "years") return yearBins(values);
  const numbers = (read: (date: Date) => number) => Float64Array.from(values, (value) => (value >= first && value <= last ? read(new Date(value)) : NaN));
  const days = numbers((date) => Math.floor(date.getTime() / 86_400_000));
  const months = numbers((date) => 12 * (date.getUTCFullYear() - 1970) + date.getUTCMonth());
  for (const [unit, found] of ([["day", days], ["month", months]] as [string, Float64Array][])) {
    const [low, high] = ends(found);
    if (high - low >= MOST) continue;
    const nameOf = (number: number) => (unit === "day" ? new Date(86_400_000 * number).toISOString().slice(0, 10) : new Date(Date.UTC(1970, number)).toISOString().slice(0, 7));
    return { unit, names: Array.from({ length: high - low + 1 }, (_, at) => nameOf(low + at)), places: Int32Array.from(found, (number) => (Number.isNaN(number) ? -1 : number - low)) };
  }
  return yearBins(numbers((date) => date.getUTCFullYear()));
}

/** The years of a column by its name and values; undefined if it holds something else. */
export function yearsOf(name: string, { legend, codes, values }: {legend: any, codes: ArrayLike<number>, values?: ArrayLike<number>}): ArrayLike<number> | undefined {
  if (legend.kind === "dates" || legend.kind === "lists" || legend.base !== undefined) return undefined;
  if (!values && (!legend.names.length || !legend.names.every((one: string) => /^\d{4}$/u.test(one)))) return undefined;
  const years = values ?? Float64Array.from(codes, (code) => (code ? Number(legend.names[code - 1]) : NaN));
  const [first, last] = /year/iu.test(name) ? [1000, 2999] : [1800, 2100];
  let n = 0;
  for (let at = 0; at < years.length; at++) {
    if (Number.isNaN(years[at])) continue;
    if (!Number.isInteger(years[at]) || years[at] < first || years[at] > last) return undefined;
    n++;
  }
  return n ? years : undefined;
}

function yearBins(years: ArrayLike<number>) {
  const [low, high] = ends(years);
  const step = stepOver(low, high);
  const first = Math.floor(low / step);
  const names = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, at) => (step === 1 ? String(low + at) : `${(first + at) * step}–${(first + at + 1) * step - 1}`));
  return { unit: "year", names, places: Int32Array.from(years, (year) => (Number.isNaN(year) ? -1 : Math.floor(year / step) - first)) };
}

/** The least and the greatest number; 0 and 0 without any. */
function ends(numbers: ArrayLike<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < numbers.length; at++) {
    if (numbers[at] < low) low = numbers[at];
    if (numbers[at] > high) high = numbers[at];
  }
  return low <= high ? [low, high] : [0, 0];
}

/** The first of 1, 2, 5, 10, 20, 50 and so on that leaves few enough bins. */
function stepOver(low: number, high: number) {
  for (let power = 1; ; power *= 10) {
    for (const step of [power, 2 * power, 5 * power]) if (Math.floor(high / step) - Math.floor(low / step) < MOST) return step;
  }
}
