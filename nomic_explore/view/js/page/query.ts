/** Search in a page: every word must be there, case and accents folded; `column:value` conditions as in the notebook. */
import { fold } from "./conditions.ts";
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
  return { words: fold(rest).split(/\s+/).filter(Boolean), conditions };
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

/** How often the words occur, for the order of hits; 0 if one is missing. @param text folded */
export function scoreOf(text: string, words: string[]) {
  let score = 0;
  for (const word of words) {
    let found = 0;
    for (let at = text.indexOf(word); at >= 0 && found < 20; at = text.indexOf(word, at + word.length)) found++;
    if (!found) return 0;
    score += Math.sqrt(found);
  }
  return score / Math.sqrt(20 + text.length / 50);
}
