import { signal } from "@preact/signals-core";
import { html, nothing, render } from "lit-html";
import { count, element } from "../../dom.ts";
import { messages } from "../../messages.ts";
import type { FinishPlanResponse } from "../../protocol.ts";
import type { ViewState } from "../../view_state.ts";

const words = messages.finish;
const TIMEOUT_MS = 600_000; // a large table takes minutes to write

/** Writes the kept rows, the removed rows and the report into a folder, and says where they went. */
export class FinishDialog {
  private readonly state: ViewState;
  private readonly dialog: HTMLDialogElement;
  private readonly plan = signal<FinishPlanResponse | undefined>(undefined);
  private readonly files = signal<string[]>([]);
  private readonly error = signal("");
  private readonly isWriting = signal(false);

  constructor(root: HTMLElement, state: ViewState) {
    this.state = state;
    this.dialog = element(root, "dialog", "nx-dialog", "atlas-finish-dialog") as HTMLDialogElement;
    this.dialog.setAttribute("aria-label", words.title);
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation()); // keys mean something else outside
    state.effect(() => render(this.view(), this.dialog));
  }

  async open() {
    this.files.value = [];
    this.error.value = "";
    this.plan.value = undefined;
    this.dialog.showModal();
    try {
      this.plan.value = await this.state.ask("finish_plan", {});
    } catch (error) {
      this.error.value = messageOf(error);
    }
  }

  private async write(form: HTMLFormElement) {
    const given = new FormData(form);
    this.isWriting.value = true;
    this.error.value = "";
    try {
      const request = { folder: String(given.get("folder")), format: String(given.get("format")) };
      this.files.value = (await this.state.ask("finish", request, { timeoutMs: TIMEOUT_MS })).files;
    } catch (error) {
      this.error.value = messageOf(error);
    }
    this.isWriting.value = false;
  }

  private view() {
    const plan = this.plan.value;
    return html`
      <h2>${words.title}</h2>
      ${plan ? (this.files.value.length ? this.filesView() : this.formView(plan)) : nothing}
      ${this.error.value ? html`<p class="nx-error" role="alert" data-testid="atlas-finish-error">${this.error.value}</p>` : nothing}
      ${plan && !this.files.value.length ? nothing : html`<div class="nx-dialog-acts"><button type="button" class="nx-button" data-testid="atlas-finish-close" @click=${() => this.dialog.close()}>${words.close}</button></div>`}`;
  }

  private formView(plan: FinishPlanResponse) {
    const submit = (event: SubmitEvent) => {
      event.preventDefault();
      this.write(event.target as HTMLFormElement);
    };
    return html`
      <form @submit=${submit}>
        <p data-testid="atlas-finish-counts">${words.counts(count(plan.kept), count(plan.removed))} ${plan.review ? words.undecided(plan.review, count(plan.review)) : nothing}</p>
        <label class="nx-form-field">${words.folder}<input class="nx-input" name="folder" data-testid="atlas-finish-folder" spellcheck="false" .value=${plan.folder} /></label>
        <label class="nx-form-field">${words.format}
          <select class="nx-select" name="format" data-testid="atlas-finish-format">${Object.entries(words.formats).map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select>
        </label>
        <div class="nx-dialog-acts">
          <button type="submit" class="nx-button nx-primary" data-testid="atlas-finish-write" ?disabled=${this.isWriting.value}>${this.isWriting.value ? words.writing : words.write}</button>
          <button type="button" class="nx-button" @click=${() => this.dialog.close()}>${words.cancel}</button>
        </div>
      </form>`;
  }

  private filesView() {
    return html`<p>${words.written}</p><ul class="nx-files" data-testid="atlas-finish-files">${this.files.value.map((path) => html`<li>${path}</li>`)}</ul>`;
  }
}

function messageOf(error: unknown) {
  return error instanceof Error ? error.message : String(error);
}
