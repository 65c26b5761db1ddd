// @ts-check
import { asNumbers } from "./desk.js";
import { button, element, input, words } from "./dom.js";

/** The chosen document: its text, columns, topic path, copies, tags and true nearest neighbours. */
export class Reader {
  /** @param {HTMLElement} root @param {import("./explorer.js").Explorer} explorer @param {import("./map.js").MapView} map */
  constructor(root, explorer, map) {
    this.root = element(root, "article", "nx-reader", "atlas-reader");
    this.explorer = explorer;
    this.map = map;
    this.asked = 0;
    explorer.desk.on(["focus", "annotations"], () => this.show());
    this.show();
  }

  async show() {
    const point = this.explorer.desk.get("focus") ?? -1;
    const own = ++this.asked;
    if (point < 0) {
      this.map.overlay.neighbors = [];
      this.map.overlay.draw();
      this.root.replaceChildren();
      words(this.root, "p", "nx-soft", "Click a document on the map to read it here.");
      return;
    }
    const told = await this.explorer.does("read", { point });
    if (!told || own !== this.asked || this.explorer.desk.signal.signal.aborted) return;
    this.map.overlay.neighbors = told.neighbors;
    this.map.overlay.draw();
    this.fill(told);
  }

  /** @param {any} told */
  fill(told) {
    const { root, explorer } = this;
    const top = root.scrollTop;
    const isSame = root.dataset.point === String(told.point);
    root.replaceChildren();
    root.dataset.point = String(told.point);
    const line = element(root, "div", "nx-line");
    words(line, "span", "nx-soft", `row ${told.row} · ${told.id}`);
    const pin = button(line, told.isPinned ? "Pinned" : "Pin", "Keep this document in the list of pinned ones", () => explorer.does("pin", { point: told.point, on: !told.isPinned }), "atlas-pin");
    pin.setAttribute("aria-pressed", String(told.isPinned));
    if (explorer.can.meaning) button(line, "More like this", "Find documents like this one", () => explorer.searchPane?.like([told.point]), "atlas-like-this");
    button(line, "×", "Let it go (Esc)", () => explorer.pick(-1), "atlas-close-reader");
    this.showPath(told.path);
    this.showTags(told);
    words(root, "div", "nx-text", told.text, "atlas-text");
    if (told.copies) this.showCopies(told.copies);
    this.showFields(told.fields);
    this.showNeighbors(told.neighbors);
    root.scrollTop = isSame ? top : 0;
  }

  /** @param {{layer: number, topic: number, name: string}[]} path */
  showPath(path) {
    const line = element(this.root, "nav", "nx-path", "atlas-path");
    line.setAttribute("aria-label", "Topics, coarse to fine");
    if (!path.length) words(line, "span", "nx-soft", "no topic");
    path.forEach(({ layer, topic, name }, at) => {
      if (at) words(line, "span", "nx-soft", " › ");
      button(line, name, `Light the topic “${name}”`, async () => {
        const answer = await this.explorer.does("members", { kind: "topic", layer, topic });
        if (answer) this.explorer.desk.light(asNumbers(answer.points, Uint32Array));
      }, undefined, "nx-link");
    });
  }

  /** @param {any} told */
  showTags(told) {
    const { explorer } = this;
    const line = element(this.root, "div", "nx-chips", "atlas-reader-tags");
    const colors = new Map((explorer.desk.get("annotations")?.tags ?? []).map((/** @type {any} */ tag) => [tag.name, tag.color]));
    for (const name of told.tags) {
      const chip = button(line, `${name} ×`, `Take the tag “${name}” away`, () => explorer.does("untag", { name, points: [told.point] }), undefined, "nx-chip");
      chip.style.borderColor = /** @type {string} */ (colors.get(name) ?? "");
    }
    const box = input(line, "Tag this document: a name, then Enter", "atlas-tag-document", "tag …");
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && box.value.trim()) explorer.does("tag", { name: box.value.trim(), points: [told.point] });
    });
  }

  /** @param {any} copies */
  showCopies(copies) {
    const { root, explorer } = this;
    words(root, "h2", "nx-heading", "Copies");
    const said = { keep: "kept; its copies:", drop: `a copy (${copies.kind}, similarity ${copies.similarity?.toFixed(3)}) of one kept:`, review: `to review (${copies.kind}, similarity ${copies.similarity?.toFixed(3)}):` };
    words(root, "p", "nx-soft", said[/** @type {keyof typeof said} */ (copies.role)] ?? copies.role);
    const list = element(root, "ul", "nx-list", "atlas-reader-copies");
    for (const one of copies.documents.slice(0, 20)) {
      const open = button(element(list, "li", ""), "", one.text, () => explorer.pick(one.point), undefined, "nx-item");
      words(open, "span", `nx-role nx-role-${one.role}`, one.role);
      words(open, "span", "nx-hit-text", one.text);
    }
  }

  /** @param {[string, string][]} fields */
  showFields(fields) {
    if (!fields.length) return;
    const table = element(this.root, "table", "nx-fields", "atlas-fields");
    for (const [name, value] of fields) {
      const row = element(table, "tr", "");
      words(row, "th", "", name).setAttribute("scope", "row");
      words(row, "td", "", value);
    }
  }

  /** @param {any[]} neighbors */
  showNeighbors(neighbors) {
    if (!neighbors.length) return;
    words(this.root, "h2", "nx-heading", "Nearest in meaning");
    const list = element(this.root, "ol", "nx-list", "atlas-neighbors");
    for (const one of neighbors) {
      const open = button(element(list, "li", ""), "", `${one.topic}; similarity ${one.similarity.toFixed(3)}`, () => this.explorer.pick(one.point), undefined, "nx-item");
      words(open, "span", "nx-hit-text", one.text);
      words(open, "span", "nx-size", one.similarity.toFixed(2));
    }
  }
}
