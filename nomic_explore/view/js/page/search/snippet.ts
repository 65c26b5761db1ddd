import { shorten } from "../../dom.ts";
import { looseStem } from "../../panels/marked_text.ts";

const MAX_READ = 20_000; // characters of a text that are looked through
const LINES = /([-=~*_#.])\1{3,}/gu; // that underline a heading
const TOKEN = /[\p{L}\p{N}]+/gu;

/**
 * About `length` characters of a text with as many different words as possible, or else its beginning; as `cut_snippet` of
 * nomic_explore/view/data/snippets.py.
 */
export function cutSnippet(text: string, words: readonly string[], length: number): string {
  const flat = text.slice(0, MAX_READ).replace(LINES, " ").trim().replace(/\s+/gu, " ");
  const lead = Math.floor(length / 8);
  const wanted = new Set(flat.length > length ? words.flatMap((word) => word.toLowerCase().split(/[\s-]+/u).map(looseStem)) : []);
  const found = wanted.size ? [...flat.matchAll(TOKEN)].map((match) => ({ start: match.index, stem: looseStem(match[0].toLowerCase()) })).filter(({ stem }) => wanted.has(stem)) : [];
  let [most, start] = [0, 0];
  found.forEach((one, at) => {
    const reached = new Set(found.slice(at, at + length).filter((other) => other.start + other.stem.length <= one.start + length - lead).map((other) => other.stem));
    const letters = [...reached].reduce((sum, stem) => sum + stem.length, 0);
    if (letters > most) [most, start] = [letters, one.start];
  });
  if (start <= 2 * lead) return shorten(flat, length);
  return `… ${shorten(flat.slice(flat.lastIndexOf(" ", start - lead) + 1), length)}`;
}
