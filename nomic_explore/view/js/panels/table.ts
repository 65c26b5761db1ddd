import { html, nothing, render } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { debounce, element, saveFile } from "../dom.ts";
import { askLatest } from "../latest.ts";
import { messages } from "../messages.ts";
import type { Explorer } from "./explorer.ts";
import type { MapView } from "../map/map.ts";
import type { TableColumn, TableLine, TableRequest, TableResponse } from "../protocol.ts";

const PAGE_SIZE = 100; // as in requests/table.py
const QUIET_MS = 250;
const [MIN_WIDTH, WIDTH_STEP] = [40, 16];
const WIDTHS: Record<string, number> = { "#row": 64, "#title": 240, "#text": 340, "#topic": 180, number: 92, date: 112, list: 170, text: 160 };
const LISTS = ["selected", "highlighted", "view", "filtered"] as const;
const words = messages.table;

type List = (typeof LISTS)[number];
/** What a person arranged; kept in the browser's store. */
type Arrangement = { columns?: string[]; widths: Record<string, number> };

/** The table twin of the map, page by page: what is selected or highlighted if anything is, else what is in view. */
export function makeTable(host: HTMLElement, explorer: Explorer, map: MapView): () => void {
  const table = new DocumentTable(host, explorer, map);
  return () => table.refresh();
}

class DocumentTable {
  private readonly host: HTMLElement;
  private readonly root: HTMLElement;
  private readonly explorer: Explorer;
  private readonly map: MapView;
  private readonly key: string;
  private arrangement: Arrangement;
  private list: List | undefined;
  private sort = "";
  private isDescending = false;
  private start = 0;
  private shown: { request: TableRequest; response: TableResponse } | undefined;
  private readonly latest = askLatest(
    (request: TableRequest) => this.explorer.request("table", request),
    (response, request) => this.take(response, request),
  );

  constructor(host: HTMLElement, explorer: Explorer, map: MapView) {
    this.host = host;
    this.explorer = explorer;
    this.map = map;
    host.setAttribute("aria-label", words.pane);
    this.root = element(host, "div", "nx-table-pane");
    const { state } = explorer;
    this.key = `nomic-explore table ${state.get("title") ?? ""}`;
    this.arrangement = { widths: {}, ...read(this.key) };
    const restart = debounce(() => this.restart(), QUIET_MS);
    const moved = debounce(() => this.hasOtherBox() && this.restart(), QUIET_MS);
    state.on(["filtered", "selected", "hits"], restart);
    state.on(["annotations", "labels"], restart);
    state.on(["focus"], () => this.draw());
    map.onRest.push(moved);
    state.atEnd(() => (restart.cancel(), moved.cancel()));
  }

  refresh() {
    if (!this.host.hidden) this.latest.want(this.request());
  }

  private restart() {
    this.start = 0;
    this.refresh();
  }

  /** Whether the documents in view are listed, and others are in view now. */
  private hasOtherBox(): boolean {
    return this.listed === "view" && String(this.request().box) !== String(this.shown?.request.box);
  }

  /** Which documents are listed: those a person chose, unless there are none. */
  private get listed(): List {
    const { state } = this.explorer;
    const size: Record<string, number> = { selected: state.nSelected, highlighted: state.hits.length };
    if (this.list && (size[this.list] ?? 1)) return this.list;
    return size.selected ? "selected" : size.highlighted ? "highlighted" : "view";
  }

  private request(): TableRequest {
    const of = this.listed;
    const { sort, isDescending, start } = this;
    const box = of === "view" ? { box: [...this.map.camera.box()] } : {};
    return { of, sort, isDescending, start, columns: this.columns.map((column) => column.key), ...box };
  }

  /** The columns that are shown: those chosen, or all that are no details. */
  private get columns(): TableColumn[] {
    const chosen = this.arrangement.columns;
    return (this.shown?.response.columns ?? []).filter(({ key, isDetail }) => key === "#row" || (chosen ? chosen.includes(key) : !isDetail));
  }

  private take(response: TableResponse, request: TableRequest) {
    const isFirst = !this.shown;
    this.shown = { request, response };
    if (isFirst) this.refresh();
    else this.draw();
  }

  private draw() {
    const { shown } = this;
    if (!shown || this.host.hidden || shown.request.columns.length !== this.columns.length) return;
    render(html`${this.bar(shown.response, shown.request)}${this.frame(shown.response)}`, this.root);
  }

  private bar({ total, lines }: TableResponse, { of, start }: TableRequest) {
    const turn = (step: number) => {
      this.start = start + step * PAGE_SIZE;
      this.refresh();
    };
    const state = this.explorer.state;
    const isEmpty: Record<string, boolean> = { selected: !state.nSelected, highlighted: !state.hits.length };
    return html`<div class="nx-line nx-table-bar">
      <span role="status" data-testid="atlas-table-told">${words.captions[of as List](total)}</span>
      <select class="nx-select" data-testid="atlas-table-list" aria-label=${words.list} title=${words.list} .value=${live(of)} @change=${(event: Event) => this.choose((event.target as HTMLSelectElement).value as List)}>
        ${LISTS.map((list) => html`<option value=${list} ?selected=${list === of} ?disabled=${isEmpty[list] ?? false}>${words.lists[list]}</option>`)}
      </select>
      ${total > PAGE_SIZE ? html`<span class="nx-group" data-testid="atlas-table-pages">
        <button type="button" class="nx-button" data-testid="atlas-table-before" aria-label=${words.before} title=${words.before} ?disabled=${start === 0} @click=${() => turn(-1)}>‹</button>
        <span class="nx-soft">${words.range(start + 1, start + lines.length)}</span>
        <button type="button" class="nx-button" data-testid="atlas-table-after" aria-label=${words.after} title=${words.after} ?disabled=${start + PAGE_SIZE >= total} @click=${() => turn(1)}>›</button>
      </span>` : nothing}
      ${this.columnMenu()}${this.saveMenu(total)}
    </div>`;
  }

  private columnMenu() {
    const shown = new Set(this.columns.map((column) => column.key));
    const boxes = (columns: TableColumn[]) => columns.map((column) => html`<label class="nx-value"><input type="checkbox" .checked=${live(shown.has(column.key))} @change=${() => this.toggle(column.key)} /><span dir="auto">${nameOf(column)}</span></label>`);
    const columns = (this.shown?.response.columns ?? []).filter(({ key }) => key !== "#row");
    return html`<details class="nx-menu" data-testid="atlas-table-columns" @keydown=${closeOnEscape}>
      <summary class="nx-button">${words.columns}</summary>
      <div class="nx-menu-body">
        ${boxes(columns.filter(({ isDetail }) => !isDetail))}
        <h3 class="nx-heading">${words.details}</h3>
        ${boxes(columns.filter(({ isDetail }) => isDetail))}
        <button type="button" class="nx-button" data-testid="atlas-table-reset" title=${words.resetTitle} @click=${() => this.arrange({ widths: {} })}>${words.reset}</button>
      </div>
    </details>`;
  }

  private saveMenu(total: number) {
    const save = async (event: Event) => {
      const select = event.target as HTMLSelectElement;
      const format = select.value;
      select.value = "";
      const { of, sort, isDescending, box } = this.request();
      const answer = await this.explorer.request("export_table", { of, sort, isDescending, format, ...(box ? { box } : {}) });
      if (!answer) return;
      saveFile(answer.name, answer.file);
      this.explorer.setStatus(words.downloaded(answer.name));
    };
    const formats = this.explorer.can.kernel ? ["csv", "parquet"] : ["csv"];
    return html`<select class="nx-select" data-testid="atlas-table-save" aria-label=${words.export} title=${words.exportTitle(total)} @change=${save}>
      <option value="">${words.export}</option>
      ${formats.map((format) => html`<option value=${format}>${words.formats[format]}</option>`)}
    </select>`;
  }

  private frame({ lines }: TableResponse) {
    const { columns } = this;
    const focus = this.explorer.state.get("focus");
    const width = columns.reduce((sum, column) => sum + this.widthOf(column), 0);
    const read = (event: Event) => {
      const row = (event.target as Element).closest<HTMLElement>("tr[data-point]");
      if (row) this.explorer.pick(Number(row.dataset.point));
    };
    return html`<div class="nx-table-frame" tabindex="0" role="region" aria-label=${words.name}>
      <table class="nx-table" data-testid="atlas-table" aria-label=${words.name} style=${`width: max(100%, ${width}px)`}>
        <thead><tr>${columns.map((column) => this.headCell(column))}</tr></thead>
        <tbody @click=${read}>${lines.map((line) => rowView(line, columns, line.point === focus))}</tbody>
      </table>
    </div>`;
  }

  private headCell(column: TableColumn) {
    const { key } = column;
    const direction = this.sort !== key ? "none" : this.isDescending ? "descending" : "ascending";
    const resize = (event: KeyboardEvent) => {
      const step = { ArrowLeft: -WIDTH_STEP, ArrowRight: WIDTH_STEP }[event.key];
      if (!event.shiftKey || !step) return;
      event.preventDefault();
      this.setWidth(column, this.widthOf(column) + step);
      this.store();
    };
    return html`<th scope="col" class=${column.kind === "number" ? "nx-number" : ""} style=${`width: ${this.widthOf(column)}px`} aria-sort=${direction} data-column=${key}>
      <button type="button" class="nx-sort" dir="auto" title=${words.sortTitle} @click=${() => this.sortBy(key)} @keydown=${resize}>${nameOf(column)}${direction === "none" ? nothing : html`<span aria-hidden="true"> ${this.isDescending ? "▼" : "▲"}</span>`}</button>
      <span class="nx-resize" data-testid="atlas-table-resize" @pointerdown=${(event: PointerEvent) => this.drag(event, column)}></span>
    </th>`;
  }

  private drag(event: PointerEvent, column: TableColumn) {
    const handle = event.currentTarget as HTMLElement;
    const from = this.widthOf(column) - event.clientX;
    handle.setPointerCapture(event.pointerId);
    event.preventDefault();
    const move = (moved: PointerEvent) => this.setWidth(column, from + moved.clientX);
    const end = () => {
      handle.removeEventListener("pointermove", move);
      this.store();
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", end, { once: true });
  }

  private widthOf({ key, kind }: TableColumn) {
    return this.arrangement.widths[key] ?? WIDTHS[key] ?? WIDTHS[kind];
  }

  private setWidth({ key }: TableColumn, width: number) {
    this.arrangement = { ...this.arrangement, widths: { ...this.arrangement.widths, [key]: Math.max(MIN_WIDTH, Math.round(width)) } };
    this.draw();
  }

  /** Ascending, descending, then as the list is. */
  private sortBy(key: string) {
    if (this.sort !== key) [this.sort, this.isDescending] = [key, false];
    else if (!this.isDescending) this.isDescending = true;
    else [this.sort, this.isDescending] = ["", false];
    this.restart();
  }

  private choose(list: List) {
    this.list = list;
    this.restart();
  }

  private toggle(key: string) {
    const shown = this.columns.map((column) => column.key);
    this.arrange({ ...this.arrangement, columns: shown.includes(key) ? shown.filter((other) => other !== key) : [...shown, key] });
  }

  private arrange(arrangement: Arrangement) {
    this.arrangement = arrangement;
    this.store();
    this.refresh();
  }

  private store() {
    try {
      localStorage.setItem(this.key, JSON.stringify(this.arrangement));
    } catch {
      // a page from a file may have no store; the arrangement holds while it is open
    }
  }
}

function rowView({ point, row, cells }: TableLine, columns: TableColumn[], isRead: boolean) {
  return html`<tr data-point=${point} class=${isRead ? "nx-reading" : ""}>${columns.map(({ key, kind }, at) =>
    key === "#row"
      ? html`<td class="nx-number"><button type="button" class="nx-link" data-testid="atlas-table-row" title=${words.read}>${row}</button></td>`
      : html`<td dir="auto" class=${kind === "number" ? "nx-number" : ""}>${cells[at]}</td>`,
  )}</tr>`;
}

function nameOf({ key, name }: TableColumn): string {
  return key.startsWith("#") ? (words.names[name] ?? name) : name;
}

function closeOnEscape(event: KeyboardEvent) {
  if (event.key !== "Escape") return;
  const menu = event.currentTarget as HTMLDetailsElement;
  menu.open = false;
  menu.querySelector("summary")?.focus();
  event.stopPropagation();
}

function read(key: string): Partial<Arrangement> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}");
  } catch {
    return {};
  }
}
