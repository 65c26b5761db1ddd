import type { Condition } from "./conditions.ts";

const CONDITION = /(-?)(?:"([^"]+)"|([^\s:"]+)):(?:"([^"]*)"|([^\s"]+))(?=\s|$)/gu;
const LEFT = /(?<!\S)-?(?:"([^"]+)"|([^\s:"]+)):\S*/gu;

/** The words of a query and its conditions; what names no column is a word. */
export function parseQuery(query: string, columns: string[]): {words: string[], conditions: Condition[]} {
  const byName = new Map(([...columns.map((name) => [name.toLowerCase(), name]), ...columns.map((name) => [name, name])] as [string, string][]));
  const columnOf = (name: string) => byName.get(name) ?? byName.get(name.toLowerCase());
  const conditions: Condition[] = [];
  const rest = query.replace(CONDITION, (whole, minus, quoted, plain, string, value) => {
    const column = columnOf(quoted ?? plain);
    if (!column) return whole;
    conditions.push(condition(column, string, value, minus === "-"));
    return " ";
  });
  for (const [whole, quoted, plain] of rest.matchAll(LEFT)) {
    if (!columnOf(quoted ?? plain)) continue;
    const name = whole.split(":")[0];
    throw new Error(`${whole} is no condition: expected a value right after the colon, such as ${name}:value or ${name}:"two words". To search for the words, leave the colon out.`);
  }
  return { words: rest.split(/\s+/).filter(Boolean), conditions };
}

function condition(column: string, string: string | undefined, value: string | undefined, negated: boolean): Condition {
  if (string !== undefined || value === undefined) return { column, value: string, strict: false, negated };
  const bound = /^(>=|<=|>|<)(.+)$/u.exec(value);
  if (bound) return { column, [bound[1].startsWith(">") ? "low" : "high"]: bound[2], strict: bound[1].length === 1, negated };
  const range = value === ".." ? null : /^(.*?)\.\.(?!\.)(.*)$/u.exec(value);
  if (range) return { column, low: range[1] || undefined, high: range[2] || undefined, strict: false, negated };
  if (value.toLowerCase() === "none") return { column, strict: false, negated, missing: true };
  return { column, value, strict: false, negated };
}
