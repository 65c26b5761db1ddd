import { clamp } from "../../map/camera.ts";
import { element } from "../../dom.ts";

const NS = "http://www.w3.org/2000/svg";
const HEIGHT = 54;

/** Bars over a range of values, with a brush: drag over them to choose a range, click to choose all again. @returns shows a range that was chosen elsewhere */
export function makeHistogram(parent: HTMLElement, { counts, low, high }: {counts: number[], low: number, high: number}, onRange: (range: [number, number] | undefined) => void): (range: [number, number] | undefined) => void {
  const root = element(parent, "div", "nx-histogram", "atlas-histogram");
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", `0 0 ${counts.length} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  root.append(svg);
  const most = Math.max(1, ...counts);
  const bars = counts.map((value, at) => {
    const bar = document.createElementNS(NS, "rect");
    const height = value ? Math.max(1.5, (value / most) * (HEIGHT - 2)) : 0;
    for (const [name, number] of Object.entries({ x: at + 0.06, y: HEIGHT - height, width: 0.88, height })) bar.setAttribute(name, String(number));
    svg.append(bar);
    return bar;
  });
  const valueAt = (share: number) => low * (1 - share) + high * share; // high - low may be infinite
  const show = (range: [number, number] | undefined) => {
    bars.forEach((bar, at) => {
      const [from, to] = [valueAt(at / counts.length), valueAt((at + 1) / counts.length)];
      bar.classList.toggle("nx-out", range !== undefined && (to < range[0] || from > range[1]));
    });
  };
  const shareOf = (event: PointerEvent) => {
    const box = svg.getBoundingClientRect();
    return clamp((event.clientX - box.left) / Math.max(1, box.width), 0, 1);
  };
  let from: number | undefined;
  const rangeTo = (to: number) => ([valueAt(Math.min(from ?? to, to)), valueAt(Math.max(from ?? to, to))] as [number, number]);
  svg.addEventListener("pointerdown", (event) => {
    from = shareOf(event);
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => from !== undefined && show(rangeTo(shareOf(event))));
  svg.addEventListener("pointerup", (event) => {
    if (from === undefined) return;
    const to = shareOf(event);
    const range = Math.abs(to - from) < 0.01 ? undefined : rangeTo(to);
    from = undefined;
    show(range);
    onRange(range);
  });
  return show;
}
