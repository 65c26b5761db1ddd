import { html, nothing, type TemplateResult } from "lit-html";
import { findLinks } from "./links.ts";
import { markWords } from "./marked_text.ts";
import { messages } from "../messages.ts";
import type { DocumentDuplicates, DocumentLine, Field, NeighborLine, PathStep, ReadResponse } from "../protocol.ts";

const MAX_CLAMPED = 300; // characters of a cell that are shown before "Show all"
const MAX_DUPLICATES = 20;
const words = messages.reader;

/** What can be done with a document that is read. */
export type DocumentActs = {
  pick: (point: number) => void;
  highlight: (step: PathStep) => void;
  pin: () => void;
  close: () => void;
  untag: (name: string) => void;
  tag: (name: string) => void;
  /** missing where no model is there to search with */
  moreLike?: () => void;
};

/** What a person did to the view of a document. */
export type DocumentLook = {
  searchWords: readonly string[];
  tagColors: Map<string, string>;
  unfolded: ReadonlySet<string>;
  toggle: (name: string) => void;
};

/** A document as the reader shows it: its text first and whole, the user's columns, then what was found out about it. */
export function documentView(shown: ReadResponse, acts: DocumentActs, look: DocumentLook): TemplateResult {
  return html`
    ${toolbar(shown, acts)}
    ${shown.title ? html`<h2 class="nx-document-title" dir="auto" data-testid="atlas-document-title">${marked(shown.title, look)}</h2>` : nothing}
    <div class="nx-text" dir="auto" data-testid="atlas-text">${readableText(shown.text, look)}</div>
    ${shown.fields.length ? html`<dl class="nx-fields" data-testid="atlas-fields">${shown.fields.map((field) => fieldView(field, look))}</dl>` : nothing}
    ${pathView(shown.path, acts)}
    ${tagsView(shown.tags, acts, look)}
    ${shown.copies ? duplicatesView(shown.copies, acts) : nothing}
    ${shown.neighbors.length ? neighborsView(shown.neighbors, acts) : nothing}
    <details class="nx-details" data-testid="atlas-details">
      <summary>${words.details}</summary>
      <dl class="nx-fields">${[...placeOf(shown), ...shown.details].map((field) => fieldView({ ...field, name: words.found[field.name] ?? field.name }, look))}</dl>
    </details>`;
}

/** A document in a list: its title, if it has one, and the beginning of its text. */
export function documentLine({ title, text }: Pick<DocumentLine, "title" | "text">): TemplateResult {
  if (!title) return html`<span class="nx-hit-text" dir="auto">${text}</span>`;
  return html`<span class="nx-hit-text"><b class="nx-line-title" dir="auto">${title}</b> <span dir="auto">${text}</span></span>`;
}

function toolbar({ row, id, isPinned }: ReadResponse, acts: DocumentActs) {
  return html`<div class="nx-line nx-reader-bar">
    <span class="nx-soft">${words.row(row, id)}</span>
    <button type="button" class="nx-button" data-testid="atlas-pin" title=${words.pinTitle} aria-pressed=${String(isPinned)} @click=${acts.pin}>${isPinned ? words.pinned : words.pin}</button>
    ${acts.moreLike ? html`<button type="button" class="nx-button" data-testid="atlas-like-this" title=${words.moreLikeTitle} @click=${acts.moreLike}>${words.moreLike}</button>` : nothing}
    <button type="button" class="nx-button" data-testid="atlas-close-reader" title=${words.close} aria-label=${words.close} @click=${acts.close}>×</button>
  </div>`;
}

/** A text with the words that were searched for marked. */
function marked(text: string, { searchWords }: DocumentLook) {
  if (!searchWords.length) return text;
  return markWords(text, searchWords).map((part) => (part.isMarked ? html`<mark>${part.text}</mark>` : part.text));
}

/** The same with its addresses as links. */
function readableText(text: string, look: DocumentLook) {
  return findLinks(text, "").map(({ text: part, href }) => (href ? link(part, href) : marked(part, look)));
}

/** A name that may break where its words end. */
function breakable(name: string) {
  return name.split(/(?<=_)/u).map((part, at) => (at ? html`<wbr />${part}` : part));
}

function placeOf({ row, id }: ReadResponse): Field[] {
  const place = [["row", String(row)], ["id", id]].filter(([, value]) => value);
  return place.map(([name, value]) => ({ name, kind: "text", values: [value] }));
}

function fieldView(field: Field, look: DocumentLook) {
  const value = field.kind === "list" ? listView(field) : field.kind === "text" ? cellView(field, look) : field.values.join(", ");
  return html`<div class="nx-field"><dt dir="auto">${breakable(field.name)}</dt><dd dir="auto">${value}</dd></div>`;
}

function listView({ name, values }: Field) {
  return html`<ul class="nx-list nx-chips">${values.map((value) => html`<li class="nx-chip nx-value-chip" dir="auto">${linked(value, name)}</li>`)}</ul>`;
}

function cellView({ name, values }: Field, { unfolded, toggle }: DocumentLook) {
  const text = values.join(", ");
  if (text.length <= MAX_CLAMPED) return html`<span class="nx-cell">${linked(text, name)}</span>`;
  const isOpen = unfolded.has(name);
  return html`<span class=${isOpen ? "nx-cell" : "nx-cell nx-clamped"}>${linked(text, name)}</span>
    <button type="button" class="nx-link" data-testid="atlas-show-all" aria-expanded=${String(isOpen)} @click=${() => toggle(name)}>${isOpen ? words.showLess : words.showAll}</button>`;
}

function linked(text: string, column: string) {
  return findLinks(text, column).map(({ text: part, href }) => (href ? link(part, href) : part));
}

function link(text: string, href: string) {
  return html`<a href=${href} target="_blank" rel="noopener noreferrer">${text}</a>`;
}

function pathView(path: PathStep[], acts: DocumentActs) {
  const steps = path.map((step, at) => html`${at ? html`<span class="nx-soft" aria-hidden="true"> › </span>` : nothing}<button type="button" class="nx-link" dir="auto" title=${words.highlightTopic} @click=${() => acts.highlight(step)}>${step.name}</button>`);
  return html`<nav class="nx-path" aria-label=${words.path} data-testid="atlas-path">${steps.length ? steps : html`<span class="nx-soft">${words.noTopic}</span>`}</nav>`;
}

function tagsView(tags: string[], acts: DocumentActs, { tagColors }: DocumentLook) {
  const add = (event: KeyboardEvent) => {
    const box = event.target as HTMLInputElement;
    if (event.key !== "Enter" || !box.value.trim()) return;
    acts.tag(box.value.trim());
    box.value = "";
  };
  return html`<div class="nx-chips" data-testid="atlas-reader-tags">
    ${tags.map((name) => html`<button type="button" class="nx-chip" dir="auto" style=${`border-color: ${tagColors.get(name) ?? ""}`} title=${words.untag} @click=${() => acts.untag(name)}>${name} ×</button>`)}
    <input class="nx-input" data-testid="atlas-tag-document" aria-label=${words.tag} title=${words.tag} placeholder=${words.tagHint} spellcheck="false" @keydown=${add} />
  </div>`;
}

function duplicatesView({ role, kind, similarity, documents }: DocumentDuplicates, acts: DocumentActs) {
  const listed = documents.slice(0, MAX_DUPLICATES);
  const rest = documents.length - listed.length;
  return html`<h3 class="nx-heading">${words.duplicates}</h3>
    <p class="nx-soft" data-testid="atlas-reader-role">${words.roleSentence(role, kind, similarity, documents.length > 0)}</p>
    <ul class="nx-list" data-testid="atlas-reader-copies">${listed.map((one) => html`<li><button type="button" class="nx-item" @click=${() => acts.pick(one.point)}>
      <span class=${`nx-role nx-role-${one.role}`}>${words.roles[one.role] ?? one.role}</span>${documentLine(one)}</button></li>`)}</ul>
    ${rest > 0 ? html`<p class="nx-soft">${words.more(rest)}</p>` : nothing}`;
}

function neighborsView(neighbors: NeighborLine[], acts: DocumentActs) {
  return html`<h3 class="nx-heading">${words.neighbors}</h3>
    <ol class="nx-list" data-testid="atlas-neighbors">${neighbors.map((one) => html`<li><button type="button" class="nx-item" title=${words.neighborTitle(one.topic)} @click=${() => acts.pick(one.point)}>
      ${documentLine(one)}<span class="nx-size">${one.similarity.toFixed(2)}</span></button></li>`)}</ol>`;
}
