import { followBeside } from "./beside.ts";
import { ViewState } from "./view_state.ts";
import { debounce, element } from "./dom.ts";
import { makeFilterChips } from "./panels/filter_chips.ts";
import { makeTimeline } from "./panels/timeline.ts";
import { Explorer } from "./panels/explorer.ts";
import { makeLegend } from "./map/legend.ts";
import { MapView } from "./map/map.ts";
import { makeSelectionBar } from "./map/selection_bar.ts";
import { pictureOf } from "./map/snapshot.ts";
import { followTheme } from "./theme.ts";
import { makeToolbar } from "./map/toolbar.ts";

const PICTURE_MS = 1500;

/** The map, bare or with its panes, in a notebook or a page. */
export function render({ model, el }: {model: any, el: HTMLElement}) {
  const state = new ViewState(model);
  const root = element(el, "div", "nx-root", "atlas");
  root.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys rest while one is typed here
  // It asks what has the focus before it asks what lies round it: two times "d" on the map would delete the cell.
  root.addEventListener("focusin", (event) => event.target instanceof HTMLElement && (event.target.dataset.lmSuppressShortcuts = "true"));
  state.effect(() => (root.dataset.waiting = String(state.nWaiting.value)));
  let isBeside = false;
  const setHeight = () => (root.style.height = model.get("height") > 0 && !isBeside ? `${model.get("height")}px` : "100%");
  setHeight();
  const explorer = model.get("panels") ? new Explorer(root, state) : undefined;
  root.classList.toggle("nx-explorer", explorer !== undefined);
  const unfollow = followTheme(root, state);
  const frame = explorer ? explorer.middle : element(root, "div", "nx-middle");
  makeFilterChips(element(frame, "div", "nx-above", "atlas-above"), state, explorer !== undefined);
  const stage = element(frame, "div", "nx-stage");
  const below = element(frame, "div", "nx-below", "atlas-below");
  const map = new MapView(stage, state);
  makeLegend(map, makeToolbar(map));
  explorer?.footer.prepend(map.status);
  makeSelectionBar(map, explorer);
  explorer?.fill(map);
  if (explorer) makeTimeline(below, state, explorer.columns);
  const rethemed = () => {
    map.themeChanged();
    map.showLegend?.();
  };
  root.addEventListener("nx-theme", rethemed);
  state.on(["height"], setHeight);
  followBeside(root, el, state, (moved) => {
    isBeside = moved;
    setHeight();
  });
  if (!explorer) {
    map.gestures.onPick = (point) => {
      state.set({ focus: point });
      if (point >= 0) model.send({ type: "pick", point });
    };
  }
  // A plotly chart beside the map measures itself before it is attached; it looks again when the window says it changed.
  const tellSize = () => {
    map.onRest = map.onRest.filter((act) => act !== tellSize);
    window.dispatchEvent(new Event("resize"));
  };
  if (explorer) map.onRest.push(tellSize);
  const keepPicture = debounce(() => model.get("keeps_picture") && state.set({ picture: pictureOf(map) }), PICTURE_MS);
  map.onRest.push(keepPicture);
  state.atEnd(() => keepPicture.cancel());
  return () => {
    unfollow();
    state.dispose();
    map.dispose();
    root.remove();
  };
}
