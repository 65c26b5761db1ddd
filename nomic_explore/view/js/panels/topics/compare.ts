import { button, count, element, textElement } from "../../dom.ts";
import { percent } from "./tree.ts";
import type { TopicCard } from "./card.ts";

/** Two topics side by side: what both say, what only one says. */
export function fillComparison(root: HTMLElement, card: TopicCard, told: any) {
  const { topics } = card;
  const [a, b] = told.sides;
  root.setAttribute("aria-label", `“${a.name}” beside “${b.name}”`);
  const head = element(root, "header", "nx-card-head");
  const line = element(head, "div", "nx-card-line");
  textElement(line, "h2", "nx-card-name", "Two topics", "atlas-comparison");
  if (topics.explorer.can.kernel && a.layer === b.layer) button(line, "Merge", "Make one topic of the two, named as the larger", () => topics.edit("merge_topics", { layer: a.layer, topics: [a.topic, b.topic] }), "atlas-merge-compared");
  button(line, "×", "Close (Esc)", () => card.close(), "atlas-close-card", "nx-small nx-always");
  const facts = [];
  if (told.similarity !== null) facts.push(`similarity ${told.similarity.toFixed(2)}`);
  if (told.common) facts.push(`${count(told.common)} documents in both`);
  if (facts.length) textElement(head, "div", "nx-soft nx-facts-line", facts.join(" · "), "atlas-compared-facts").title = "similarity: cosine of the mean vectors, 1 is equal";
  const sizes = element(root, "div", "nx-two");
  const most = Math.max(a.size, b.size, 1);
  for (const side of [a, b]) makeSide(sizes, card, side, most);
  textElement(root, "h3", "nx-heading", "Both say");
  const shared = element(root, "div", "nx-chips", "atlas-shared-keywords");
  if (!told.shared.length) textElement(shared, "span", "nx-soft", "no keyword in common");
  for (const keyword of told.shared) textElement(shared, "span", "nx-word", keyword);
  textElement(root, "h3", "nx-heading", "Only one says");
  const only = element(root, "div", "nx-two", "atlas-only-keywords");
  for (const side of [a, b]) {
    const list = element(only, "ul", "nx-list nx-side-words");
    list.style.setProperty("--nx-own", card.colorOf(side));
    for (const keyword of side.only.slice(0, 8)) textElement(list, "li", "", keyword);
    if (!side.only.length) textElement(list, "li", "nx-soft", "nothing else");
  }
  if (!a.lift.length && !b.lift.length) return;
  textElement(root, "h3", "nx-heading", "More often in one");
  const lifts = element(root, "div", "nx-two", "atlas-compared-lift");
  for (const side of [a, b]) makeLifts(element(lifts, "ul", "nx-list"), side);
}

function makeSide(sizes: HTMLElement, card: TopicCard, side: any, most: number) {
  const one = element(sizes, "div", "nx-compared", "atlas-compared");
  one.style.setProperty("--nx-own", card.colorOf(side));
  button(one, side.name, `What “${side.name}” is about`, () => card.open(side), undefined, "nx-link nx-compared-name");
  textElement(one, "span", "nx-size", `${count(side.size)} · core ${percent(side.core)}`);
  element(element(one, "span", "nx-weight"), "span", "").style.width = `${(100 * side.size) / most}%`;
}

function makeLifts(list: HTMLElement, side: any) {
  for (const { column, value, share, other } of side.lift.slice(0, 4)) {
    const item = element(list, "li", "nx-side-lift");
    item.title = `${column} is ${value}: ${percent(share)} here, ${percent(other)} there`;
    textElement(item, "span", "nx-soft nx-one-line", column);
    textElement(item, "span", "nx-one-line", String(value));
    textElement(item, "span", "nx-size", `${percent(share)} against ${percent(other)}`);
  }
  if (!side.lift.length) textElement(list, "li", "nx-soft", "nothing");
}
