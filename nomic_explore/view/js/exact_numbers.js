// @ts-check
/** Numbers that a float cannot tell apart, such as 64-bit ids: compared as whole numbers of any size, as the kernel does. */

const WRITTEN = /^([+-]?)(?:([0-9]+)(?:\.([0-9]+))?|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,9}))?$/u;
const INFINITE = /^([+-]?)inf(inity)?$/iu;
const MAX_EXPONENT = 400;

/** @typedef {{digits: bigint, shift: number} | number} Exact digits times ten to the power of shift; a number is infinite */

/** What a number is that somebody wrote; undefined if it is no number. @param {string} written @returns {Exact | undefined} */
export function parseNumber(written) {
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

/** A number as a float. @param {string} written @returns {number} NaN if it is no number */
export function asFloat(written) {
  const number = parseNumber(written);
  return number === undefined ? NaN : typeof number === "number" ? number : Number(`${number.digits}e${number.shift}`);
}

/** The whole numbers around a number times ten to the power of scale. @param {Exact} number @param {number} scale @returns {[bigint | number, bigint | number]} floor and ceiling */
export function around(number, scale) {
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

/** A whole number as the decimal that it stands for. @param {bigint} value @param {number} scale */
export function decimalText(value, scale) {
  if (!scale) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** How far a number that somebody wrote lies above the least of a column. @param {string} written @param {{base: string, scale: number}} column */
export function offsetOf(written, { base, scale }) {
  const number = parseNumber(written);
  if (number === undefined || typeof number === "number") return number ?? NaN;
  return Number(/** @type {bigint} */ (around(number, scale)[0]) - BigInt(base)) / 10 ** scale;
}

/** The exact number that lies so far above the least of a column. @param {number} offset @param {{base: string, scale: number}} column */
export function textAt(offset, { base, scale }) {
  return decimalText(BigInt(base) + BigInt(Math.round(offset * 10 ** scale)), scale);
}

/** Numbers of a page, one for each point. */
export class ExactColumn {
  /** @param {string[]} written whole numbers, times ten to the power of scale; "" is none @param {number} scale */
  constructor(written, scale) {
    this.written = written;
    this.scale = scale;
    /** @type {(bigint | undefined)[] | undefined} made when they are first compared */
    this.wholes = undefined;
  }

  /** @param {number} point @returns {string} "" where there is none */
  textOf(point) {
    return this.written[point] ? decimalText(BigInt(this.written[point]), this.scale) : "";
  }

  /** Which points lie between two ends, undefined for an open one. @param {Exact | undefined} low @param {Exact | undefined} high @param {boolean} strict leaves the ends out @returns {(point: number) => boolean} */
  within(low, high, strict) {
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
