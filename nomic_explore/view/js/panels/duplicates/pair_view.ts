import { html, nothing, type TemplateResult } from "lit-html";
import { count } from "../../dom.ts";
import { messages } from "../../messages.ts";
import type { DuplicatePairResponse, PairSide } from "../../protocol.ts";

const words = messages.review;
const SCORES = ["similarity", "overlap", "held", "held_by"] as const;

/** Two documents side by side, word by word, and the columns in which they differ. @param read shows one of them on the map */
export function pairView(response: DuplicatePairResponse, read: (point: number) => void): TemplateResult {
  return html`
    <div class="nx-chips nx-pair-facts" data-testid="atlas-pair-facts">
      ${response.verdict ? html`<span class="nx-word nx-said-so" data-testid="atlas-pair-verdict">${words.judged(words.outcome[response.verdict])}</span>` : nothing}
      ${response.kind ? html`<span class="nx-word">${response.kind}</span>` : nothing}
      ${SCORES.map((name) => {
        const [label, title] = words.scores[name];
        const value = response[name];
        return value === null ? nothing : html`<span class="nx-fact" title=${title}>${label} ${value.toFixed(name === "similarity" ? 3 : 2)}</span>`;
      })}
      ${response.flags.map((flag) => html`<span class="nx-word nx-flag">${flag}</span>`)}
    </div>
    <div class="nx-sides">${response.sides.map((side, at) => sideView(side, at, read))}</div>
    ${columnsView(response)}`;
}

function sideView(side: PairSide, at: number, read: (point: number) => void) {
  return html`
    <article class="nx-side-text nx-side-${at}" data-testid=${at ? "atlas-pair-right" : "atlas-pair-left"}>
      <header class="nx-side-head">
        <span class="nx-role nx-role-${side.role}">${side.role}</span>
        <button type="button" class="nx-link" title=${words.read} ?disabled=${side.point < 0} @click=${() => read(side.point)}>${words.row(side.row)}</button>
        <span class="nx-side-id" data-testid="atlas-pair-id" dir="auto">${words.id(side.id)}</span>
        ${side.nRows > 1 ? html`<span class="nx-word">${words.sameText(count(side.nRows))}</span>` : nothing}
        <span class="nx-soft nx-one-line" dir="auto">${side.topic}</span>
        <span class="nx-size">${words.characters(side.length, count(side.length))}</span>
      </header>
      <div class="nx-diff" tabindex="0" role="region" aria-label=${at ? words.right : words.left} dir="auto">${segmentsView(side.segments)}${side.nAfter ? html`<span class="nx-soft" data-testid="atlas-diff-cut">${words.cut(count(side.nAfter))}</span>` : nothing}${side.length ? nothing : html`<span class="nx-soft">${messages.duplicates.noText}</span>`}</div>
    </article>`;
}

/** A text as [op, text] segments, with what the other text lacks marked. */
export function segmentsView(segments: string[][]) {
  return segments.map(([op, part]) => {
    if (op === "same") return html`<span>${part}</span>`;
    if (op === "rest") return html`<span class="nx-rest" title=${words.notCompared}>${part}</span>`;
    const isPlain = op === "own";
    return html`<mark class="nx-own ${isPlain ? "" : `nx-differs-${op}`}" title=${isPlain ? words.onlyHere : words.differs(op)}>${part}</mark>`;
  });
}

function columnsView({ columns, nSameColumns }: DuplicatePairResponse) {
  if (!columns.length && !nSameColumns) return nothing;
  const cell = (value: string, side: number) => html`<td class="nx-cell-${side}" dir="auto">${value || html`<span class="nx-soft">${words.empty}</span>`}</td>`;
  return html`
    <div class="nx-pair-columns" data-testid="atlas-pair-columns" tabindex="0" role="region" aria-label=${words.columns}>
      ${columns.length
        ? html`<table>
            <thead><tr><th scope="col">${words.columns}</th><th scope="col">${words.leftColumn}</th><th scope="col">${words.rightColumn}</th></tr></thead>
            <tbody>${columns.map(({ name, left, right }) => html`<tr><th scope="row" dir="auto">${name}</th>${cell(left, 0)}${cell(right, 1)}</tr>`)}</tbody>
          </table>`
        : nothing}
      ${nSameColumns ? html`<p class="nx-soft">${words.sameColumns(nSameColumns)}</p>` : nothing}
    </div>`;
}
