import { html, nothing } from "lit-html";
import { count } from "../../dom.ts";
import { messages } from "../../messages.ts";
import { segmentsView } from "./pair_view.ts";
import type { BatchResponse, ReviewFilter } from "../../protocol.ts";

const words = messages.review;

/** What one verdict on many pairs would be about: how many, five of them, and the verdicts. */
export function batchView(batch: BatchResponse, filter: ReviewFilter, acts: { judge: (verdict: string) => void; cancel: () => void }) {
  const verdict = (name: string, key: string, text: string) => html`
    <button type="button" class="nx-button" data-testid="atlas-batch-${name}" @click=${() => acts.judge(name)}><kbd class="nx-kbd">${key}</kbd> ${text}</button>`;
  return html`
    <section class="nx-batch" data-testid="atlas-batch" role="group" aria-label=${words.allLikeThis}>
      <h3 data-testid="atlas-batch-title">${words.batchTitle(count(batch.nPairs), words.differOnly(filter.differences ?? []))}</h3>
      <p class="nx-soft">${words.batchGroups(batch.nGroups, count(batch.nGroups))} ${batch.nRelated ? words.batchRelated(batch.nRelated, count(batch.nRelated)) : nothing}</p>
      <p>${words.examples(batch.examples.length)}</p>
      <ul class="nx-examples">
        ${batch.examples.map(({ sides }) => html`<li data-testid="atlas-batch-example">${sides.map((side, at) => html`<div class="nx-diff nx-side-${at}" tabindex="0" dir="auto">${segmentsView(side)}</div>`)}</li>`)}
      </ul>
      <div class="nx-verdicts">
        ${verdict("distinct", "N", words.distinctAll)} ${verdict("drop", "1", words.dropAll)} ${verdict("keep", "K", words.keepAll)}
        <span class="nx-grow"></span>
        <button type="button" class="nx-button" @click=${acts.cancel}><kbd class="nx-kbd">Esc</kbd> ${words.cancel}</button>
      </div>
    </section>`;
}
