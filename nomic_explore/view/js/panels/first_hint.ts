import { html, nothing, render } from "lit-html";
import { messages } from "../messages.ts";
import type { Explorer } from "./explorer.ts";

/** What a newcomer needs: two sentences, and two searches made of the corpus's own topics. @param close puts a button to it */
export function introduction(explorer: Explorer, close?: () => void) {
  const { frame } = messages;
  const queries = exampleQueries(explorer.state.get("labels") ?? []);
  const look = (query: string) => {
    explorer.searchFor(query);
    close?.();
  };
  return html`<p>${frame.whatDotsAre}</p>
    <p>${matchMedia("(hover: none)").matches ? frame.whatToTouch : frame.whatToDo}</p>
    ${queries.length ? html`<p class="nx-chips">${frame.tryThese} ${queries.map((query) => html`<button type="button" class="nx-chip" dir="auto" data-testid="atlas-example" @click=${() => look(query)}>${query}</button>`)}</p>` : nothing}
    ${close ? html`<button type="button" class="nx-small nx-close" aria-label=${frame.closeHint} data-testid="atlas-close-hint" @click=${close}>×</button>` : nothing}`;
}

/** The introduction at the bottom left of the map; it goes with the first thing that is done. */
export function showHint(explorer: Explorer, host: HTMLElement) {
  const { state } = explorer;
  const hint = document.createElement("div");
  hint.className = "nx-hint";
  hint.dataset.testid = "atlas-hint";
  hint.setAttribute("role", "note");
  host.append(hint);
  const close = () => hint.remove();
  state.on(["focus", "selected", "hits", "filters", "color_by", "size_by"], close);
  for (const kind of ["pointerdown", "wheel", "keydown"]) {
    host.addEventListener(kind, (event) => !hint.contains(event.target as Node) && close(), { signal: state.signal, passive: true });
  }
  render(introduction(explorer, close), hint);
}

type Named = { layer: number; size: number; parent: number; keywords?: string[] };

/** Two searches: words of the largest fine topic, and of the largest one elsewhere on the map. */
export function exampleQueries(labels: Named[]) {
  const finest = Math.max(...labels.map(({ layer }) => layer));
  const largest = labels.filter((one) => one.layer === finest && one.keywords?.length).sort((one, other) => other.size - one.size);
  const [first] = largest;
  const other = largest.find((one) => one.parent !== first.parent);
  return [first, other].flatMap((one) => (one?.keywords ? [words(one.keywords)] : []));
}

/** The first keyword, or the first two where that is a single word. */
function words([first, second]: string[]) {
  return first.includes(" ") || !second ? first : `${first} ${second}`;
}
