import { asNumbers } from "../view_state.ts";
import { button, element, input, textElement } from "../dom.ts";
import type { Explorer } from "./explorer.ts";
import type { MapView } from "../map/map.ts";

/** The chosen document: its text, columns, topic path, copies, tags and true nearest neighbors. */
export class Reader {
  root: HTMLElement;
  explorer: Explorer;
  map: MapView;
  asked: number;

  constructor(root: HTMLElement, explorer: Explorer, map: MapView) {
    this.root = element(root, "article", "nx-reader", "atlas-reader");
    this.explorer = explorer;
    this.map = map;
    this.asked = 0;
    explorer.state.on(["focus", "annotations"], () => this.show());
    this.show();
  }

  async show() {
    const point = this.explorer.state.get("focus") ?? -1;
    const own = ++this.asked;
    if (point < 0) {
      this.map.overlay.neighbors = [];
      this.map.overlay.draw();
      this.root.replaceChildren();
      return;
    }
    const told = await this.explorer.request("read", { point });
    if (!told || own !== this.asked || this.explorer.state.signal.aborted) return;
    this.map.overlay.neighbors = told.neighbors;
    this.map.overlay.draw();
    this.fill(told);
  }

  fill(told: any) {
    const { root, explorer } = this;
    const top = root.scrollTop;
    const isSame = root.dataset.point === String(told.point);
    root.replaceChildren();
    root.dataset.point = String(told.point);
    const line = element(root, "div", "nx-line");
    textElement(line, "span", "nx-soft", `row ${told.row} · ${told.id}`);
    const pin = button(line, told.isPinned ? "Pinned" : "Pin", "Keep this document in the list of pinned ones", () => explorer.request("pin", { point: told.point, on: !told.isPinned }), "atlas-pin");
    pin.setAttribute("aria-pressed", String(told.isPinned));
    if (explorer.can.meaning) button(line, "More like this", "Find documents like this one", () => explorer.searchPane?.like([told.point]), "atlas-like-this");
    button(line, "×", "Let it go (Esc)", () => explorer.pick(-1), "atlas-close-reader");
    this.showPath(told.path);
    this.showTags(told);
    textElement(root, "div", "nx-text", told.text, "atlas-text");
    if (told.copies) this.showCopies(told.copies);
    this.showFields(told.fields);
    this.showNeighbors(told.neighbors);
    root.scrollTop = isSame ? top : 0;
  }

  showPath(path: {layer: number, topic: number, name: string}[]) {
    const line = element(this.root, "nav", "nx-path", "atlas-path");
    line.setAttribute("aria-label", "Topics, coarse to fine");
    if (!path.length) textElement(line, "span", "nx-soft", "no topic");
    path.forEach(({ layer, topic, name }, at) => {
      if (at) textElement(line, "span", "nx-soft", " › ");
      button(line, name, `Light the topic “${name}”`, async () => {
        const answer = await this.explorer.request("members", { kind: "topic", layer, topic });
        if (answer) this.explorer.state.highlight(asNumbers(answer.points, Uint32Array));
      }, undefined, "nx-link");
    });
  }

  showTags(told: any) {
    const { explorer } = this;
    const line = element(this.root, "div", "nx-chips", "atlas-reader-tags");
    const colors = new Map((explorer.state.get("annotations")?.tags ?? []).map((tag: any) => [tag.name, tag.color]));
    for (const name of told.tags) {
      const chip = button(line, `${name} ×`, `Take the tag “${name}” away`, () => explorer.request("untag", { name, points: [told.point] }), undefined, "nx-chip");
      chip.style.borderColor = ((colors.get(name) ?? "") as string);
    }
    const box = input(line, "Tag this document: a name, then Enter", "atlas-tag-document", "tag …");
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && box.value.trim()) explorer.request("tag", { name: box.value.trim(), points: [told.point] });
    });
  }

  showCopies(copies: any) {
    const { root, explorer } = this;
    textElement(root, "h2", "nx-heading", "Copies");
    const said = { keep: "kept; its copies:", drop: `a copy (${copies.kind}, similarity ${copies.similarity?.toFixed(3)}) of one kept:`, review: `to review (${copies.kind}, similarity ${copies.similarity?.toFixed(3)}):` };
    textElement(root, "p", "nx-soft", said[(copies.role as keyof typeof said)] ?? copies.role);
    const list = element(root, "ul", "nx-list", "atlas-reader-copies");
    for (const one of copies.documents.slice(0, 20)) {
      const open = button(element(list, "li", ""), "", one.text, () => explorer.pick(one.point), undefined, "nx-item");
      textElement(open, "span", `nx-role nx-role-${one.role}`, one.role);
      textElement(open, "span", "nx-hit-text", one.text);
    }
  }

  showFields(fields: [string, string][]) {
    if (!fields.length) return;
    const table = element(this.root, "table", "nx-fields", "atlas-fields");
    for (const [name, value] of fields) {
      const row = element(table, "tr", "");
      textElement(row, "th", "", name).setAttribute("scope", "row");
      textElement(row, "td", "", value);
    }
  }

  showNeighbors(neighbors: any[]) {
    if (!neighbors.length) return;
    textElement(this.root, "h2", "nx-heading", "Nearest in meaning");
    const list = element(this.root, "ol", "nx-list", "atlas-neighbors");
    for (const one of neighbors) {
      const open = button(element(list, "li", ""), "", `${one.topic}; similarity ${one.similarity.toFixed(3)}`, () => this.explorer.pick(one.point), undefined, "nx-item");
      textElement(open, "span", "nx-hit-text", one.text);
      textElement(open, "span", "nx-size", one.similarity.toFixed(2));
    }
  }
}
