// @ts-check
import { asNumbers } from "./desk.js";
import { button, count, counted, element, input, words } from "./dom.js";

/** Tags, pinned documents and saved views: made, renamed, coloured, used, let go. @param {HTMLElement} pane @param {import("./explorer.js").Explorer} explorer @param {import("./map.js").MapView} map */
export function makeTagPane(pane, explorer, map) {
  const { desk } = explorer;
  const create = input(pane, "A new tag, then Enter; it is put on the selection", "atlas-new-tag", "new tag for the selection …");
  create.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter" || !create.value.trim()) return;
    if (await explorer.does("tag", { name: create.value.trim() })) {
      explorer.say(desk.nSelected ? `${counted(desk.nSelected, "document")} tagged “${create.value.trim()}”` : `Tag “${create.value.trim()}” made; nothing is selected`);
      create.value = "";
    }
  });
  const tags = section(pane, "Tags", "atlas-tags");
  const pinned = section(pane, "Pinned", "atlas-pinned");
  const views = section(pane, "Views", "atlas-views");
  const save = input(pane, "Keep this view under a name, then Enter", "atlas-new-view", "keep this view as …");
  save.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter" || !save.value.trim()) return;
    const view = { ...map.camera.view, color_by: desk.get("color_by"), filters: desk.get("filters") };
    if (await explorer.does("save_view", { name: save.value.trim(), view })) save.value = "";
  });
  const show = () => {
    const kept = desk.get("annotations") ?? {};
    fill(tags, kept.tags, "no tags yet", (line, tag) => makeTag(line, tag, explorer));
    fill(pinned, kept.pinned, "pin a document in the reader", (line, document) => makePinned(line, document, explorer));
    fill(views, kept.views, "none yet", (line, view) => makeView(line, view, explorer, map));
  };
  desk.on(["annotations"], show);
  show();
}

/** @param {HTMLElement} pane @param {string} title @param {string} testId */
function section(pane, title, testId) {
  words(pane, "h2", "nx-heading", title);
  return element(pane, "ul", "nx-list", testId);
}

/** @template T @param {HTMLElement} list @param {T[] | undefined} things @param {string} none @param {(line: HTMLElement, thing: T) => void} make */
function fill(list, things, none, make) {
  list.replaceChildren();
  if (!things?.length) words(list, "li", "nx-soft", none);
  for (const thing of things ?? []) make(element(list, "li", "nx-row"), thing);
}

/** @param {HTMLElement} line @param {{name: string, color: string, size: number}} tag @param {import("./explorer.js").Explorer} explorer */
function makeTag(line, tag, explorer) {
  const color = /** @type {HTMLInputElement} */ (element(line, "input", "nx-color", "atlas-tag-color"));
  color.type = "color";
  color.value = tag.color;
  color.title = `Colour of “${tag.name}”`;
  color.setAttribute("aria-label", color.title);
  color.addEventListener("change", () => explorer.does("edit_tag", { name: tag.name, color: color.value }));
  const name = button(line, "", `Select the ${counted(tag.size, "document")} tagged “${tag.name}”`, () => select(), "atlas-tag", "nx-item");
  words(name, "span", "nx-entry-name", tag.name);
  words(name, "span", "nx-size", count(tag.size));
  button(line, "−", `Take “${tag.name}” from the selection`, () => explorer.does("untag", { name: tag.name }), "atlas-untag", "nx-small");
  button(line, "✎", `Rename “${tag.name}”`, () => rename(), "atlas-rename-tag", "nx-small");
  button(line, "×", `Delete the tag “${tag.name}”; Undo brings it back`, () => explorer.does("edit_tag", { name: tag.name, delete: true }), "atlas-delete-tag", "nx-small");

  async function select() {
    const answer = await explorer.does("members", { kind: "tag", name: tag.name });
    if (answer) explorer.desk.selectPoints(asNumbers(answer.points, Uint32Array));
  }

  function rename() {
    const box = input(line, "A new name, then Enter", "atlas-tag-name");
    box.value = tag.name;
    box.focus();
    box.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") box.remove();
      if (event.key === "Enter" && box.value.trim()) explorer.does("edit_tag", { name: tag.name, new: box.value.trim() }).then(() => box.remove());
    });
  }
}

/** @param {HTMLElement} line @param {{point: number, text: string}} document @param {import("./explorer.js").Explorer} explorer */
function makePinned(line, document, explorer) {
  const open = button(line, "", document.text, () => explorer.pick(document.point), undefined, "nx-item");
  words(open, "span", "nx-hit-text", document.text);
  button(line, "×", "Let it go", () => explorer.does("pin", { point: document.point, on: false }), undefined, "nx-small");
}

/** @param {HTMLElement} line @param {{name: string, view: any}} kept @param {import("./explorer.js").Explorer} explorer @param {import("./map.js").MapView} map */
function makeView(line, kept, explorer, map) {
  button(line, kept.name, `Go to the view “${kept.name}”`, () => {
    const { color_by, filters, ...view } = kept.view;
    explorer.desk.set({ ...(color_by ? { color_by } : {}), ...(filters ? { filters } : {}) });
    map.camera.view = view;
    map.viewChanged();
  }, "atlas-view", "nx-item");
  button(line, "×", "Forget this view; Undo brings it back", () => explorer.does("delete_view", { name: kept.name }), undefined, "nx-small");
}
