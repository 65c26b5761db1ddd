// @ts-check
import { invert } from "./bits.js";
import { button, choice, count, counted, element, input, words } from "./dom.js";

/** What is selected and what can be done with it; there while something is. @param {import("./map.js").MapView} map @param {import("./explorer.js").Explorer | undefined} explorer */
export function makeSelectionBar(map, explorer) {
  const { desk } = map;
  const root = element(map.root, "div", "nx-selection", "atlas-selection");
  const told = words(root, "strong", "", "", "atlas-selected-count");
  const mode = choice(
    root,
    "What the next lasso, box, topic or search does to the selection",
    [["replace", "next replaces"], ["add", "next adds"], ["subtract", "next takes away"], ["intersect", "next keeps common"]],
    (value) => (desk.mode = /** @type {any} */ (value)),
    "atlas-mode",
  );
  button(root, "Invert", "Select what is not selected", () => desk.select(invert(desk.selected, desk.n), "replace"), "atlas-invert");
  if (explorer) makeActions(root, desk, explorer);
  button(root, "×", "Select nothing (Esc)", () => desk.selectNothing(), "atlas-unselect");
  const show = () => {
    root.hidden = desk.nSelected === 0;
    told.textContent = `${count(desk.nSelected)} selected`;
    if (root.hidden) {
      desk.mode = "replace";
      mode.value = "replace";
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
  if (explorer.can.meaning) button(root, "Like these", "Find documents like the selected ones", () => explorer.likeSelection(), "atlas-like");
  /** @type {[string, string][]} */
  const ways = [["", "save as …"], ["csv", "CSV"], ...(explorer.can.kernel ? /** @type {[string, string][]} */ ([["parquet", "Parquet"], ["subset", "new exploration …"]]) : [])];
  const save = choice(root, "Save the selected rows as a file, or as an exploration of their own", ways, (way) => {
    save.value = "";
    if (way === "subset") explorer.askForSubset();
    else if (way) explorer.download(way);
  }, "atlas-save");
}
