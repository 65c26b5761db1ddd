// @ts-check
import { AtlasMap } from "./map.js";

/** The map in a notebook: traits in, selection and picks out, hover texts asked from the kernel. @param {{model: any, el: HTMLElement}} place */
export function render({ model, el }) {
  /** @type {Map<number, (told: {title: string, text: string} | null) => void>} */
  const waiting = new Map();
  const map = new AtlasMap(
    el,
    {
      describe: (point) =>
        new Promise((resolve) => {
          waiting.forEach((drop) => drop(null));
          waiting.clear();
          waiting.set(point, resolve);
          model.send({ type: "describe", point });
        }),
      onPick: (point) => model.send({ type: "pick", point }),
      onSelect: (points) => {
        model.set("selected", new DataView(points.buffer, points.byteOffset, points.byteLength));
        model.save_changes();
      },
    },
    model.get("height"),
  );
  const load = () =>
    map.setData({
      positions: view(model.get("positions"), Float32Array),
      colors: view(model.get("colors"), Uint16Array),
      palettes: model.get("palettes"),
      labels: model.get("labels"),
    });
  const answer = (/** @type {{type: string, point: number, title: string, text: string}} */ message) => {
    if (message.type !== "described") return;
    waiting.get(message.point)?.(message);
    waiting.delete(message.point);
  };
  const changes = {
    "change:positions": load,
    "change:selected": () => map.setSelected(view(model.get("selected"), Uint32Array)),
    "change:hits": () => map.setHits(view(model.get("hits"), Uint32Array)),
    "change:focus": () => map.setFocus(model.get("focus")),
    "msg:custom": answer,
  };
  load();
  map.setSelected(view(model.get("selected"), Uint32Array));
  map.setHits(view(model.get("hits"), Uint32Array));
  for (const [name, act] of Object.entries(changes)) model.on(name, act);
  return () => {
    for (const [name, act] of Object.entries(changes)) model.off(name, act);
    map.dispose();
  };
}

/** A copy of a binary trait as numbers. @template T @param {DataView} data @param {new (buffer: ArrayBuffer) => T} kind @returns {T} */
function view(data, kind) {
  return new kind(/** @type {ArrayBuffer} */ (data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)));
}
