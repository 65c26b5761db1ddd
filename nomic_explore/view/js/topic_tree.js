// @ts-check
import { fold } from "./page_conditions.js";

/** The tree of topics as numbers and words: who lies in whom, what a search leaves, how long the bars are. */

/** @typedef {import("./labels.js").Label & {keywords?: string[], confidence?: number | null, locked?: boolean}} Topic */

const SURE = 0.5;

/** The labels inside each label, the largest first; those of no other stand under -1. @param {{parent: number, size: number}[]} labels */
export function childrenOf(labels) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  labels.forEach(({ parent }, at) => children.set(parent, [...(children.get(parent) ?? []), at]));
  for (const own of children.values()) own.sort((a, b) => labels[b].size - labels[a].size);
  return children;
}

/** @param {{layer: number, topic: number}} topic */
export function keyOf({ layer, topic }) {
  return `${layer}-${topic}`;
}

/**
 * Which labels a search leaves: those whose name or keywords hold every word, whatever its case and accents, and those above them.
 * @param {Topic[]} labels @param {string} query
 * @returns {{shown: Set<number>, found: Map<number, string>} | undefined} found: with the keyword that was meant where the
 *   name does not hold all words; undefined if nothing is searched
 */
export function searchTree(labels, query) {
  const wanted = fold(query).split(/\s+/u).filter(Boolean);
  if (!wanted.length) return undefined;
  /** @type {Map<number, string>} */
  const found = new Map();
  /** @type {Set<number>} */
  const shown = new Set();
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

/** Where topics went after an edit: by name within their layer, or else, when renamed, by number. @param {Topic[]} before @param {Topic[]} now @returns {(key: string) => string | undefined} */
export function follow(before, now) {
  const named = new Map(now.map((topic) => [`${topic.layer} ${topic.text}`, keyOf(topic)]));
  const old = new Map(before.map((topic) => [keyOf(topic), `${topic.layer} ${topic.text}`]));
  const oldNames = new Set(old.values());
  const fresh = new Set(now.filter((topic) => !oldNames.has(`${topic.layer} ${topic.text}`)).map(keyOf));
  return (key) => named.get(old.get(key) ?? "") ?? (fresh.has(key) && before.length === now.length ? key : undefined);
}

/** @param {number} share */
export function percent(share) {
  const whole = Math.round(100 * share);
  if (whole === 0 && share > 0) return "<1 %";
  if (whole === 100 && share < 1) return ">99 %";
  return `${whole} %`;
}

/** How documents were given to topics, in words. @param {{core: number, soft: number, none: number}} counts */
export function shareWords(counts) {
  const all = Math.max(1, counts.core + counts.soft + counts.none);
  const parts = /** @type {[string, number][]} */ ([["core", counts.core], ["soft", counts.soft], ["none", counts.none]]);
  return parts.filter(([how, n]) => n || how !== "none").map(([how, n]) => `${how} ${percent(n / all)}`).join(" · ");
}

/** Says that a topic is not sure; undefined where it is, or where that was not measured. @param {number | null | undefined} confidence */
export function doubt(confidence) {
  if (confidence === null || confidence === undefined || confidence >= SURE) return undefined;
  return `Low confidence (${confidence.toFixed(2)} of 1): in other samples of the documents this topic was hardly found again`;
}
