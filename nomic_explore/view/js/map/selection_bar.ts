import { invert } from "../bitmask.ts";
import { button, choice, count, counted, element, input, textElement } from "../dom.ts";
import type { MapView } from "./map.ts";
import type { Explorer } from "../panels/explorer.ts";
import type { ViewState } from "../view_state.ts";

/** What is selected and what can be done with it; there while something is. */
export function makeSelectionBar(map: MapView, explorer: Explorer | undefined) {
  const { state } = map;
  const root = element(map.root, "div", "nx-selection", "atlas-selection");
  const told = textElement(root, "strong", "", "", "atlas-selected-count");
  const mode = choice(
    root,
    "What the next lasso, box, topic or search does to the selection",
    [["replace", "next replaces"], ["add", "next adds"], ["subtract", "next takes away"], ["intersect", "next keeps common"]],
    (value) => (state.mode = (value as any)),
    "atlas-mode",
  );
  button(root, "Invert", "Select what is not selected", () => state.select(invert(state.selected, state.n), "replace"), "atlas-invert");
  if (explorer) makeActions(root, state, explorer);
  button(root, "×", "Select nothing (Esc)", () => state.selectNothing(), "atlas-unselect");
  const show = () => {
    root.hidden = state.nSelected === 0;
    told.textContent = `${count(state.nSelected)} selected`;
    if (root.hidden) {
      state.mode = "replace";
      mode.value = "replace";
    }
  };
  state.on(["selected"], show);
  show();
}

function makeActions(root: HTMLElement, state: ViewState, explorer: Explorer) {
  const tag = input(root, "Tag the selection: a name, then Enter", "atlas-tag-selection", "tag …");
  tag.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter" || !tag.value.trim()) return;
    const name = tag.value.trim();
    if (await explorer.request("tag", { name })) {
      explorer.setStatus(`${counted(state.nSelected, "document")} tagged “${name}”`);
      tag.value = "";
    }
  });
  if (explorer.can.meaning) button(root, "Like these", "Find documents like the selected ones", () => explorer.likeSelection(), "atlas-like");
  const ways: [string, string][] = [["", "save as …"], ["csv", "CSV"], ...(explorer.can.kernel ? ([["parquet", "Parquet"], ["subset", "new exploration …"]] as [string, string][]) : [])];
  const save = choice(root, "Save the selected rows as a file, or as an exploration of their own", ways, (way) => {
    save.value = "";
    if (way === "subset") explorer.askForSubset();
    else if (way) explorer.download(way);
  }, "atlas-save");
}
