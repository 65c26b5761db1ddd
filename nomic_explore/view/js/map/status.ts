import { messages } from "../messages.ts";
import type { MapView } from "./map.ts";

const texts = messages.map;

/** What the status line says: how much is shown; and its tooltip: what is drawn of it, by what, and why not all. */
export function describeMap(map: MapView, drawn: number, inView: number | undefined): [string, string] {
  const { state, nFiltered, nHidden, glowing } = map;
  const nHighlighted = (glowing ?? state.hits).length;
  const parts = [texts.documents(state.n)];
  if (nFiltered) parts.push(texts.passing(state.n - nFiltered));
  if (nHidden) parts.push(texts.hidden(nHidden));
  if (nHighlighted) parts.push(texts.highlighted(nHighlighted));
  if (state.nSelected) parts.push(texts.selected(state.nSelected));
  const details = [map.renderer.kind];
  if (map.done < 1) details.push(map.moving ? texts.drawnMoving(drawn) : texts.drawnSoFar(drawn));
  else details.push(inView === undefined ? texts.allDrawn : texts.drawnNear(drawn));
  if (!state.grid.isReady) details.push(texts.preparing);
  return [parts.join(" · "), details.join(" · ")];
}
