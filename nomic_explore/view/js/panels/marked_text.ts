import { eachWord, foldWord, wordsOf } from "../words.ts";

export type Segment = { text: string; isMarked: boolean };

// Words of so many texts that a mark on each says nothing; marked only if nothing else was searched for.
export const FUNCTION_WORDS = new Set(
  "a an and are as at be but by can do for from had has have how i if in into is it its no not of on or so that the their then there these they this to was we were what when where which who why will with you your".split(" "),
);
const MAX_MARKS = 500; // in one text; what follows them stays plain
const ENDINGS = ["ations", "ation", "ies", "ical", "ing", "es", "ed", "ic", "al", "s", "y", "e"];

/** A text in parts, of which those are marked that are among the words, in any of their forms: the first 500. */
export function markWords(text: string, words: readonly string[]): Segment[] {
  const isWanted = matcherOf(words);
  if (!isWanted) return [{ text, isMarked: false }];
  const parts: Segment[] = [];
  let [end, nMarked] = [0, 0];
  eachWord(text, (word, start) => {
    if (nMarked >= MAX_MARKS || !isWanted(word)) return;
    nMarked++;
    if (start > end) parts.push({ text: text.slice(end, start), isMarked: false });
    parts.push({ text: word, isMarked: true });
    end = start + word.length;
  });
  if (end < text.length || !parts.length) parts.push({ text: text.slice(end), isMarked: false });
  return parts;
}

function matcherOf(words: readonly string[]): ((word: string) => boolean) | undefined {
  const asked = words.flatMap(wordsOf).map((word) => word.toLowerCase());
  const telling = asked.filter((word) => !FUNCTION_WORDS.has(word));
  const wanted = new Set((telling.length ? telling : asked).flatMap((word) => [foldWord(word), looseStem(word)]));
  return wanted.size ? (word) => wanted.has(foldWord(word)) || wanted.has(looseStem(word.toLowerCase())) : undefined;
}

/** What inflected forms of a word share, as `stems` of nomic_explore/topics/keyness.py. */
export function looseStem(word: string): string {
  const ending = ENDINGS.find((one) => word.length > one.length + 3 && word.endsWith(one));
  return ending ? word.slice(0, -ending.length) : word;
}
