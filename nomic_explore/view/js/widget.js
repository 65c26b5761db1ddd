// @ts-check
import { Desk } from "./desk.js";
import { debounce, element } from "./dom.js";
import { Explorer } from "./explorer.js";
import { makeLegend } from "./legend.js";
import { MapView } from "./map.js";
import { makeSelectionBar } from "./selection_bar.js";
import { pictureOf } from "./snapshot.js";
import { followTheme } from "./theme.js";
import { makeToolbar } from "./toolbar.js";

const PICTURE_MS = 1500;

/** The map, bare or with its panes, in a notebook or a page. @param {{model: any, el: HTMLElement}} place */
export function render({ model, el }) {
  const desk = new Desk(model);
  const root = element(el, "div", "nx-root", "atlas");
  root.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys rest while one is typed here
  // It asks what has the focus before it asks what lies round it: two times "d" on the map would delete the cell.
  root.addEventListener("focusin", (event) => event.target instanceof HTMLElement && (event.target.dataset.lmSuppressShortcuts = "true"));
  const setHeight = () => (root.style.height = model.get("height") > 0 ? `${model.get("height")}px` : "100%");
  setHeight();
  const explorer = model.get("panels") ? new Explorer(root, desk) : undefined;
  root.classList.toggle("nx-explorer", explorer !== undefined);
  const unfollow = followTheme(root, desk);
  const map = new MapView(explorer ? explorer.middle : root, desk);
  makeToolbar(map);
  makeLegend(map);
  makeSelectionBar(map, explorer);
  explorer?.fill(map);
  const rethemed = () => {
    map.themeChanged();
    map.showLegend?.();
  };
  root.addEventListener("nx-theme", rethemed);
  desk.on(["height"], setHeight);
  if (!explorer) {
    map.gestures.onPick = (point) => {
      desk.set({ focus: point });
      if (point >= 0) model.send({ type: "pick", point });
    };
  }
  // A plotly chart beside the map measures itself before it is attached; it looks again when the window says it changed.
  const tellSize = () => {
    map.onRest = map.onRest.filter((act) => act !== tellSize);
    window.dispatchEvent(new Event("resize"));
  };
  if (explorer) map.onRest.push(tellSize);
  const keepPicture = debounce(() => model.get("keeps_picture") && desk.set({ picture: pictureOf(map) }), PICTURE_MS);
  map.onRest.push(keepPicture);
  desk.atEnd(() => keepPicture.cancel());
  return () => {
    unfollow();
    desk.dispose();
    map.dispose();
    root.remove();
  };
}
