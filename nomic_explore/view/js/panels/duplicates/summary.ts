import { html, nothing } from "lit-html";
import { count } from "../../dom.ts";
import { messages } from "../../messages.ts";
import type { DuplicatePairResponse, SettingsCounts } from "../../protocol.ts";

const words = messages.duplicates;

/** One line that adds up: all documents, and those of each role. */
export function summaryView(counts: SettingsCounts) {
  const parts = words.summary({ unique: count(counts.nUnique), kept: count(counts.nKept), dropped: count(counts.nDropped), review: count(counts.nReview) });
  return html`<span class="nx-total">${words.documents(counts.nDocuments, count(counts.nDocuments))}</span> =
    ${parts.map(([role, text, title], at) => html`${at ? " + " : ""}<span class="nx-sum nx-role-${role}" title=${title}>${text}</span>`)}`;
}

/** How many rows are removed, and how many pairs are left to decide on. */
export function meterView(counts: SettingsCounts, { nJudged, nLeft }: Pick<DuplicatePairResponse, "nJudged" | "nLeft">) {
  const share = nJudged + nLeft ? nJudged / (nJudged + nLeft) : 1;
  return html`<span data-testid="atlas-copies-meter">${words.removed(counts.nDropped, count(counts.nDropped))} · ${words.decisionsLeft(nLeft, count(nLeft))}</span>
    ${nJudged ? html`<span class="nx-weight nx-progress" title=${words.progress}><span style="width: ${100 * share}%"></span></span>` : nothing}`;
}
