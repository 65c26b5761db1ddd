import { signal } from "@preact/signals-core";
import { html, nothing, render, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { ref } from "lit-html/directives/ref.js";
import { repeat } from "lit-html/directives/repeat.js";
import { count } from "../dom.ts";
import type { MapView } from "../map/map.ts";
import { messages } from "../messages.ts";
import type { Annotations, DocumentLine, SavedView, TagSummary } from "../protocol.ts";
import { asNumbers, type ViewState } from "../view_state.ts";
import type { Explorer } from "./explorer.ts";
import { symbolButton } from "./symbols.ts";

const words = messages.tags;

/** Tags, pinned documents and saved views: made, renamed, colored, used, deleted. */
export function makeTagPane(host: HTMLElement, explorer: Explorer, map: MapView) {
  const pane = new TagPane(explorer, map);
  explorer.state.effect(() => render(paneView(pane), host));
}

class TagPane {
  readonly explorer: Explorer;
  readonly state: ViewState;
  readonly map: MapView;
  /** the tag whose name is being changed */
  readonly renaming = signal("");
  /** what was removed last, as long as nothing else was edited */
  readonly removed = signal("");

  constructor(explorer: Explorer, map: MapView) {
    this.explorer = explorer;
    this.state = explorer.state;
    this.map = map;
    this.state.on(["annotations"], () => (this.removed.value = ""));
  }

  async create(name: string): Promise<boolean> {
    const { nSelected } = this.state;
    const answer = await this.explorer.request("tag", { name });
    if (answer) this.explorer.setStatus(words.tagged(nSelected, name));
    return answer !== undefined;
  }

  async select(name: string) {
    const answer = await this.explorer.request("members", { kind: "tag", name });
    if (answer) this.state.selectPoints(asNumbers(answer.points, Uint32Array));
  }

  async rename(name: string, renamed: string) {
    await this.explorer.request("edit_tag", { name, new: renamed });
    this.renaming.value = "";
  }

  /** Shows what was removed, with a way back. */
  async remove(what: string, request: Promise<object | undefined>) {
    if (await request) this.removed.value = what;
  }

  async saveView(name: string): Promise<boolean> {
    const view = { ...this.map.camera.view, color_by: this.state.get("color_by"), filters: this.state.get("filters") };
    return (await this.explorer.request("save_view", { name, view })) !== undefined;
  }

  showView({ view: { color_by, filters, ...view } }: SavedView) {
    this.state.set({ ...(color_by ? { color_by } : {}), ...(filters ? { filters } : {}) });
    this.map.camera.view = view;
    this.map.viewChanged();
  }
}

function paneView(pane: TagPane): TemplateResult {
  const { tags = [], pinned = [], views = [] }: Partial<Annotations> = pane.state.trait<Annotations | undefined>("annotations").value ?? {};
  const removed = pane.removed.value;
  return html`
    ${nameBox(words.newTag, words.newTagShort, "atlas-new-tag", (name) => pane.create(name))}
    ${removed ? html`<p class="nx-soft nx-removed" data-testid="atlas-removed" role="status">${removed} <button type="button" class="nx-link" data-testid="atlas-undo-removed" @click=${() => pane.explorer.requestNote("undo")}>${words.undo}</button></p>` : nothing}
    ${section(words.tags, "atlas-tags", tags, ({ name }) => name, (tag) => tagView(pane, tag), words.noTags)}
    ${section(words.pinned, "atlas-pinned", pinned, ({ row }) => String(row), (line) => pinnedView(pane, line), words.noPinned)}
    ${section(words.views, "atlas-views", views, ({ name }) => name, (view) => savedView(pane, view), words.noViews)}
    ${nameBox(words.newView, words.newViewShort, "atlas-new-view", (name) => pane.saveView(name))}`;
}

function section<T>(title: string, testId: string, things: T[], keyOf: (thing: T) => string, view: (thing: T) => TemplateResult, none: string) {
  return html`<h2 class="nx-heading">${title}</h2>
    <ul class="nx-list" data-testid=${testId}>${things.length ? repeat(things, keyOf, view) : html`<li class="nx-soft">${none}</li>`}</ul>`;
}

/** A box for a name, taken with Enter; it empties once the name was taken. */
function nameBox(label: string, placeholder: string, testId: string, take: (name: string) => Promise<boolean>) {
  const key = async (event: KeyboardEvent) => {
    const box = event.target as HTMLInputElement;
    const name = box.value.trim();
    if (event.key === "Enter" && name && (await take(name))) box.value = "";
  };
  return html`<input class="nx-input" data-testid=${testId} aria-label=${label} title=${label} placeholder=${placeholder} spellcheck="false" @keydown=${key}>`;
}

function tagView(pane: TagPane, { name, color, size }: TagSummary): TemplateResult {
  const { explorer } = pane;
  return html`<li class="nx-row">
    <input type="color" class="nx-color" data-testid="atlas-tag-color" .value=${live(color)} aria-label=${words.color(name)} title=${words.color(name)} @change=${(event: Event) => explorer.request("edit_tag", { name, color: (event.target as HTMLInputElement).value })}>
    ${pane.renaming.value === name
      ? renameBox(pane, name)
      : html`<button type="button" class="nx-item" data-testid="atlas-tag" title=${words.select(size, name)} @click=${() => pane.select(name)}><span class="nx-entry-name">${name}</span> <span class="nx-size">${count(size)}</span></button>`}
    ${symbolButton("−", words.untag(name), () => pane.remove(words.untagged(name), explorer.request("untag", { name })), "atlas-untag")}
    ${symbolButton("✎", words.rename(name), () => (pane.renaming.value = name), "atlas-rename-tag")}
    ${symbolButton("×", words.delete(name), () => pane.remove(words.deleted(name), explorer.request("edit_tag", { name, delete: true })), "atlas-delete-tag")}
  </li>`;
}

function renameBox(pane: TagPane, name: string): TemplateResult {
  const key = (event: KeyboardEvent) => {
    event.stopPropagation();
    const renamed = (event.target as HTMLInputElement).value.trim();
    if (event.key === "Escape") pane.renaming.value = "";
    if (event.key === "Enter" && renamed) pane.rename(name, renamed);
  };
  return html`<input class="nx-input" data-testid="atlas-tag-name" aria-label=${words.newName} .value=${name} spellcheck="false" @keydown=${key} ${ref(focus)}>`;
}

function focus(box?: Element) {
  if (box instanceof HTMLElement) box.focus();
}

function pinnedView({ explorer }: TagPane, { point, text }: DocumentLine): TemplateResult {
  return html`<li class="nx-row">
    <button type="button" class="nx-item" title=${words.read} @click=${() => explorer.pick(point)}><span class="nx-hit-text" dir="auto">${text}</span></button>
    ${symbolButton("×", words.unpin, () => explorer.request("pin", { point, on: false }), "atlas-unpin")}
  </li>`;
}

function savedView(pane: TagPane, view: SavedView): TemplateResult {
  const { name } = view;
  return html`<li class="nx-row">
    <button type="button" class="nx-item" data-testid="atlas-view" title=${words.showView} @click=${() => pane.showView(view)}>${name}</button>
    ${symbolButton("×", words.deleteView(name), () => pane.remove(words.deletedView(name), pane.explorer.request("delete_view", { name })), "atlas-delete-view")}
  </li>`;
}
