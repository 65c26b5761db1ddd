import { asNumbers } from "../view_state.ts";
import { button, count, counted, element, input, textElement } from "../dom.ts";
import type { Explorer } from "./explorer.ts";
import type { MapView } from "../map/map.ts";
import type { Annotations } from "../protocol.ts";

/** Tags, pinned documents and saved views: made, renamed, colored, used, let go. */
export function makeTagPane(pane: HTMLElement, explorer: Explorer, map: MapView) {
  const { state } = explorer;
  const create = input(pane, "A new tag, then Enter; it is put on the selection", "atlas-new-tag", "new tag for the selection …");
  create.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter" || !create.value.trim()) return;
    if (await explorer.request("tag", { name: create.value.trim() })) {
      explorer.setStatus(state.nSelected ? `${counted(state.nSelected, "document")} tagged “${create.value.trim()}”` : `Tag “${create.value.trim()}” made; nothing is selected`);
      create.value = "";
    }
  });
  const tags = section(pane, "Tags", "atlas-tags");
  const pinned = section(pane, "Pinned", "atlas-pinned");
  const views = section(pane, "Views", "atlas-views");
  const save = input(pane, "Keep this view under a name, then Enter", "atlas-new-view", "keep this view as …");
  save.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter" || !save.value.trim()) return;
    const view = { ...map.camera.view, color_by: state.get("color_by"), filters: state.get("filters") };
    if (await explorer.request("save_view", { name: save.value.trim(), view })) save.value = "";
  });
  const show = () => {
    const kept: Partial<Annotations> = state.get("annotations") ?? {};
    fill(tags, kept.tags, "no tags yet", (line, tag) => makeTag(line, tag, explorer));
    fill(pinned, kept.pinned, "pin a document in the reader", (line, document) => makePinned(line, document, explorer));
    fill(views, kept.views, "none yet", (line, view) => makeView(line, view, explorer, map));
  };
  state.on(["annotations"], show);
  show();
}

function section(pane: HTMLElement, title: string, testId: string) {
  textElement(pane, "h2", "nx-heading", title);
  return element(pane, "ul", "nx-list", testId);
}

function fill<T>(list: HTMLElement, things: T[] | undefined, none: string, make: (line: HTMLElement, thing: T) => void) {
  list.replaceChildren();
  if (!things?.length) textElement(list, "li", "nx-soft", none);
  for (const thing of things ?? []) make(element(list, "li", "nx-row"), thing);
}

function makeTag(line: HTMLElement, tag: {name: string, color: string, size: number}, explorer: Explorer) {
  const color = (element(line, "input", "nx-color", "atlas-tag-color") as HTMLInputElement);
  color.type = "color";
  color.value = tag.color;
  color.title = `Color of “${tag.name}”`;
  color.setAttribute("aria-label", color.title);
  color.addEventListener("change", () => explorer.request("edit_tag", { name: tag.name, color: color.value }));
  const name = button(line, "", `Select the ${counted(tag.size, "document")} tagged “${tag.name}”`, () => select(), "atlas-tag", "nx-item");
  textElement(name, "span", "nx-entry-name", tag.name);
  textElement(name, "span", "nx-size", count(tag.size));
  button(line, "−", `Take “${tag.name}” from the selection`, () => explorer.request("untag", { name: tag.name }), "atlas-untag", "nx-small");
  button(line, "✎", `Rename “${tag.name}”`, () => rename(), "atlas-rename-tag", "nx-small");
  button(line, "×", `Delete the tag “${tag.name}”; Undo brings it back`, () => explorer.request("edit_tag", { name: tag.name, delete: true }), "atlas-delete-tag", "nx-small");

  async function select() {
    const answer = await explorer.request("members", { kind: "tag", name: tag.name });
    if (answer) explorer.state.selectPoints(asNumbers(answer.points, Uint32Array));
  }

  function rename() {
    const box = input(line, "A new name, then Enter", "atlas-tag-name");
    box.value = tag.name;
    box.focus();
    box.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") box.remove();
      if (event.key === "Enter" && box.value.trim()) explorer.request("edit_tag", { name: tag.name, new: box.value.trim() }).then(() => box.remove());
    });
  }
}

function makePinned(line: HTMLElement, document: {point: number, text: string}, explorer: Explorer) {
  const open = button(line, "", document.text, () => explorer.pick(document.point), undefined, "nx-item");
  textElement(open, "span", "nx-hit-text", document.text);
  button(line, "×", "Let it go", () => explorer.request("pin", { point: document.point, on: false }), undefined, "nx-small");
}

function makeView(line: HTMLElement, kept: {name: string, view: any}, explorer: Explorer, map: MapView) {
  button(line, kept.name, `Go to the view “${kept.name}”`, () => {
    const { color_by, filters, ...view } = kept.view;
    explorer.state.set({ ...(color_by ? { color_by } : {}), ...(filters ? { filters } : {}) });
    map.camera.view = view;
    map.viewChanged();
  }, "atlas-view", "nx-item");
  button(line, "×", "Forget this view; Undo brings it back", () => explorer.request("delete_view", { name: kept.name }), undefined, "nx-small");
}
