import { signal } from "@preact/signals-core";
import { html, nothing, render } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { count, element } from "../../dom.ts";
import { askLatest } from "../../latest.ts";
import { messages } from "../../messages.ts";
import { FinishDialog } from "./finish.ts";
import { GroupList } from "./groups.ts";
import { DuplicateMarks } from "./marks.ts";
import { ReviewWindow } from "./review.ts";
import { choiceView } from "./review_list.ts";
import { ScoreChart } from "./scores.ts";
import { percentOf } from "./shares.ts";
import { meterView, summaryView } from "./summary.ts";
import type { MapView } from "../../map/map.ts";
import type { DecideDuplicatesRequest, DuplicateSettingsResponse, PreviewDuplicatesRequest, SettingsCounts } from "../../protocol.ts";
import type { Explorer } from "../explorer.ts";

const words = messages.duplicates;
const REVIEW = "[data-testid=atlas-review]";

/** Duplicate groups; with a kernel also what decides about them: a threshold, kinds of evidence, what is kept, and the review. */
export class DuplicatesPane {
  private readonly pane: HTMLElement;
  private readonly explorer: Explorer;
  private readonly marks: DuplicateMarks;
  private readonly groups: GroupList;
  private readonly kernel: KernelParts | undefined;
  private readonly settings = signal<DuplicateSettingsResponse | undefined>(undefined);
  /** what the settings come to, or those that are tried while the threshold moves */
  private readonly counts = signal<SettingsCounts | undefined>(undefined);
  private readonly isHiding = signal(false);
  private readonly isWithout = signal(false);
  private nAsked = 0;
  private nDeciding = 0; // decisions that wait for their answer; what the kernel says meanwhile is about settings before them

  constructor(pane: HTMLElement, explorer: Explorer, map: MapView) {
    this.pane = pane;
    this.explorer = explorer;
    this.marks = new DuplicateMarks(explorer, map);
    this.kernel = explorer.can.kernel ? this.makeKernelParts() : undefined;
    const review = this.kernel?.review;
    this.groups = new GroupList(explorer, this.marks, review && ((pair) => review.openAt(pair, this.reviewButton)));
    pane.classList.add("nx-copies");
    const [settings, groups] = [element(pane, "div", ""), element(pane, "div", "")];
    explorer.state.effect(() => render(this.view(), settings));
    explorer.state.effect(() => render(this.groups.view(), groups)); // apart: a list of groups is long, and a threshold moves fast
    explorer.state.on(["copies_version"], () => this.refresh());
    this.refresh();
  }

  private makeKernelParts(): KernelParts {
    const { explorer } = this;
    const host = document.createElement("div");
    const finish = new FinishDialog(explorer.root, explorer.state);
    return {
      host,
      finish,
      chart: new ScoreChart(host, { onMove: (value) => this.preview({ min_similarity: value }), onRelease: (value) => this.decide({ min_similarity: value }) }),
      review: new ReviewWindow(explorer, () => finish.open()),
      previewing: askLatest((request: PreviewDuplicatesRequest) => explorer.request("preview_duplicates", request), (answer) => {
        this.counts.value = answer;
        this.marks.preview(answer.roles);
      }),
    };
  }

  private get reviewButton() {
    return this.pane.querySelector<HTMLElement>(REVIEW) ?? undefined;
  }

  private preview(request: PreviewDuplicatesRequest) {
    if (this.marks.lit.length) this.explorer.state.highlight([]); // a highlight grays all that changes color
    this.kernel?.previewing.want(request);
  }

  /** Stores a setting, for everybody. It shows at once, so that the next key or click goes on from it. */
  private async decide(request: DecideDuplicatesRequest) {
    this.kernel?.previewing.cancel();
    const shown = this.settings.value;
    const isSame = request.min_similarity !== undefined && request.min_similarity === shown?.minSimilarity;
    if (!isSame) {
      if (shown) this.settings.value = { ...shown, minSimilarity: request.min_similarity ?? shown.minSimilarity, kinds: request.kinds ?? shown.kinds, keep: request.keep ?? shown.keep };
      this.nAsked += 1;
      this.nDeciding += 1;
      await this.explorer.request("decide_duplicates", request);
      this.nDeciding -= 1;
    }
    if (this.nDeciding) return;
    await this.refresh();
    if (!this.kernel?.chart.isMoving) this.marks.preview(undefined);
  }

  /** Shows everything as the exploration has it now. */
  private async refresh() {
    if (this.nDeciding) return;
    const own = ++this.nAsked;
    const { explorer, kernel, marks } = this;
    const [response] = await Promise.all([kernel ? explorer.request("copies", {}) : undefined, this.groups.refresh()]);
    if (own !== this.nAsked || explorer.state.signal.aborted) return;
    if (!kernel) this.counts.value = this.groups.counts;
    if (!kernel || !response) return;
    marks.palettes = response.palettes;
    this.settings.value = response;
    if (!kernel.chart.isMoving) this.counts.value = response;
    kernel.chart.show(response.scores as typeof kernel.chart.scores, response.floor, response.minSimilarity);
    if (marks.isCollapsed || marks.isAfter) marks.refresh();
    kernel.review.changed();
  }

  private view() {
    const { kernel } = this;
    const counts = this.counts.value;
    const settings = this.settings.value;
    return html`
      <p class="nx-told" data-testid="atlas-copies-told">${counts ? summaryView(counts) : nothing}</p>
      ${counts && settings ? html`<p class="nx-decisions">${meterView(counts, settings)}</p>` : nothing}
      ${kernel ? this.settingsView(kernel, settings, counts) : this.pageActs()}`;
  }

  private settingsView(kernel: KernelParts, settings: DuplicateSettingsResponse | undefined, counts: SettingsCounts | undefined) {
    const policies = Object.entries(words.policies);
    const keep = settings?.keep ?? "longest";
    if (!(keep in words.policies)) policies.push([keep, keep || words.byScores]);
    return html`
      <div class="nx-decide" data-testid="atlas-copy-settings">
        ${kernel.host}
        <p class="nx-soft nx-meaning" data-testid="atlas-threshold-told">${counts && settings ? this.meaning(kernel, counts, settings) : nothing}</p>
        <div class="nx-setting"><span class="nx-soft">${words.drop}</span><div class="nx-kinds">${Object.entries(words.kinds).map(([kind, title]) => this.kindView(kind, title, settings?.kinds ?? []))}</div></div>
        <div class="nx-setting"><span class="nx-soft">${words.keep}</span>${choiceView(words.keepWhich, "atlas-copy-keep", policies, keep, (value) => this.decide({ keep: value }))}</div>
        ${this.actsView(kernel, settings)}
      </div>`;
  }

  private meaning(kernel: KernelParts, counts: SettingsCounts, settings: DuplicateSettingsResponse) {
    const value = kernel.chart.value.toFixed(3).replace(/0$/u, "");
    const above = counts.background === null ? "" : `${words.aboveUnrelated(value, percentOf(counts.background))} `;
    return above + (settings.kinds.includes("semantic") ? words.toDrop : words.toReview);
  }

  private kindView(kind: string, title: string, chosen: string[]) {
    const change = (event: Event) => this.decide({ kinds: (event.target as HTMLInputElement).checked ? [...chosen, kind] : chosen.filter((one) => one !== kind) });
    return html`<label class="nx-kind" title=${title}><input type="checkbox" data-testid="atlas-drop-${kind}" aria-label=${words.dropKind(kind)} .checked=${live(chosen.includes(kind))} @change=${change} /><span>${kind}</span></label>`;
  }

  private actsView(kernel: KernelParts, settings: DuplicateSettingsResponse | undefined) {
    const nLeft = settings?.nLeft ?? 0;
    const open = () => kernel.review.open(this.groups.show === "drop" ? "drop" : "review", this.reviewButton);
    const toggle = (state: typeof this.isHiding, act: (on: boolean) => unknown) => () => {
      state.value = !state.value;
      act(state.value);
    };
    return html`
      <div class="nx-setting nx-copy-acts">
        <button type="button" class="nx-button nx-primary" data-testid="atlas-review" title=${words.reviewTitle} ?disabled=${!nLeft && !settings?.nDropped} @click=${open}>${words.review(nLeft ? count(nLeft) : "")}</button>
        <button type="button" class="nx-button" data-testid="atlas-finish" title=${words.finishTitle} @click=${() => kernel.finish.open()}>${words.finish}</button>
      </div>
      <div class="nx-setting nx-copy-acts">
        <button type="button" class="nx-button" data-testid="atlas-collapse" title=${words.hideTitle} aria-pressed=${String(this.isHiding.value)} @click=${toggle(this.isHiding, (on) => this.marks.collapse(on))}>${words.hide}</button>
        <button type="button" class="nx-button" data-testid="atlas-after" title=${words.withoutTitle} aria-pressed=${String(this.isWithout.value)} @click=${toggle(this.isWithout, (on) => this.marks.showAfter(on))}>${words.without}</button>
        <button type="button" class="nx-button" data-testid="atlas-color-roles" title=${words.colorByRoleTitle} @click=${() => this.explorer.state.set({ color_by: "duplicate_role" })}>${words.colorByRole}</button>
      </div>`;
  }

  private pageActs() {
    return html`<div class="nx-setting nx-copy-acts"><button type="button" class="nx-button" data-testid="atlas-download-kept" title=${words.downloadKeptTitle} @click=${() => this.explorer.download("kept")}>${words.downloadKept}</button></div>`;
  }
}

type KernelParts = {
  host: HTMLElement;
  chart: ScoreChart;
  review: ReviewWindow;
  finish: FinishDialog;
  previewing: { want: (request: PreviewDuplicatesRequest) => void; cancel: () => void };
};
