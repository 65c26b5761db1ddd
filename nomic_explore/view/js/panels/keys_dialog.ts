import { html, render } from "lit-html";
import { messages } from "../messages.ts";

/** The list of keys, shown by `?`; Escape closes it, and the focus returns to where it was. */
export function openKeys(root: HTMLElement) {
  const before = root.ownerDocument.activeElement;
  const dialog = document.createElement("dialog");
  dialog.className = "nx-keys-dialog";
  dialog.dataset.testid = "atlas-keys";
  dialog.setAttribute("aria-labelledby", "nx-keys-title");
  root.append(dialog);
  const { keys } = messages;
  render(
    html`<div class="nx-line"><h2 id="nx-keys-title" class="nx-keys-title">${keys.title}</h2>
        <button type="button" class="nx-button" data-testid="atlas-close-keys" @click=${() => dialog.close()}>${keys.close}</button></div>
      <div class="nx-keys">
        ${keys.groups.map(
          (group) => html`<section><h3 class="nx-heading">${group.title}</h3>
            <dl>${group.keys.map(([key, meaning]) => html`<div><dt>${key.split(" ").map((one) => html`<kbd class="nx-kbd">${one}</kbd>`)}</dt><dd>${meaning}</dd></div>`)}</dl></section>`,
        )}
      </div>`,
    dialog,
  );
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement) before.focus();
  });
  dialog.showModal();
}
