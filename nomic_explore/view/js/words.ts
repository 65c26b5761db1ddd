/** Words as the search of the notebook reads them: Unicode word boundaries, case and accents folded, English stems. */

const JOINED = "[\\p{L}\\p{M}\\p{N}_]+";
const WORD = new RegExp(`${JOINED}(?:(?:(?<=[\\p{L}\\p{M}])['’.·](?=\\p{L})|(?<=\\p{N})['’.,;](?=\\p{N}))${JOINED})*`, "gu");
const UNSPACED = /[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]/u; // Thai, kana, Han
const IS_WORD = /[\p{L}\p{N}]/u;
const IS_ASCII = /^[\0-\x7f]*$/u;
const [LETTER, DIGIT, LINE] = [1, 2, 4];
const kindOf = Uint8Array.from({ length: 128 }, (_, code) => {
  const sign = String.fromCharCode(code);
  return /[a-z]/iu.test(sign) ? LETTER : /\d/u.test(sign) ? DIGIT : sign === "_" ? LINE : 0;
});
let segmenter: Intl.Segmenter | undefined;

/** Calls `act` with the words of a text, and where each begins. */
export function eachWord(text: string, act: (word: string, start: number) => void) {
  if (IS_ASCII.test(text)) return eachAsciiWord(text, act);
  const isUnspaced = UNSPACED.test(text);
  for (const { 0: found, index } of text.matchAll(WORD)) {
    if (!isUnspaced || !UNSPACED.test(found)) {
      if (IS_WORD.test(found)) act(found, index);
      continue;
    }
    segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
    for (const part of segmenter.segment(found)) if (part.isWordLike) act(part.segment, index + part.index);
  }
}

/** The same for plain letters, many times faster. */
function eachAsciiWord(text: string, act: (word: string, start: number) => void) {
  for (let start = 0; start < text.length; start++) {
    if (!kindOf[text.charCodeAt(start)]) continue;
    let [end, kinds] = [start, 0];
    for (let kind = kindOf[text.charCodeAt(end)]; kind; kind = kindOf[text.charCodeAt(end)]) {
      kinds |= kind;
      end++;
      const next = kindOf[text.charCodeAt(end + 1)];
      const joint = text[end];
      if ((kind === LETTER && next === LETTER && (joint === "." || joint === "'")) || (kind === DIGIT && next === DIGIT && (joint === "." || joint === "," || joint === ";" || joint === "'"))) end++;
    }
    if (kinds & (LETTER | DIGIT)) act(text.slice(start, end), start);
    start = end;
  }
}

export function wordsOf(text: string): string[] {
  const words: string[] = [];
  eachWord(text, (word) => words.push(word));
  return words;
}

const stemOf = new Map<string, string>();

/** A word as it is compared. */
export function foldWord(word: string): string {
  const known = stemOf.get(word);
  if (known !== undefined) return known;
  const found = englishStem(word.toLowerCase().replaceAll("’", "'")).normalize("NFKD").replace(/\p{M}/gu, "");
  stemOf.set(word, found);
  return found;
}

const SPECIAL = new Map(
  Object.entries({
    skis: "ski", skies: "sky", dying: "die", lying: "lie", tying: "tie", idly: "idl", gently: "gentl", ugly: "ugli", early: "earli", only: "onli", singly: "singl",
    ...Object.fromEntries(["sky", "news", "howe", "atlas", "cosmos", "bias", "andes"].map((word) => [word, word])),
  }),
);
const KEPT = /^(?:inning|outing|canning|herring|earring|proceed|exceed|succeed)$/u;
// For each step the endings, longest first, and what stands instead of them.
const STEP_2 = endings("ational:ate fulness:ful iveness:ive ization:ize ousness:ous biliti:ble lessli:less tional:tion alism:al aliti:al ation:ate entli:ent fulli:ful iviti:ive ousli:ous abli:able alli:al anci:ance ator:ate enci:ence izer:ize bli:ble ogi:og li:");
const STEP_3 = endings("ational:ate tional:tion alize:al ative: icate:ic iciti:ic ical:ic ness: ful:");
const STEP_4 = endings("ement: able: ance: ence: ible: ment: ant: ate: ent: ion: ism: iti: ive: ize: ous: al: er: ic:");

function endings(written: string): [string, string][] {
  return written.split(" ").map((one) => one.split(":") as [string, string]);
}

/** The stem of an English word in lower case: Porter's second stemmer, as in Snowball. */
export function englishStem(word: string): string {
  const special = SPECIAL.get(word);
  if (special !== undefined || word.length < 3) return special ?? word;
  let stem = word.replace(/^'/u, "").replace(/^y|(?<=[aeiouy])y/gu, "Y");
  const first = /^(?:gener|commun|arsen|univers|later|emerg|organ|inter)/u.exec(stem)?.[0].length ?? regionAfter(stem, 0);
  const second = regionAfter(stem, first);
  stem = stem.replace(/'s'$|'s$|'$/u, "");
  stem = withoutPlural(stem);
  if (KEPT.test(stem)) return stem;
  stem = withoutVerbEnding(stem, first).replace(/(?<=.[^aeiouy])[yY]$/u, "i");
  stem = replaceEnding(stem, STEP_2, first, (end, rest) => (end === "li" ? /[cdeghkmnrt]$/u.test(rest) : end !== "ogi" || rest.endsWith("l")));
  stem = replaceEnding(stem, STEP_3, first, (end, rest) => end !== "ative" || rest.length >= second);
  stem = replaceEnding(stem, STEP_4, second, (end, rest) => end !== "ion" || /[st]$/u.test(rest));
  const [last, rest] = [stem.length - 1, stem.slice(0, -1)];
  if (stem.endsWith("e") && (last >= second || (last >= first && !endsShort(rest)))) stem = rest;
  else if (stem.endsWith("ll") && last >= second) stem = rest;
  return stem.replaceAll("Y", "y");
}

/** Where the part of a word begins that follows the first consonant after a vowel. */
function regionAfter(word: string, from: number): number {
  const found = /[aeiouy][^aeiouy]/u.exec(word.slice(from));
  return found ? from + found.index + 2 : word.length;
}

/** Whether a word ends in a short syllable. */
function endsShort(word: string): boolean {
  return /[^aeiouy][aeiouy][^aeiouywxY]$|^[aeiouy][^aeiouy]$|^past$/u.test(word);
}

function withoutPlural(word: string): string {
  if (word.endsWith("sses")) return word.slice(0, -2);
  if (/ie[ds]$/u.test(word)) return word.slice(0, word.length > 4 ? -2 : -1);
  return /[aeiouy].+s$/u.test(word) && !/[us]s$/u.test(word) ? word.slice(0, -1) : word;
}

function withoutVerbEnding(word: string, first: number): string {
  const end = /(?:eedly|eed)$|(?:ingly|edly|ing|ed)$/u.exec(word)?.[0];
  if (!end) return word;
  const rest = word.slice(0, -end.length);
  if (end.startsWith("eed")) return rest.length >= first ? `${rest}ee` : word;
  if (!/[aeiouy]/u.test(rest)) return word;
  if (/(?:at|bl|iz)$/u.test(rest)) return `${rest}e`;
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/u.test(rest)) return /^[aeo]..$/u.test(rest) ? rest : rest.slice(0, -1);
  return endsShort(rest) && rest.length <= first ? `${rest}e` : rest;
}

function replaceEnding(word: string, known: [string, string][], region: number, isFit: (end: string, rest: string) => boolean): string {
  const found = known.find(([end]) => word.endsWith(end));
  if (!found) return word;
  const rest = word.slice(0, -found[0].length);
  return rest.length >= region && isFit(found[0], rest) ? rest + found[1] : word;
}
