// @ts-check
import { invert } from "./bits.js";
import { button, choice, count, counted, element, input, words } from "./dom.js";

/** What is selected and what can be done with it; there while something is. @param {import("./map.js").MapView} map @param {import("./explorer.js").Explorer | undefined} explorer */
export function makeSelectionBar(map, explorer) {
  const { desk } = map;
  const root = element(map.root, "div", "nx-selection", "atlas-selection");
  const told = words(root, "strong", "", "", "atlas-selected-count");
  choice(
    root,
    "What the next lasso, box, topic or search does to the selection",
    [["replace", "next replaces"], ["add", "next adds"], ["subtract", "next takes away"], ["intersect", "next keeps common"]],
    (value) => (desk.mode = /** @type {any} */ (value)),
    "atlas-mode",
  );
  button(root, "Invert", "Select what is not selected", () => desk.select(invert(desk.selected, desk.n), "replace"), "atlas-invert");
  if (explorer) makeActions(root, desk, explorer);
  button(root, "Clear", "Select nothing (Esc)", () => desk.selectNothing(), "atlas-unselect");
  const show = () => {
    root.hidden = desk.nSelected === 0;
    told.textContent = `${count(desk.nSelected)} selected`;
    if (root.hidden) {
      desk.mode = "replace";
      root.querySelectorAll("select").forEach((select) => (select.value = "replace"));
    }
  };
  desk.on(["selected"], show);
  show();
}

/** @param {HTMLElement} root @param {import("./desk.js").Desk} desk @param {import("./explorer.js").Explorer} explorer */
function makeActions(root, desk, explorer) {
  const tag = input(root, "Tag the selection: a name, then Enter", "atlas-tag-selection", "tag …");
  tag.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter" || !tag.value.trim()) return;
    const name = tag.value.trim();
    if (await explorer.does("tag", { name })) {
      explorer.say(`${counted(desk.nSelected, "document")} tagged “${name}”`);
      tag.value = "";
    }
  });
  if (explorer.can.meaning) button(root, "More like these", "Find documents like the selected ones", () => explorer.likeSelection(), "atlas-like");
  button(root, "CSV", "Download the selected rows as CSV", () => explorer.download("csv"), "atlas-csv");
  if (!explorer.can.kernel) return;
  button(root, "Parquet", "Download the selected rows as Parquet", () => explorer.download("parquet"), "atlas-parquet");
  button(root, "New exploration", "Make an exploration of the selected documents alone, in a new folder", () => explorer.askForSubset(), "atlas-subset");
}
