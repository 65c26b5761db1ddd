import { html, nothing, render } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { invert } from "../bitmask.ts";
import { element } from "../dom.ts";
import { messages } from "../messages.ts";
import type { Explorer } from "../panels/explorer.ts";
import type { SelectionMode } from "../view_state.ts";
import type { MapView } from "./map.ts";

const says = messages.selection;

/** How much is selected, what the next selection does to it and what can be done with it, in one line; there while something is. */
export function makeSelectionBar(map: MapView, explorer: Explorer | undefined) {
  const { state } = map;
  const root = element(map.root, "div", "nx-selection", "atlas-selection");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", says.barLabel);
  const selected = state.trait("selected");
  const show = () => {
    root.hidden = !selected.value || state.nSelected === 0;
    if (root.hidden) state.mode = "replace";
    render(view(), root);
  };
  const choose = (event: Event) => (state.mode = (event.target as HTMLSelectElement).value as SelectionMode);
  const view = () => html`<strong data-testid="atlas-selected-count">${says.selected(state.nSelected)}</strong>
    ${explorer ? html`<button type="button" class="nx-button" title=${says.summaryHint} data-testid="atlas-summary" @click=${() => explorer.selectionCard?.open()}>${says.summary}</button>` : nothing}
    <label class="nx-next"><span>${says.next}</span>
      <select class="nx-select" data-testid="atlas-mode" title=${says.mode} .value=${live(state.mode)} @change=${choose}>
        ${says.modes.map(([value, text]) => html`<option value=${value} ?selected=${value === state.mode}>${text}</option>`)}
      </select></label>
    <button type="button" class="nx-button" title=${says.invertHint} data-testid="atlas-invert" @click=${() => state.select(invert(state.selected, state.n), "replace")}>${says.invert}</button>
    ${explorer ? viewActions(explorer) : nothing}
    <button type="button" class="nx-button nx-unselect" title=${says.unselect} aria-label=${says.unselect} data-testid="atlas-unselect" @click=${() => state.selectNothing()}>×</button>`;
  state.effect(show);
}

function viewActions(explorer: Explorer) {
  const { state, can } = explorer;
  const tag = async (event: KeyboardEvent) => {
    const box = event.target as HTMLInputElement;
    const name = box.value.trim();
    if (event.key !== "Enter" || !name || !(await explorer.request("tag", { name }))) return;
    explorer.setStatus(says.tagged(state.nSelected, name));
    box.value = "";
  };
  const save = (event: Event) => {
    const box = event.target as HTMLSelectElement;
    const way = box.value;
    box.value = "";
    if (way === "subset") explorer.askForSubset();
    else if (way) explorer.download(way);
  };
  const ways = [["csv", says.csv], ...(can.kernel ? [["parquet", says.parquet], ["subset", says.subset]] : [])];
  return html`<input class="nx-input" data-testid="atlas-tag-selection" placeholder=${says.tag} aria-label=${says.tagHint} title=${says.tagHint} spellcheck="false" @keydown=${tag} />
    <select class="nx-select" data-testid="atlas-save" aria-label=${says.exportHint} title=${says.exportHint} @change=${save}>
      <option value="">${says.export}</option>${ways.map(([value, text]) => html`<option value=${value}>${text}</option>`)}
    </select>`;
}
