import { fold } from "../../page/conditions.ts";
import type { Label } from "../../map/labels.ts";

/** The tree of topics as numbers and words: who lies in whom, what a search leaves, how long the bars are. */

export type Topic = Label & {keywords?: string[], confidence?: number | null, locked?: boolean};

const SURE = 0.5;

/** The labels inside each label, the largest first; those of no other stand under -1. */
export function childrenOf(labels: {parent: number, size: number}[]) {
  const children: Map<number, number[]> = new Map();
  labels.forEach(({ parent }, at) => children.set(parent, [...(children.get(parent) ?? []), at]));
  for (const own of children.values()) own.sort((a, b) => labels[b].size - labels[a].size);
  return children;
}

export function keyOf({ layer, topic }: {layer: number, topic: number}) {
  return `${layer}-${topic}`;
}

/**
 * Which labels a search leaves: those whose name or keywords hold every word, whatever its case and accents, and those above them.
 * @returns found: with the keyword that was meant where the name does not hold all words; undefined if nothing is searched
 */
export function searchTree(labels: Topic[], query: string): {shown: Set<number>, found: Map<number, string>} | undefined {
  const wanted = fold(query).split(/\s+/u).filter(Boolean);
  if (!wanted.length) return undefined;
  const found: Map<number, string> = new Map();
  const shown: Set<number> = new Set();
  labels.forEach((label, at) => {
    const name = fold(label.text);
    const keywords = label.keywords ?? [];
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
  const named = new Map(now.map((topic) => [`${topic.layer} ${topic.text}`, keyOf(topic)]));
  const old = new Map(before.map((topic) => [keyOf(topic), `${topic.layer} ${topic.text}`]));
  const oldNames = new Set(old.values());
  const fresh = new Set(now.filter((topic) => !oldNames.has(`${topic.layer} ${topic.text}`)).map(keyOf));
  return (key) => named.get(old.get(key) ?? "") ?? (fresh.has(key) && before.length === now.length ? key : undefined);
}

export function percent(share: number) {
  const whole = Math.round(100 * share);
  if (whole === 0 && share > 0) return "<1 %";
  if (whole === 100 && share < 1) return ">99 %";
  return `${whole} %`;
}

/** How documents were given to topics, in words. */
export function shareWords(counts: {core: number, soft: number, none: number}) {
  const all = Math.max(1, counts.core + counts.soft + counts.none);
  const parts = ([["core", counts.core], ["soft", counts.soft], ["none", counts.none]] as [string, number][]);
  return parts.filter(([how, n]) => n || how !== "none").map(([how, n]) => `${how} ${percent(n / all)}`).join(" · ");
}

/** Says that a topic is not sure; undefined where it is, or where that was not measured. */
export function doubt(confidence: number | null | undefined) {
  if (confidence === null || confidence === undefined || confidence >= SURE) return undefined;
  return `Low confidence (${confidence.toFixed(2)} of 1): in other samples of the documents this topic was hardly found again`;
}
