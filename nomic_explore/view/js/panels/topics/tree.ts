/** The tree of topics as numbers and words: who lies in whom, what a search leaves, which lines are shown. */
import type { Label } from "../../map/labels.ts";
import { messages } from "../../messages.ts";
import { fold } from "../../page/conditions.ts";

export type Place = { layer: number; topic: number };
export type Topic = Label & { keywords: string[]; confidence: number | null; locked: boolean; dot_light: string; dot_dark: string };
/** Which labels a search leaves, and those it found with the keyword that was meant where the name does not hold all words. */
export type Found = { shown: Set<number>; found: Map<number, string> };
/** A line of the tree: its label's number, its depth from 1, its place among its siblings, whether what lies inside is shown. */
export type TreeLine = { at: number; level: number; place: number; nSiblings: number; nInside: number; isOpen: boolean };

const MIN_CONFIDENCE = 0.5;

export function keyOf({ layer, topic }: Place): string {
  return `${layer}-${topic}`;
}

export function placeOf(key: string): Place {
  const [layer, topic] = key.split("-").map(Number);
  return { layer, topic };
}

/** The labels inside each label, the largest first; those of no other stand under -1. */
export function childrenOf(labels: { parent: number; size: number }[]): Map<number, number[]> {
  const children = new Map<number, number[]>();
  labels.forEach(({ parent }, at) => children.set(parent, [...(children.get(parent) ?? []), at]));
  for (const own of children.values()) own.sort((a, b) => labels[b].size - labels[a].size);
  return children;
}

/** The lines of the tree from top to bottom. @param opened keys of the topics whose inside is shown */
export function linesOf(labels: Topic[], opened: ReadonlySet<string>, search: Found | undefined): TreeLine[] {
  const children = childrenOf(labels);
  const isShown = (at: number) => !search || search.shown.has(at);
  const inside = (at: number) => {
    const own = children.get(at) ?? [];
    const fitting = own.filter(isShown);
    return !fitting.length && search?.found.has(at) ? own : fitting; // a topic that was found can be opened as ever
  };
  const walk = (at: number, level: number): TreeLine[] => {
    const own = inside(at);
    return own.flatMap((child, place) => {
      const below = inside(child);
      const isOpen = below.length > 0 && (opened.has(keyOf(labels[child])) || (search !== undefined && below.some(isShown)));
      const line = { at: child, level, place: place + 1, nSiblings: own.length, nInside: below.length, isOpen };
      return [line, ...(isOpen ? walk(child, level + 1) : [])];
    });
  };
  return walk(-1, 1);
}

/** What a search leaves: labels whose name or keywords hold every word, whatever its case and accents, and those above them. */
export function searchTree(labels: Pick<Topic, "text" | "keywords" | "parent">[], query: string): Found | undefined {
  const wanted = fold(query).split(/\s+/u).filter(Boolean);
  if (!wanted.length) return undefined;
  const found = new Map<number, string>();
  const shown = new Set<number>();
  labels.forEach(({ text, keywords }, at) => {
    const name = fold(text);
    const folded = keywords.map(fold);
    if (!wanted.every((word) => name.includes(word) || folded.some((keyword) => keyword.includes(word)))) return;
    const missing = wanted.find((word) => !name.includes(word));
    found.set(at, missing === undefined ? "" : keywords[folded.findIndex((keyword) => keyword.includes(missing))]);
    for (let above = at; above >= 0 && !shown.has(above); above = labels[above].parent) shown.add(above);
  });
  return { shown, found };
}

/** Where topics went after an edit: by name within their layer, or else, when renamed, by number. */
export function follow(before: Topic[], now: Topic[]): (key: string) => string | undefined {
  const nameOf = (topic: Topic) => `${topic.layer} ${topic.text}`;
  const named = new Map(now.map((topic) => [nameOf(topic), keyOf(topic)]));
  const old = new Map(before.map((topic) => [keyOf(topic), nameOf(topic)]));
  const oldNames = new Set(old.values());
  const fresh = new Set(now.filter((topic) => !oldNames.has(nameOf(topic))).map(keyOf));
  return (key) => named.get(old.get(key) ?? "") ?? (fresh.has(key) && before.length === now.length ? key : undefined);
}

/** Says that a topic is not sure; undefined where it is, or where that was not measured. */
export function doubt(confidence: number | null): string | undefined {
  return confidence === null || confidence >= MIN_CONFIDENCE ? undefined : messages.topics.unsure(confidence);
}
