import { signal } from "@preact/signals-core";
import { html, nothing, render, type TemplateResult } from "lit-html";
import { debounce } from "../dom.ts";
import { askLatest } from "../latest.ts";
import { messages } from "../messages.ts";
import type { DocumentLine, SelectionResponse, SelectionTopic, SelectionValue, SelectionWord } from "../protocol.ts";
import { asNumbers } from "../view_state.ts";
import type { Explorer } from "./explorer.ts";

const WAIT_MS = 120; // a selection that grows key by key is asked about once it rests
const WIDE = 1000; // pixels from which the card may open beside the map by itself
const says = messages.selection;

/** What the selected documents have in common, in the right pane while something is selected and no document is open. */
export class SelectionCard {
  private readonly explorer: Explorer;
  private readonly response = signal<SelectionResponse | undefined>(undefined);
  private readonly name = signal("");

  constructor(explorer: Explorer) {
    this.explorer = explorer;
    const { state, cardHost } = explorer;
    const asking = askLatest(
      () => explorer.request("describe_selection", {}),
      (response) => {
        this.response.value = response;
        this.name.value = response.suggested;
      },
    );
    const ask = debounce(() => state.nSelected && asking.want(undefined), WAIT_MS);
    const changed = () => {
      asking.cancel();
      this.response.value = undefined;
      if (!state.nSelected) return;
      if (explorer.root.clientWidth >= WIDE) explorer.openRight();
      ask();
    };
    state.on(["selected", "labels"], changed);
    state.atEnd(() => ask.cancel());
    const [selected, focus] = [state.trait("selected"), state.trait<number>("focus")];
    state.effect(() => render(selected.value && state.nSelected && (focus.value ?? -1) < 0 ? this.view(state.nSelected) : nothing, cardHost));
    changed();
  }

  /** Shows the card, also where it does not open by itself. */
  open() {
    this.explorer.pick(-1);
    this.explorer.openRight();
  }

  private view(nSelected: number) {
    const response = this.response.value;
    return html`<section class="nx-selection-card" data-testid="atlas-selection-card" aria-label=${says.cardLabel}>
      <div class="nx-card-line">
        <h2 class="nx-card-name">${says.title(nSelected)}</h2>
        <button type="button" class="nx-button" title=${says.closeCard} aria-label=${says.closeCard} data-testid="atlas-close-card-of-selection" @click=${() => this.explorer.fold("right")}>×</button>
      </div>
      ${response ? this.viewResponse(response) : html`<p class="nx-soft" role="status">${says.reading}</p>`}
    </section>`;
  }

  private viewResponse(response: SelectionResponse) {
    return html`<p class="nx-soft nx-facts-line">${says.shareOfAll(response.share)}</p>
      ${this.viewName()} ${this.viewActions()}
      ${section(says.topics, says.timesColumns, "atlas-selection-topics", [...response.topics.map((topic) => this.viewTopic(topic)), ...(response.elsewhere ? [html`<li class="nx-soft">${says.elsewhere(response.elsewhere)}</li>`] : [])])}
      ${section(says.words, says.shareColumns, "atlas-selection-words", response.words.map((word) => this.viewWord(word)))}
      ${section(says.values, says.timesColumns, "atlas-selection-values", response.values.map(viewValue))}
      ${section(says.typical, [], "atlas-selection-typical", response.typical.map((line) => this.viewDocument(line)))}`;
  }

  private viewName() {
    const tag = async () => {
      const [name, n] = [this.name.value.trim(), this.explorer.state.nSelected];
      if (name && (await this.explorer.request("tag", { name }))) this.explorer.setStatus(says.tagged(n, name));
    };
    return html`<label class="nx-name-it"><span class="nx-heading">${says.name}</span>
      <span class="nx-line">
        <input class="nx-input" dir="auto" data-testid="atlas-selection-name" title=${says.nameHint} placeholder=${says.nameHint} spellcheck="false" .value=${this.name.value}
          @input=${(event: Event) => (this.name.value = (event.target as HTMLInputElement).value)} @keydown=${(event: KeyboardEvent) => event.key === "Enter" && tag()} />
        <button type="button" class="nx-button" data-testid="atlas-selection-tag" @click=${tag}>${says.tagButton}</button>
      </span></label>`;
  }

  private viewActions() {
    const { can } = this.explorer;
    const button = (text: string, testId: string, act: () => void, hint = text) => html`<button type="button" class="nx-button" data-testid=${testId} title=${hint} @click=${act}>${text}</button>`;
    return html`<div class="nx-card-acts">
      ${(can.like ?? can.meaning) ? button(says.likeThese, "atlas-like", () => this.explorer.likeSelection(), says.likeTheseHint) : nothing}
      ${button(says.exportCsv, "atlas-selection-csv", () => this.explorer.download("csv"))}
      ${can.kernel ? button(says.subset, "atlas-selection-subset", () => this.explorer.askForSubset()) : nothing}
    </div>`;
  }

  private viewTopic(topic: SelectionTopic) {
    const narrow = async () => {
      const answer = await this.explorer.request("members", { kind: "topic", layer: topic.layer, topic: topic.topic });
      if (answer) this.explorer.state.selectPoints(asNumbers(answer.points, Uint32Array), "intersect");
    };
    return bar(topic.name, topic.share, says.percent(topic.share), says.times(topic.lift), says.topicHint(topic.name, topic.count), narrow, this.colorOf(topic));
  }

  private colorOf({ layer, topic }: SelectionTopic): string {
    const labels: { layer: number; topic: number; dot_light?: string; dot_dark?: string }[] = this.explorer.state.get("labels") ?? [];
    const label = labels.find((one) => one.layer === layer && one.topic === topic);
    return (this.explorer.root.classList.contains("nx-dark") ? label?.dot_dark : label?.dot_light) ?? "var(--nx-accent)";
  }

  private viewWord({ word, share, other }: SelectionWord) {
    const search = () => this.explorer.searchPane?.fresh(word);
    return bar(word, share, says.percent(share), says.percent(other), says.wordHint(word, share, other), search);
  }

  private viewDocument(line: DocumentLine) {
    return html`<li><button type="button" class="nx-item" @click=${() => this.explorer.pick(line.point)}><span class="nx-hit-text" dir="auto">${line.text || says.noText}</span></button></li>`;
  }
}

function viewValue({ column, value, share, overall, lift }: SelectionValue) {
  return html`<li class="nx-standout" title=${says.valueHint(column, value, share, overall)}>
    <span class="nx-soft nx-standout-column">${column}</span><span class="nx-topic-name" dir="auto">${value}</span>
    <span class="nx-size">${says.percent(share)}</span><span class="nx-times-more">${says.times(lift)}</span>
  </li>`;
}

function section(title: string, columns: readonly string[], testId: string, lines: TemplateResult[]) {
  if (!lines.length) return nothing;
  const ends = columns.length ? html`<span class="nx-ends">${columns.map((column) => html`<span>${column}</span>`)}</span>` : nothing;
  return html`<h3 class="nx-heading">${title}${ends}</h3><ul class="nx-list nx-shares" data-testid=${testId}>${lines}</ul>`;
}

/** A line with a bar as long as a share. */
function bar(text: string, share: number, first: string, second: string, hint: string, act: () => void, color = "var(--nx-accent)") {
  return html`<li><button type="button" class="nx-item nx-shared" title=${hint} style=${`--nx-share: ${(100 * share).toFixed(1)}%; --nx-own: ${color}`} @click=${act}>
    <span class="nx-topic-name" dir="auto">${text}</span><span class="nx-size">${first}</span><span class="nx-times-more">${second}</span>
  </button></li>`;
}
