import { DuplicatesPane } from "./duplicates/pane.ts";
import { render } from "lit-html";
import { button, count, element, input, saveFile, textElement } from "../dom.ts";
import { introduction, showHint } from "./first_hint.ts";
import { openKeys } from "./keys_dialog.ts";
import { makeFilterPane } from "./filters.ts";
import { Columns } from "./columns.ts";
import { messages } from "../messages.ts";
import { Reader } from "./reader.ts";
import { SearchPane } from "./search.ts";
import { SelectionCard } from "./selection_card.ts";
import { makeTable } from "./table.ts";
import { makeTagPane } from "./tags.ts";
import { TopicPane } from "./topics/pane.ts";
import type { Question, RequestOf, ResponseOf } from "../protocol.ts";
import type { ViewState } from "../view_state.ts";
import type { MapView } from "../map/map.ts";

const NARROW = 1000; // pixels: below, the reader lies over the map
const PHONE = 700; // and below this all panes do

/** The panes round the map: tools on the left, the reader on the right, a table below, a line that says what happened. */
export class Explorer {
  root: HTMLElement;
  state: ViewState;
  /** What this place can do: a page has no kernel and no model. */
  can: {kernel: boolean, meaning: boolean, questions: boolean, copies: boolean, like?: boolean};
  side: HTMLElement;
  middle: HTMLElement;
  introduction: HTMLElement;
  readerHost: HTMLElement;
  cardHost: HTMLElement;
  right: HTMLElement;
  bottom: HTMLElement;
  footer: HTMLElement;
  width: "phone" | "narrow" | "wide" = "wide";
  statusLine: HTMLElement;
  columns: Columns;
  map: MapView | undefined;
  reader: Reader | undefined;
  searchPane: SearchPane | undefined;
  selectionCard: SelectionCard | undefined;
  tabs: { name: string; show: (on: boolean) => void; }[] | undefined;
  topics: TopicPane | undefined;
  table: (() => void) | undefined;

  constructor(root: HTMLElement, state: ViewState) {
    this.root = root;
    this.state = state;
    this.columns = new Columns(state, (error) => this.setStatus(String(error)));
    this.can = state.get("abilities") ?? { kernel: true, meaning: true, questions: true, copies: true };
    this.makeHeader();
    this.side = labelled(element(root, "aside", "nx-side", "atlas-side"), messages.frame.sideLabel);
    this.middle = element(root, "main", "nx-middle");
    this.right = labelled(element(root, "aside", "nx-right", "atlas-right"), messages.frame.rightLabel);
    this.right.tabIndex = -1;
    root.classList.add("nx-no-right"); // opened by the first click
    this.introduction = element(this.right, "div", "nx-introduction", "atlas-introduction");
    this.readerHost = element(this.right, "div", "nx-reader-host");
    this.cardHost = element(this.right, "div", "nx-card-host");
    this.bottom = labelled(element(root, "section", "nx-bottom", "atlas-bottom"), messages.frame.table);
    this.bottom.hidden = true;
    this.footer = element(root, "footer", "nx-footer");
    this.statusLine = textElement(this.footer, "span", "nx-said", "", "atlas-said");
    this.statusLine.setAttribute("role", "status");
    root.addEventListener("keydown", (event) => this.key(event), { signal: state.signal });
    // What the status line states of a highlight or a selection is not true any more once both are gone.
    state.on(["hits", "selected"], () => !state.hits.length && !state.nSelected && this.setStatus(""));
    this.watchWidth();
    if (!this.can.kernel) this.hearWholePage();
  }

  /** In a page of its own, keys work before anything was clicked: the map gets those that nothing else has. */
  hearWholePage() {
    const pass = (event: KeyboardEvent) => {
      const canvas = this.map?.canvas;
      if (event.target !== document.body || !canvas || canvas.dispatchEvent(new KeyboardEvent("keydown", event))) return;
      event.preventDefault();
      if (document.activeElement === document.body) canvas.focus({ preventScroll: true });
    };
    document.addEventListener("keydown", pass, { signal: this.state.signal });
  }

  makeHeader() {
    const { frame } = messages;
    const header = element(this.root, "header", "nx-header");
    const fold = (parent: Element, text: string, title: string, name: string, className?: string) =>
      button(parent, text, title, () => this.fold(name), `atlas-fold-${name}`, className);
    fold(header, "☰", frame.sideHint, "side", "nx-button nx-fold");
    const titles = element(header, "div", "nx-header-titles");
    textElement(titles, "h1", "nx-title", this.state.get("title") ?? "").dir = "auto";
    textElement(titles, "p", "nx-subtitle", frame.subtitle(count(this.state.n)), "atlas-subtitle");
    const acts = element(header, "div", "nx-header-acts");
    const history = element(acts, "div", "nx-group");
    button(history, frame.undo, frame.undoHint, () => this.requestNote("undo"), "atlas-undo").dataset.icon = "undo";
    button(history, frame.redo, frame.redoHint, () => this.requestNote("redo"), "atlas-redo").dataset.icon = "redo";
    if (this.can.kernel) button(history, frame.refresh, frame.refreshHint, () => this.requestNote("refresh"), "atlas-refresh").dataset.icon = "refresh";
    else button(history, frame.saveTags, frame.saveTagsHint, () => this.download("tags"), "atlas-save-tags").dataset.icon = "save";
    const folds = element(acts, "div", "nx-group");
    fold(folds, frame.table, frame.tableHint, "bottom").dataset.icon = "table";
    fold(folds, frame.reader, frame.readerHint, "right");
    button(acts, "?", frame.keysHint, () => openKeys(this.root), "atlas-show-keys");
  }

  /** Where there is little room, panes lie over the map, and only while they are wanted. */
  watchWidth() {
    const watching = new ResizeObserver(() => {
      const { clientWidth } = this.root;
      if (clientWidth) this.setWidth(clientWidth < PHONE ? "phone" : clientWidth < NARROW ? "narrow" : "wide");
    });
    watching.observe(this.root);
    this.state.atEnd(() => watching.disconnect());
  }

  setWidth(width: typeof this.width) {
    if (width === this.width) return;
    const { classList } = this.root;
    if (width === "phone" || this.width === "phone") classList.toggle("nx-no-side", width === "phone");
    if (width !== "wide") classList.add("nx-no-right");
    this.width = width;
    classList.toggle("nx-narrow", width === "narrow");
    classList.toggle("nx-phone", width === "phone");
  }

  /** Fills the panes, once the map is there. */
  fill(map: MapView) {
    this.map = map;
    this.introduce();
    this.reader = new Reader(this.readerHost, this, map);
    this.searchPane = new SearchPane(this.side, this);
    this.selectionCard = new SelectionCard(this);
    const tabs = element(this.side, "div", "nx-tabs");
    tabs.setAttribute("role", "tablist");
    tabs.setAttribute("aria-label", messages.frame.tabsLabel);
    tabs.addEventListener("keydown", (event) => moveAlongTabs(tabs, event));
    const texts = messages.frame.panes;
    const panes: [string, string, (pane: HTMLElement) => void][] = [
      ["topics", texts.topics, (pane) => (this.topics = new TopicPane(pane, this, map))],
      ["filters", texts.filters, (pane) => makeFilterPane(pane, this.state, this.columns)],
      ["tags", texts.tags, (pane) => makeTagPane(pane, this, map)],
    ];
    if (this.can.copies) panes.push(["copies", texts.copies, (pane) => new DuplicatesPane(pane, this, map)]);
    this.tabs = panes.map(([name, text, make]) => this.makeTab(tabs, name, text, make));
    const showPane = () => this.showTab(this.state.get("pane") || "topics");
    this.state.on(["pane"], showPane);
    showPane();
    this.table = makeTable(this.bottom, this, map);
    map.gestures.onPick = (point) => this.pick(point);
    map.onTopic = (place) => {
      this.state.set({ pane: "topics" });
      this.topics?.reveal(place);
    };
  }

  makeTab(tabs: HTMLElement, name: string, text: string, make: (pane: HTMLElement) => void) {
    const tab = button(tabs, text, "", () => this.chooseTab(name), `atlas-tab-${name}`, "nx-tab");
    tab.removeAttribute("title");
    tab.setAttribute("role", "tab");
    const heading = textElement(this.side, "h2", "nx-unseen", text);
    const pane = labelled(element(this.side, "div", "nx-pane", `atlas-pane-${name}`), text);
    pane.setAttribute("role", "tabpanel");
    pane.tabIndex = 0; // what scrolls can be scrolled by keys
    let isMade = false;
    const show = (on: boolean) => {
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      pane.hidden = heading.hidden = !on;
      if (on && !isMade) {
        isMade = true; // a pane that is never opened costs nothing
        make(pane);
      }
    };
    return { name, show };
  }

  /** Shows a pane; on a phone, where it lies over the map, a second tap takes it away. */
  chooseTab(name: string) {
    const { classList } = this.root;
    const isOpen = !classList.contains("nx-no-side") && (this.state.get("pane") || "topics") === name;
    if (this.width === "phone") classList.toggle("nx-no-side", isOpen);
    if (this.width === "phone" && !isOpen) classList.add("nx-no-right");
    this.state.set({ pane: name });
  }

  /** @param name one that is not there shows the first */
  showTab(name: string) {
    const known = this.tabs?.some((tab) => tab.name === name);
    for (const tab of this.tabs ?? []) tab.show(tab.name === (known ? name : "topics"));
  }

  /** Shows a document in the reader and on the map; -1 closes it. */
  pick(point: number) {
    this.state.set({ focus: point });
    if (point >= 0) this.openRight();
    else if (this.width !== "wide") this.root.classList.add("nx-no-right");
    if (point >= 0) this.state.model.send({ type: "pick", point });
  }

  /** Folds a pane away, or brings it back. */
  fold(name: string) {
    if (name === "bottom") {
      this.bottom.hidden = !this.bottom.hidden;
      this.table?.();
    } else if (name === "right") this.turnRight();
    else this.root.classList.toggle(`nx-no-${name}`);
  }

  /** Opens the right pane, for what a click or a selection shows there. */
  openRight() {
    const { classList } = this.root;
    if (!classList.contains("nx-no-right")) return;
    if (this.width === "phone") classList.add("nx-no-side");
    this.turnRight();
  }

  /** Opens or closes the right pane; the points stay where they are on the screen. */
  private turnRight() {
    const turn = () => this.root.classList.toggle("nx-no-right");
    if (this.map) this.map.keepPlace(turn);
    else turn();
  }

  /** Says what the map is, in the empty reader and, until something is done, on the map. */
  introduce() {
    render(introduction(this), this.introduction);
    this.state.effect(() => {
      const isIdle = (this.state.trait("focus").value ?? -1) < 0 && !this.state.trait("selected").value?.byteLength;
      this.introduction.hidden = !isIdle;
    });
    showHint(this, this.map!.root);
  }

  /** Searches for something as if it had been typed. */
  searchFor(query: string) {
    if (!this.searchPane) return;
    this.searchPane.box.value = query;
    this.searchPane.fresh();
  }

  /** @param text what happened */
  setStatus(text: string) {
    this.statusLine.textContent = text;
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
    saveFile(answer.name, answer.file);
    this.setStatus(messages.frame.downloaded(answer.name));
  }

  askForSubset() {
    const line = element(this.footer, "span", "nx-ask");
    const folder = input(line, messages.frame.subsetHint, "atlas-subset-folder", messages.frame.subsetPlaceholder);
    folder.focus();
    folder.addEventListener("keydown", async (event) => {
      if (event.key === "Escape") line.remove();
      if (event.key !== "Enter" || !folder.value.trim()) return;
      this.setStatus(messages.frame.makingSubset);
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
    const acts: Record<string, () => void> = {
      "/": () => this.searchPane?.box.focus(),
      "[": () => this.fold("side"),
      "]": () => this.fold("right"),
      "?": () => openKeys(this.root),
      t: () => this.fold("bottom"),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }
}

function labelled(made: HTMLElement, label: string) {
  made.setAttribute("aria-label", label);
  return made;
}

/** Arrow keys move along the tabs and choose them. */
function moveAlongTabs(tabs: HTMLElement, event: KeyboardEvent) {
  const all = [...tabs.children] as HTMLElement[];
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const next = all[(all.indexOf(document.activeElement as HTMLElement) + step + all.length) % all.length];
  next.focus();
  next.click();
  event.preventDefault();
}
