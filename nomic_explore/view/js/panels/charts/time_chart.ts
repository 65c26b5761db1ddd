import { counted, element, textElement } from "../../dom.ts";

const NS = "http://www.w3.org/2000/svg";
const HEIGHT = 46;

/** Bars of how many documents of a topic are from when; behind them, in grey, how many would be if it were like all documents. */
export function makeTimeChart(parent: HTMLElement, { names, counts, totals }: {names: string[], counts: number[], totals: number[]}, color: string) {
  const root = element(parent, "div", "nx-times", "atlas-topic-times");
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", `0 0 ${names.length} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Documents from ${names[0]} to ${names.at(-1)}; most, ${Math.max(...counts)}, in ${names[counts.indexOf(Math.max(...counts))]}`);
  root.append(svg);
  const share = sum(counts) / Math.max(1, sum(totals));
  const most = Math.max(1e-9, ...counts, ...totals.map((total) => total * share));
  names.forEach((name, at) => {
    const slot = document.createElementNS(NS, "g");
    const title = document.createElementNS(NS, "title");
    title.textContent = `${name}: ${counted(counts[at], "document")}, of ${counted(totals[at], "document")} in all`;
    slot.append(title);
    const expected = bar(at, totals[at] * share, most);
    expected.setAttribute("class", "nx-expected");
    const own = bar(at, counts[at], most);
    own.setAttribute("fill", color);
    const reach = bar(at, most, most);
    reach.setAttribute("fill", "transparent");
    slot.append(expected, own, reach);
    svg.append(slot);
  });
  const line = element(root, "div", "nx-ends nx-soft");
  textElement(line, "span", "", names[0]);
  if (names.length > 1) textElement(line, "span", "", names.at(-1) ?? "");
}

function bar(at: number, value: number, most: number) {
  const made = document.createElementNS(NS, "rect");
  const height = value ? Math.max(1, (value / most) * HEIGHT) : 0;
  for (const [name, number] of Object.entries({ x: at + 0.08, y: HEIGHT - height, width: 0.84, height })) made.setAttribute(name, String(number));
  return made;
}

function sum(numbers: number[]) {
  return numbers.reduce((total, one) => total + one, 0);
}
