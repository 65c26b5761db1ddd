import { asNumbers } from "../../view_state.ts";
import type { Explorer } from "../explorer.ts";
import type { MapView } from "../../map/map.ts";
import type { DocumentLine } from "../../protocol.ts";

const SLOW_MS = 80; // three frames
const SAMPLE = 15_000; // points drawn while the threshold moves, where all take too long
const REST_MS = 400;

/** A document of a group; where its match is on the map is known in a notebook only. */
type Member = DocumentLine & { role: string; partnerPoint?: number };

/** What the map shows of duplicates: halos and lines of a group, a preview of roles, kept documents alone and their density. */
export class DuplicateMarks {
  explorer: Explorer;
  map: MapView;
  isCollapsed: boolean;
  isAfter: boolean;
  /** colors of the roles, light and dark */
  palettes: Record<string, string[]> | undefined;
  /** what this object highlighted last */
  lit: number[];
  asked: number;
  /** whether all points take too long to draw while the threshold is dragged */
  private isSlow = false;

  constructor(explorer: Explorer, map: MapView) {
    this.explorer = explorer;
    this.map = map;
    this.isCollapsed = false;
    this.isAfter = false;
    this.palettes = undefined;
    this.lit = [];
    this.asked = 0;
    explorer.state.on(["hits"], () => {
      const { hits } = explorer.state;
      if (hits.length !== this.lit.length || this.lit.some((point, at) => point !== hits[at])) this.mark([], []);
    });
    map.root.dataset.collapsed = "false";
  }

  /** Highlights the documents of a group: a halo round a kept one, a line from each other one to its match. */
  highlight(documents: Member[]) {
    const { state } = this.explorer;
    const placed = documents.filter((one) => one.point >= 0);
    this.lit = placed.map((one) => one.point);
    state.highlight(this.lit);
    const links = placed.flatMap(({ point, partnerPoint, role }) => {
      return partnerPoint !== undefined && partnerPoint >= 0 && partnerPoint !== point ? [{ from: point, to: partnerPoint, isSure: role === "drop" }] : [];
    });
    const kept = placed.filter((one) => one.role === "keep").map((one) => one.point);
    this.mark(kept, links);
    const first = kept[0] ?? placed[0]?.point;
    if (first !== undefined) this.map.lookAt(...this.map.placeOf(first));
  }

  mark(halos: number[], links: {from: number, to: number, isSure: boolean}[]) {
    const { overlay } = this.map;
    if (!halos.length && !links.length && !overlay.halos.length && !overlay.links.length) return;
    overlay.halos = halos;
    overlay.links = links;
    overlay.draw();
  }

  /** Colors the points by roles that are not decided yet; undefined gives the colors back. @param roles one byte a point */
  preview(roles: DataView | undefined) {
    const colors = roles && this.palettes ? asNumbers(roles, Uint8Array) : undefined;
    const hidden = colors && this.isCollapsed ? maskOfRole(colors, 3) : undefined;
    this.map.instead({ colors, palettes: colors && this.palettes, ...(hidden ? { hidden } : {}) });
    if (colors && this.isSlow) this.drawSample();
    else if (colors) this.timeFrames();
  }

  /** Notes whether drawing all points takes longer than a threshold should that is dragged. */
  private timeFrames() {
    const start = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => (this.isSlow ||= performance.now() - start > SLOW_MS))));
  }

  /** Draws some of the points until the threshold rests, as while the view moves. */
  private drawSample() {
    const { map } = this;
    map.pace.budget = Math.min(map.pace.budget, SAMPLE);
    map.move();
    clearTimeout(map.rest);
    map.rest = setTimeout(() => map.settle(), REST_MS);
  }

  /** @param on whether dropped documents are hidden, and kept ones grow with those that duplicate them */
  collapse(on: boolean) {
    this.isCollapsed = on;
    return this.refresh();
  }

  /** @param on whether the haze below the points is that of kept documents */
  showAfter(on: boolean) {
    this.isAfter = on;
    return this.refresh();
  }

  /** Takes up the decisions as they are now. */
  async refresh() {
    const own = ++this.asked;
    const { explorer, isCollapsed, isAfter } = this;
    const [thin, density] = await Promise.all([isCollapsed ? explorer.request("collapsed", {}) : undefined, isAfter ? explorer.request("density_of_kept", {}) : undefined]);
    if (own !== this.asked || explorer.state.signal.aborted) return;
    this.map.instead({
      colors: undefined,
      palettes: undefined,
      hidden: thin && asNumbers(thin.hidden, Uint8Array),
      sizes: thin && asNumbers(thin.sizes, Uint8Array),
      density: density && asNumbers(density.density, Uint8Array),
    });
    this.map.root.dataset.collapsed = String(Boolean(thin));
  }
}

/** The points of a role, one bit each. */
function maskOfRole(codes: Uint8Array, code: number) {
  const mask = new Uint8Array((codes.length + 7) >> 3);
  for (let at = 0; at < codes.length; at++) if (codes[at] === code) mask[at >> 3] |= 1 << (at & 7);
  return mask;
}
