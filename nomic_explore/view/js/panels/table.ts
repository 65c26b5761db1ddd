import { holds } from "../bitmask.ts";
import { button, count, debounce, element, textElement } from "../dom.ts";
import type { Explorer } from "./explorer.ts";
import type { MapView } from "../map/map.ts";

const SHOWN = 100;

/** The table twin of the map: the documents in view that are not greyed, as rows. It is what a screen reader reads. @returns fills the table, if it is open */
export function makeTable(host: HTMLElement, explorer: Explorer, map: MapView): () => void {
  const { state } = explorer;
  const told = textElement(host, "div", "nx-soft", "", "atlas-table-told");
  const frame = element(host, "div", "nx-table-frame");
  const table = element(frame, "table", "nx-table", "atlas-table");
  table.setAttribute("aria-label", "Documents in view");
  let asked = 0;
  const fill = async () => {
    if (host.hidden) return;
    const own = ++asked;
    const { points, total } = seen(map, SHOWN);
    const answer = await explorer.request("rows", { points });
    if (!answer || own !== asked) return;
    told.textContent = `${count(total)} documents in view${total > points.length ? `, ${count(points.length)} of them listed` : ""}`;
    table.replaceChildren();
    const head = element(element(table, "thead", ""), "tr", "");
    for (const name of ["row", "topic", "text"]) textElement(head, "th", "", name).setAttribute("scope", "col");
    const body = element(table, "tbody", "");
    for (const one of answer.rows) {
      const row = element(body, "tr", "");
      textElement(row, "td", "nx-size", String(one.row));
      textElement(row, "td", "", one.topic);
      button(element(row, "td", ""), one.text, "Read it", () => explorer.pick(one.point), "atlas-table-row", "nx-link");
    }
  };
  const later = debounce(fill, 250);
  state.on(["filtered", "selected", "hits"], later);
  map.onRest.push(later);
  state.atEnd(() => later.cancel());
  return fill;
}

/** Points in view that are not grey: the selected or found ones first if there are any. */
export function seen(map: MapView, most: number) {
  const { state, camera } = map;
  const { positions, n } = state;
  const filtered = state.numbers("filtered", Uint8Array);
  const lit = state.selected.length || state.hits.length;
  const [left, low, right, high] = camera.box();
  const points = [];
  let total = 0;
  for (let point = 0; point < n; point++) {
    const [x, y] = [positions[2 * point], positions[2 * point + 1]];
    if (x < left || x > right || y < low || y > high) continue;
    if (lit ? map.states[point] !== 2 : filtered.length && holds(filtered, point)) continue;
    total++;
    if (points.length < most) points.push(point);
  }
  return { points, total };
}
