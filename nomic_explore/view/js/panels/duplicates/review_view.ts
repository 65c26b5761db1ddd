import { html, nothing, type TemplateResult } from "lit-html";
import { messages } from "../../messages.ts";
import { meterView, summaryView } from "./summary.ts";
import type { DuplicatePairResponse, GroupsResponse, Pair } from "../../protocol.ts";

const words = messages.review;

/** A verdict with the other pairs of its group, as they were before it. */
export type LastVerdict = { verdict: string; pairs: Pair[] };

export type VerdictActs = Record<"dropLeft" | "dropRight" | "distinct" | "keep" | "group" | "batch" | "undo" | "back" | "skip", () => unknown>;

type Window = {
  response: DuplicatePairResponse | undefined;
  found: GroupsResponse | undefined;
  note: string;
  isListOpen: boolean;
  list: TemplateResult;
  main: TemplateResult;
  acts: { fold: () => unknown; finish: () => unknown; close: () => unknown };
};

/** The window: what all comes to, the list of groups with the map in small, a pair or a batch, and what was done last. */
export function reviewView({ response, found, note, isListOpen, list, main, acts }: Window) {
  return html`
    <div class="nx-review-frame">
      <header class="nx-review-head">
        <h2>${words.title}</h2>
        ${found ? html`<span class="nx-told" data-testid="atlas-review-summary">${summaryView(found.counts)}</span>` : nothing}
        ${found ? html`<span class="nx-decisions" data-testid="atlas-review-progress">${meterView(found.counts, { nJudged: response?.nJudged ?? 0, nLeft: response?.nLeft ?? found.nPairs })}</span>` : nothing}
        <span class="nx-grow"></span>
        <button type="button" class="nx-button" data-testid="atlas-review-finish" title=${messages.duplicates.finishTitle} @click=${acts.finish}>${messages.duplicates.finish}</button>
        <button type="button" class="nx-button" data-testid="atlas-close-review" @click=${acts.close}><kbd class="nx-kbd">Esc</kbd> ${words.close}</button>
      </header>
      <section class="nx-review-side ${isListOpen ? "" : "nx-folded"}" aria-label=${words.groups}>
        <button type="button" class="nx-button nx-review-fold" data-testid="atlas-review-fold" aria-expanded=${String(isListOpen)} @click=${acts.fold}>${words.groups}</button>
        ${list}
        <canvas class="nx-thumbnail" data-testid="atlas-review-map" role="img" aria-label=${words.mapOfBoth}></canvas>
      </section>
      <div class="nx-review-main">${main}</div>
      <p class="nx-review-note"><span role="status" data-testid="atlas-review-note">${note}</span>${response ? precisionView(response) : nothing}</p>
    </div>`;
}

/** What can be done about a pair, each with its key. @param response nothing where no pair is left */
export function verdictsView(response: DuplicatePairResponse | undefined, last: LastVerdict | undefined, isAtStart: boolean, acts: VerdictActs) {
  const titles = words.verdictTitles;
  return html`
    <footer class="nx-verdicts">
      ${response
        ? html`
          ${actView("atlas-verdict-drop", "1", words.dropLeft, titles.left, acts.dropLeft)}
          ${actView("atlas-verdict-drop-right", "2", words.dropRight, titles.right, acts.dropRight)}
          ${actView("atlas-verdict-apart", "N", words.distinct, titles.distinct, acts.distinct)}
          ${actView("atlas-verdict-keep", "K", words.keepBoth, titles.keep, acts.keep)}`
        : nothing}
      ${last ? actView("atlas-verdict-group", "G", words.sameForGroup[last.verdict](last.pairs.length), words.sameForGroupTitle, acts.group) : nothing}
      ${response ? actView("atlas-open-batch", "A", words.allLikeThis, words.allLikeThisTitle, acts.batch) : nothing}
      <span class="nx-grow"></span>
      ${actView("atlas-pair-before", "←", words.before, words.beforeTitle, acts.back, isAtStart)}
      ${response ? actView("atlas-pair-next", "→", words.next, words.nextTitle, acts.skip) : nothing}
      ${actView("atlas-verdict-undo", "U", words.undo, words.undoTitle, acts.undo)}
    </footer>`;
}

/** That no pair is left in the list. */
export function doneView(nVerdicts: number) {
  return html`<p class="nx-review-done" data-testid="atlas-review-done">${words.done(nVerdicts)}</p>`;
}

function actView(testId: string, key: string, text: string, title: string, act: () => unknown, isDisabled = false) {
  return html`<button type="button" class="nx-button" data-testid=${testId} title=${title} ?disabled=${isDisabled} @click=${act}><kbd class="nx-kbd">${key}</kbd> <span>${text}</span></button>`;
}

function precisionView({ precision }: DuplicatePairResponse) {
  if (!precision?.n) return nothing;
  const percent = (name: string) => `${Math.round(100 * (precision[name] ?? 0))} %`;
  return html`<span data-testid="atlas-review-precision">${words.precision(precision.n_right ?? 0, precision.n, percent("precision"), percent("low"), percent("high"))}</span>`;
}
