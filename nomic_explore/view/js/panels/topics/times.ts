import { html, svg, type TemplateResult } from "lit-html";
import { messages } from "../../messages.ts";
import type { TimeCounts } from "../../protocol.ts";

const HEIGHT = 46;

/** Bars of how many documents of a topic are from when; behind them, in gray, how many would be if it were like all documents. */
export function timesView({ names, counts, totals }: TimeCounts, color: string): TemplateResult {
  const share = sum(counts) / Math.max(1, sum(totals));
  const most = Math.max(1e-9, ...counts, ...totals.map((total) => total * share));
  const peak = counts.indexOf(Math.max(...counts));
  const bar = (at: number, value: number, className: string, fill: string) => {
    const height = value ? Math.max(1, (value / most) * HEIGHT) : 0;
    return svg`<rect x=${at + 0.08} y=${HEIGHT - height} width="0.84" height=${height} class=${className} fill=${fill}></rect>`;
  };
  return html`<div class="nx-times" data-testid="atlas-topic-times">
    <svg viewBox="0 0 ${names.length} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${messages.topics.timesLabel(names[0], names.at(-1) ?? "", names[peak], counts[peak])}>
      ${names.map((name, at) => svg`<g><title>${messages.topics.timeBar(name, counts[at], totals[at])}</title>${bar(at, totals[at] * share, "nx-expected", "")}${bar(at, counts[at], "", color)}${bar(at, most, "", "transparent")}</g>`)}
    </svg>
    <div class="nx-ends nx-soft"><span>${names[0]}</span>${names.length > 1 ? html`<span>${names.at(-1)}</span>` : ""}</div>
  </div>`;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
