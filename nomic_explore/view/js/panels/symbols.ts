import { html, nothing, svg, type TemplateResult } from "lit-html";

const LOCK = "M4.2 6V4.6a2.8 2.8 0 0 1 5.6 0V6h.6c.5 0 .9.4.9.9v4.2c0 .5-.4.9-.9.9H3.6a.9.9 0 0 1-.9-.9V6.9c0-.5.4-.9.9-.9zm1.3 0h3V4.6a1.5 1.5 0 0 0-3 0z";

/** A cross in a circle: goes to something on the map. */
export const TARGET = html`<svg class="nx-icon" viewBox="0 0 14 14"><circle cx="7" cy="7" r="3.6"></circle><path d="M7 1v4M7 9v4M1 7h4M9 7h4"></path></svg>`;

/** A button that shows a symbol; `label` says what it does. */
export function symbolButton(symbol: string | TemplateResult, label: string, act: (event: MouseEvent) => void, testId = "", className = "nx-small", tabIndex = 0): TemplateResult {
  return html`<button type="button" class=${className} data-testid=${testId || nothing} aria-label=${label} title=${label} tabindex=${tabIndex} @click=${act}><span aria-hidden="true">${symbol}</span></button>`;
}

/** A button that says in words what it does; `title` explains it. */
export function wordButton(text: string, title: string, act: (event: MouseEvent) => void, testId: string, isDisabled = false): TemplateResult {
  return html`<button type="button" class="nx-button" data-testid=${testId} title=${title} ?disabled=${isDisabled} @click=${act}>${text}</button>`;
}

/** A small lock; `title` says what it means. */
export function lockSign(title: string): TemplateResult {
  return html`<span class="nx-sign" data-testid="atlas-lock" role="img" aria-label=${title} title=${title}><svg viewBox="0 0 14 14" aria-hidden="true">${svg`<path d=${LOCK} fill-rule="evenodd"></path>`}</svg></span>`;
}
