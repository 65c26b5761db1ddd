/** Numbers that a float cannot tell apart, such as 64-bit ids: compared as whole numbers of any size, as the kernel does. */

const WRITTEN = /^([+-]?)(?:([0-9]+)(?:\.([0-9]+))?|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,9}))?$/u;
const INFINITE = /^([+-]?)inf(inity)?$/iu;
const MAX_EXPONENT = 400;

/** digits times ten to the power of shift; a number is infinite */
export type Exact = {digits: bigint, shift: number} | number;

/** What a number is that somebody wrote; undefined if it is no number. */
export function parseNumber(written: string): Exact | undefined {
  const infinite = INFINITE.exec(written);
  if (infinite) return infinite[1] === "-" ? -Infinity : Infinity;
  const found = WRITTEN.exec(written);
  if (!found) return undefined;
  const [, sign, whole = "", after = "", alone = "", exponent = "0"] = found;
  const fraction = after || alone;
  const text = `${whole}${fraction}`.replace(/^0+/u, "");
  if (!text) return { digits: 0n, shift: 0 };
  const one = sign === "-" ? -1n : 1n;
  const shift = Number(exponent) - fraction.length;
  const adjusted = shift + text.length - 1;
  if (adjusted > MAX_EXPONENT) return sign === "-" ? -Infinity : Infinity;
  if (adjusted < -MAX_EXPONENT) return { digits: one, shift: -MAX_EXPONENT };
  return { digits: one * BigInt(text), shift };
}

/** A number as a float. @returns NaN if it is no number */
export function asFloat(written: string): number {
  const number = parseNumber(written);
  return number === undefined ? NaN : typeof number === "number" ? number : Number(`${number.digits}e${number.shift}`);
}

/** The whole numbers around a number times ten to the power of scale. @returns floor and ceiling */
export function around(number: Exact, scale: number): [bigint | number, bigint | number] {
  if (typeof number === "number") return [number, number];
  const shift = number.shift + scale;
  if (shift >= 0) {
    const whole = number.digits * 10n ** BigInt(shift);
    return [whole, whole];
  }
  const divisor = 10n ** BigInt(-shift);
  const quotient = number.digits / divisor; // cut towards zero
  const rest = number.digits % divisor;
  return [rest < 0n ? quotient - 1n : quotient, rest > 0n ? quotient + 1n : quotient];
}

/** A whole number as the decimal that it stands for. */
export function decimalText(value: bigint, scale: number) {
  if (!scale) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** How far a number that somebody wrote lies above the least of a column. */
export function offsetOf(written: string, { base, scale }: {base: string, scale: number}) {
  const number = parseNumber(written);
  if (number === undefined || typeof number === "number") return number ?? NaN;
  return Number((around(number, scale)[0] as bigint) - BigInt(base)) / 10 ** scale;
}

/** The exact number that lies so far above the least of a column. */
export function textAt(offset: number, { base, scale }: {base: string, scale: number}) {
  return decimalText(BigInt(base) + BigInt(Math.round(offset * 10 ** scale)), scale);
}

/** Numbers of a page, one for each point. */
export class ExactColumn {
  written: string[];
  scale: number;
  /** made when they are first compared */
  wholes: (bigint | undefined)[] | undefined;

  /** @param written whole numbers, times ten to the power of scale; "" is none */
  constructor(written: string[], scale: number) {
    this.written = written;
    this.scale = scale;
    this.wholes = undefined;
  }

  /** @returns "" where there is none */
  textOf(point: number): string {
    return this.written[point] ? decimalText(BigInt(this.written[point]), this.scale) : "";
  }

  /** Which points lie between two ends, undefined for an open one. @param strict leaves the ends out */
  within(low: Exact | undefined, high: Exact | undefined, strict: boolean): (point: number) => boolean {
    const wholes = (this.wholes ??= this.written.map((one) => (one ? BigInt(one) : undefined)));
    const from = low === undefined ? undefined : around(low, this.scale)[strict ? 0 : 1];
    const to = high === undefined ? undefined : around(high, this.scale)[strict ? 1 : 0];
    return (point) => {
      const value = wholes[point];
      if (value === undefined) return false;
      if (from !== undefined && !(strict ? value > from : value >= from)) return false;
      return to === undefined || (strict ? value < to : value <= to);
    };
  }
}
