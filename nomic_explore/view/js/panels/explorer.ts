import { DuplicatesPane } from "./duplicates/pane.ts";
import { button, element, input, textElement } from "../dom.ts";
import { makeFilterPane } from "./filters.ts";
import { Columns } from "./columns.ts";
import { Reader } from "./reader.ts";
import { SearchPane } from "./search.ts";
import { makeTable } from "./table.ts";
import { makeTagPane } from "./tags.ts";
import { TopicPane } from "./topics/pane.ts";
import type { Question, RequestOf, ResponseOf } from "../protocol.ts";
import type { ViewState } from "../view_state.ts";
import type { MapView } from "../map/map.ts";

const NARROW = 1000; // pixels

/** The panes round the map: tools on the left, the reader on the right, a table below, a line that says what happened. */
export class Explorer {
  root: HTMLElement;
  state: ViewState;
  /** What this place can do: a page has no kernel and no model. */
  can: {kernel: boolean, meaning: boolean, questions: boolean, copies: boolean};
  side: HTMLElement;
  middle: HTMLElement;
  readerHost: HTMLElement;
  cardHost: HTMLElement;
  right: HTMLElement;
  bottom: HTMLElement;
  footer: HTMLElement;
  said: HTMLElement;
  columns: Columns;
  map: MapView | undefined;
  reader: Reader | undefined;
  searchPane: SearchPane | undefined;
  tabs: { name: string; show: (on: boolean) => void; }[] | undefined;
  table: (() => void) | undefined;

  constructor(root: HTMLElement, state: ViewState) {
    this.root = root;
    this.state = state;
    this.columns = new Columns(state, (error) => this.setStatus(String(error)));
    this.can = state.get("abilities") ?? { kernel: true, meaning: true, questions: true, copies: true };
    this.makeHeader();
    this.side = element(root, "aside", "nx-side", "atlas-side");
    this.middle = element(root, "main", "nx-middle");
    this.right = element(root, "aside", "nx-right", "atlas-right");
    this.readerHost = element(this.right, "div", "nx-reader-host");
    this.cardHost = element(this.right, "div", "nx-card-host");
    this.bottom = element(root, "section", "nx-bottom", "atlas-bottom");
    this.bottom.hidden = true;
    this.footer = element(root, "footer", "nx-footer");
    this.said = textElement(this.footer, "span", "nx-said", "", "atlas-said");
    this.said.setAttribute("role", "status");
    root.addEventListener("keydown", (event) => this.key(event), { signal: state.signal });
    this.watchWidth();
  }

  makeHeader() {
    const header = element(this.root, "header", "nx-header");
    const fold = (text: string, title: string, name: string) =>
      button(header, text, title, () => this.fold(name), `atlas-fold-${name}`, "nx-button nx-fold");
    fold("☰", "Fold or show the tools ([)", "side");
    textElement(header, "h1", "nx-title", this.state.get("title") ?? "");
    const history = element(header, "div", "nx-group");
    button(history, "Undo", "Take back the last edit (Ctrl+Z)", () => this.requestNote("undo"), "atlas-undo");
    button(history, "Redo", "Make it again (Ctrl+Shift+Z)", () => this.requestNote("redo"), "atlas-redo");
    if (this.can.kernel) button(history, "Refresh", "Read what other notebooks have tagged", () => this.requestNote("refresh"), "atlas-refresh");
    else button(history, "Save tags", "Download tags, names and views as a file", () => this.download("tags"), "atlas-save-tags");
    const folds = element(header, "div", "nx-group");
    for (const [text, title, name] of [["Table", "List the documents in view (T)", "bottom"], ["Reader", "Fold or show the reader (])", "right"]]) {
      button(folds, text, title, () => this.fold(name), `atlas-fold-${name}`);
    }
  }

  /** Below a certain width the reader lies over the map, and only while it is wanted. */
  watchWidth() {
    let wasNarrow = false;
    const watching = new ResizeObserver(() => {
      const isNarrow = this.root.clientWidth > 0 && this.root.clientWidth < NARROW;
      this.root.classList.toggle("nx-narrow", isNarrow);
      if (isNarrow !== wasNarrow) this.root.classList.toggle("nx-no-right", isNarrow);
      wasNarrow = isNarrow;
    });
    watching.observe(this.root);
    this.state.atEnd(() => watching.disconnect());
  }

  /** Fills the panes, once the map is there. */
  fill(map: MapView) {
    this.map = map;
    this.reader = new Reader(this.readerHost, this, map);
    this.searchPane = new SearchPane(this.side, this, map);
    const tabs = element(this.side, "div", "nx-tabs");
    tabs.setAttribute("role", "tablist");
    const panes: [string, string, (pane: HTMLElement) => void][] = [
      ["topics", "Topics", (pane) => new TopicPane(pane, this, map)],
      ["filters", "Filters", (pane) => makeFilterPane(pane, this.state, this.columns)],
      ["tags", "Tags", (pane) => makeTagPane(pane, this, map)],
    ];
    if (this.can.copies) panes.push(["copies", "Copies", (pane) => new DuplicatesPane(pane, this, map)]);
    this.tabs = panes.map(([name, text, make]) => this.makeTab(tabs, name, text, make));
    const showPane = () => this.showTab(this.state.get("pane") || "topics");
    this.state.on(["pane"], showPane);
    showPane();
    this.table = makeTable(this.bottom, this, map);
    map.gestures.onPick = (point) => this.pick(point);
  }

  makeTab(tabs: HTMLElement, name: string, text: string, make: (pane: HTMLElement) => void) {
    const tab = button(tabs, text, text, () => this.state.set({ pane: name }), `atlas-tab-${name}`, "nx-tab");
    tab.setAttribute("role", "tab");
    const pane = element(this.side, "div", "nx-pane", `atlas-pane-${name}`);
    pane.setAttribute("role", "tabpanel");
    pane.setAttribute("aria-label", text);
    let isMade = false;
    const show = (on: boolean) => {
      tab.setAttribute("aria-selected", String(on));
      pane.hidden = !on;
      if (on && !isMade) {
        isMade = true; // a pane that is never opened costs nothing
        make(pane);
      }
    };
    return { name, show };
  }

  /** @param name one that is not there shows the first */
  showTab(name: string) {
    const known = this.tabs?.some((tab) => tab.name === name);
    for (const tab of this.tabs ?? []) tab.show(tab.name === (known ? name : "topics"));
  }

  /** Shows a document in the reader and on the map; -1 lets it go. */
  pick(point: number) {
    this.state.set({ focus: point });
    if (this.root.classList.contains("nx-narrow")) this.root.classList.toggle("nx-no-right", point < 0);
    if (point >= 0) this.state.model.send({ type: "pick", point });
  }

  /** Folds a pane away, or brings it back. */
  fold(name: string) {
    if (name === "bottom") {
      this.bottom.hidden = !this.bottom.hidden;
      this.table?.();
    } else this.root.classList.toggle(`nx-no-${name}`);
  }

  /** Opens the right pane, for what a click or a selection shows there. */
  openRight() {
    this.root.classList.remove("nx-no-right");
  }

  /** @param text what happened */
  setStatus(text: string) {
    this.said.textContent = text;
  }

  /** Asks for an edit; says what went wrong. @returns nothing if it failed */
  async request<Q extends Question>(question: Q, request: RequestOf<Q>): Promise<ResponseOf<Q> | undefined> {
    try {
      return await this.state.ask(question, request);
    } catch (error) {
      this.setStatus(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  async requestNote(question: "undo" | "redo" | "refresh") {
    const answer = await this.request(question, {});
    if (answer) this.setStatus(answer.note);
  }

  async likeSelection() {
    await this.searchPane?.like();
  }

  async download(format: string) {
    const answer = await this.request("export", { format });
    if (!answer) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([answer.file]));
    link.download = answer.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    this.setStatus(`${answer.name} downloaded`);
  }

  askForSubset() {
    const line = element(this.footer, "span", "nx-ask");
    const folder = input(line, "Folder of the new exploration, then Enter", "atlas-subset-folder", "folder of the new exploration");
    folder.focus();
    folder.addEventListener("keydown", async (event) => {
      if (event.key === "Escape") line.remove();
      if (event.key !== "Enter" || !folder.value.trim()) return;
      this.setStatus("making the exploration …");
      const answer = await this.request("subset", { folder: folder.value.trim() });
      line.remove();
      if (answer) this.setStatus(answer.note);
    });
  }

  key(event: KeyboardEvent) {
    const typing = event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing) {
      event.preventDefault();
      this.requestNote(event.shiftKey ? "redo" : "undo");
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts: Record<string, () => void> = { "/": () => this.searchPane?.box.focus(), "[": () => this.fold("side"), "]": () => this.fold("right"), t: () => this.fold("bottom") };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }
}
