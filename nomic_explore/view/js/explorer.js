// @ts-check
import { CopiesPane } from "./copies_pane.js";
import { button, element, input, words } from "./dom.js";
import { makeFilterPane } from "./filter_pane.js";
import { Reader } from "./reader.js";
import { SearchPane } from "./search_pane.js";
import { makeTable } from "./table.js";
import { makeTagPane } from "./tag_pane.js";
import { TopicPane } from "./topic_pane.js";

const NARROW = 1000; // pixels

/** The panes round the map: tools on the left, the reader on the right, a table below, a line that says what happened. */
export class Explorer {
  /** @param {HTMLElement} root @param {import("./desk.js").Desk} desk */
  constructor(root, desk) {
    this.root = root;
    this.desk = desk;
    /** What this place can do: a page has no kernel and no model. @type {{kernel: boolean, meaning: boolean, questions: boolean, copies: boolean}} */
    this.can = desk.get("abilities") ?? { kernel: true, meaning: true, questions: true, copies: true };
    this.makeHeader();
    this.side = element(root, "aside", "nx-side", "atlas-side");
    this.middle = element(root, "main", "nx-middle");
    this.right = element(root, "aside", "nx-right", "atlas-right");
    this.bottom = element(root, "section", "nx-bottom", "atlas-bottom");
    this.bottom.hidden = true;
    this.footer = element(root, "footer", "nx-footer");
    this.said = words(this.footer, "span", "nx-said", "", "atlas-said");
    this.said.setAttribute("role", "status");
    root.addEventListener("keydown", (event) => this.key(event), { signal: desk.signal.signal });
    this.watchWidth();
  }

  makeHeader() {
    const header = element(this.root, "header", "nx-header");
    const fold = (/** @type {string} */ text, /** @type {string} */ title, /** @type {string} */ name) =>
      button(header, text, title, () => this.fold(name), `atlas-fold-${name}`, "nx-button nx-fold");
    fold("☰", "Fold or show the tools ([)", "side");
    words(header, "h1", "nx-title", this.desk.get("title") ?? "");
    const history = element(header, "div", "nx-group");
    button(history, "Undo", "Take back the last edit (Ctrl+Z)", () => this.tell("undo"), "atlas-undo");
    button(history, "Redo", "Make it again (Ctrl+Shift+Z)", () => this.tell("redo"), "atlas-redo");
    if (this.can.kernel) button(history, "Refresh", "Read what other notebooks have tagged", () => this.tell("refresh"), "atlas-refresh");
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
    this.desk.atEnd(() => watching.disconnect());
  }

  /** Fills the panes, once the map is there. @param {import("./map.js").MapView} map */
  fill(map) {
    this.map = map;
    this.reader = new Reader(this.right, this, map);
    this.searchPane = new SearchPane(this.side, this, map);
    const tabs = element(this.side, "div", "nx-tabs");
    tabs.setAttribute("role", "tablist");
    /** @type {[string, string, (pane: HTMLElement) => void][]} */
    const panes = [
      ["topics", "Topics", (pane) => new TopicPane(pane, this, map)],
      ["filters", "Filters", (pane) => makeFilterPane(pane, this)],
      ["tags", "Tags", (pane) => makeTagPane(pane, this, map)],
    ];
    if (this.can.copies) panes.push(["copies", "Copies", (pane) => new CopiesPane(pane, this, map)]);
    this.tabs = panes.map(([name, text, make]) => this.makeTab(tabs, name, text, make));
    const showPane = () => this.showTab(this.desk.get("pane") || "topics");
    this.desk.on(["pane"], showPane);
    showPane();
    this.table = makeTable(this.bottom, this, map);
    map.gestures.onPick = (point) => this.pick(point);
  }

  /** @param {HTMLElement} tabs @param {string} name @param {string} text @param {(pane: HTMLElement) => void} make */
  makeTab(tabs, name, text, make) {
    const tab = button(tabs, text, text, () => this.desk.set({ pane: name }), `atlas-tab-${name}`, "nx-tab");
    tab.setAttribute("role", "tab");
    const pane = element(this.side, "div", "nx-pane", `atlas-pane-${name}`);
    pane.setAttribute("role", "tabpanel");
    pane.setAttribute("aria-label", text);
    let isMade = false;
    const show = (/** @type {boolean} */ on) => {
      tab.setAttribute("aria-selected", String(on));
      pane.hidden = !on;
      if (on && !isMade) {
        isMade = true; // a pane that is never opened costs nothing
        make(pane);
      }
    };
    return { name, show };
  }

  /** @param {string} name one that is not there shows the first */
  showTab(name) {
    const known = this.tabs?.some((tab) => tab.name === name);
    for (const tab of this.tabs ?? []) tab.show(tab.name === (known ? name : "topics"));
  }

  /** Shows a document in the reader and on the map; -1 lets it go. @param {number} point */
  pick(point) {
    this.desk.set({ focus: point });
    if (this.root.classList.contains("nx-narrow")) this.root.classList.toggle("nx-no-right", point < 0);
    if (point >= 0) this.desk.model.send({ type: "pick", point });
  }

  /** Folds a pane away, or brings it back. @param {string} name */
  fold(name) {
    if (name === "bottom") {
      this.bottom.hidden = !this.bottom.hidden;
      this.table?.();
    } else this.root.classList.toggle(`nx-no-${name}`);
  }

  /** @param {string} text what happened */
  say(text) {
    this.said.textContent = text;
  }

  /** Asks for an edit; says what went wrong. @param {string} question @param {Record<string, unknown>} args @returns {Promise<any>} nothing if it failed */
  async does(question, args) {
    try {
      return await this.desk.ask(question, args);
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** @param {string} question undo, redo or refresh */
  async tell(question) {
    const answer = await this.does(question, {});
    if (answer) this.say(answer.note);
  }

  async likeSelection() {
    await this.searchPane?.like();
  }

  /** @param {string} format */
  async download(format) {
    const answer = await this.does("export", { format });
    if (!answer) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([answer.file]));
    link.download = answer.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    this.say(`${answer.name} downloaded`);
  }

  askForSubset() {
    const line = element(this.footer, "span", "nx-ask");
    const folder = input(line, "Folder of the new exploration, then Enter", "atlas-subset-folder", "folder of the new exploration");
    folder.focus();
    folder.addEventListener("keydown", async (event) => {
      if (event.key === "Escape") line.remove();
      if (event.key !== "Enter" || !folder.value.trim()) return;
      this.say("making the exploration …");
      const answer = await this.does("subset", { folder: folder.value.trim() });
      line.remove();
      if (answer) this.say(answer.note);
    });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const typing = event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing) {
      event.preventDefault();
      this.tell(event.shiftKey ? "redo" : "undo");
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, () => void>} */
    const acts = { "/": () => this.searchPane?.box.focus(), "[": () => this.fold("side"), "]": () => this.fold("right"), t: () => this.fold("bottom") };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }
}
