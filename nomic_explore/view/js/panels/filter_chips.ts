import { html, nothing, render } from "lit-html";
import { size } from "../bitmask.ts";
import { setFilter } from "../map/legend.ts";
import { messages } from "../messages.ts";
import { filterText } from "./filter_text.ts";
import type { ColumnFilter } from "../protocol.ts";
import type { ViewState } from "../view_state.ts";

type Entry = { name: string; kind: string; title?: string };

const text = messages.filters;

/**
 * The filters of the map, above it: a chip for each, and how many documents pass. The row stays where there are panes, so
 * that the first filter does not move the map.
 */
export function makeFilterChips(host: HTMLElement, state: ViewState, hasPanes: boolean) {
  state.effect(() => {
    const filters = state.trait<ColumnFilter[]>("filters").value ?? [];
    const entries = state.trait<Entry[]>("columns").value ?? [];
    state.trait("filtered").value;
    state.trait("positions").value;
    const nLeftOut = size(state.numbers("filtered", Uint8Array));
    render(hasPanes || filters.length ? row(state, filters, entries, state.n - nLeftOut) : nothing, host);
    host.classList.toggle("nx-shown", hasPanes || filters.length > 0);
  });
}

function row(state: ViewState, filters: ColumnFilter[], entries: Entry[], nPassing: number) {
  const passing = filters.length ? text.passingOf(nPassing, state.n) : text.documents(state.n);
  return html`<div class="nx-filter-chips" role="group" aria-label=${text.chips} data-testid="atlas-filter-chips">
    <span class="nx-passing-count" role="status" data-testid="atlas-passing">${passing}</span>
    ${filters.map((filter) => chip(state, filter, entries.find(({ name }) => name === filter.column)))}
    ${filters.length ? html`<button type="button" class="nx-link" data-testid="atlas-clear-filters" title=${text.clearHint} @click=${() => state.set({ filters: [] })}>${text.clear}</button>` : nothing}
  </div>`;
}

function chip(state: ViewState, filter: ColumnFilter, entry: Entry | undefined) {
  const { column } = filter;
  return html`<button type="button" class="nx-chip nx-filter-chip" title=${text.clearOne} data-testid="atlas-filter-chip" data-filter=${column} @click=${() => setFilter(state, column, undefined)}>
    <span>${entry?.title ?? column}</span> <b dir="auto">${filterText(filter, entry?.kind ?? "")}</b> <span aria-hidden="true">×</span>
  </button>`;
}
