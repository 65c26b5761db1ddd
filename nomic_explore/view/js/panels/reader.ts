import { nothing, render } from "lit-html";
import { documentView, type DocumentActs } from "./document.ts";
import { element } from "../dom.ts";
import { askLatest } from "../latest.ts";
import { messages } from "../messages.ts";
import { asNumbers } from "../view_state.ts";
import type { Explorer } from "./explorer.ts";
import type { MapView } from "../map/map.ts";
import type { Annotations, PathStep, ReadResponse } from "../protocol.ts";

/** The chosen document. A document opened by key takes the focus; Escape gives it back to where it came from. */
export class Reader {
  root: HTMLElement;
  private readonly explorer: Explorer;
  private readonly map: MapView;
  private shown: ReadResponse | undefined;
  private unfolded = new Set<string>();
  private returnTo: HTMLElement | undefined;
  private takesFocus = false;
  private readonly latest = askLatest((point: number) => this.explorer.request("read", { point }), (shown) => this.take(shown));

  constructor(host: HTMLElement, explorer: Explorer, map: MapView) {
    this.explorer = explorer;
    this.map = map;
    this.root = element(host, "article", "nx-reader", "atlas-reader");
    this.root.setAttribute("aria-label", messages.reader.document);
    const { state } = explorer;
    state.on(["focus"], () => this.open());
    state.on(["annotations"], () => this.ask());
    state.effect(() => {
      state.searchWords.value;
      this.draw();
    });
    explorer.root.addEventListener("keydown", (event) => this.key(event), { signal: state.signal });
    this.open();
  }

  /** Moves the focus to the document that is read; Escape brings it back. */
  enter() {
    const active = this.active();
    if (active && !this.root.contains(active)) this.returnTo = active;
    this.explorer.openRight();
    this.root.focus();
  }

  private open() {
    const active = this.active();
    this.takesFocus = !!active?.matches(":focus-visible") && [this.explorer.side, this.explorer.bottom, this.root].some((pane) => pane.contains(active));
    if (this.takesFocus && active && !this.root.contains(active)) this.returnTo = active;
    this.ask();
  }

  private ask() {
    const point = this.explorer.state.get("focus") ?? -1;
    if (point >= 0) return this.latest.want(point);
    this.latest.cancel();
    this.take(undefined);
  }

  private take(shown: ReadResponse | undefined) {
    if (this.explorer.state.signal.aborted || (shown && shown.point !== this.explorer.state.get("focus"))) return;
    const isOther = shown?.point !== this.shown?.point;
    this.shown = shown;
    this.map.overlay.neighbors = shown?.neighbors ?? [];
    this.map.overlay.draw();
    if (isOther) this.unfolded = new Set();
    this.draw();
    if (isOther) this.explorer.right.scrollTop = 0;
    if (shown && this.takesFocus) this.enter();
    this.takesFocus = false;
  }

  private draw() {
    const { root, shown, explorer } = this;
    root.dataset.point = String(shown?.point ?? "");
    if (shown) root.tabIndex = 0;
    else root.removeAttribute("tabindex");
    if (!shown) return render(nothing, root);
    const annotations: Annotations | undefined = explorer.state.get("annotations");
    const toggle = (name: string) => {
      if (!this.unfolded.delete(name)) this.unfolded.add(name);
      this.draw();
    };
    render(
      documentView(shown, this.acts(shown), {
        searchWords: explorer.state.searchWords.value,
        tagColors: new Map(annotations?.tags?.map((tag) => [tag.name, tag.color])),
        unfolded: this.unfolded,
        toggle,
      }),
      root,
    );
  }

  private acts({ point, isPinned }: ReadResponse): DocumentActs {
    const { explorer } = this;
    return {
      pick: (other) => explorer.pick(other),
      highlight: (step) => this.highlight(step),
      pin: () => explorer.request("pin", { point, on: !isPinned }),
      close: () => explorer.pick(-1),
      untag: (name) => explorer.request("untag", { name, points: [point] }),
      tag: (name) => explorer.request("tag", { name, points: [point] }),
      moreLike: explorer.can.meaning ? () => explorer.searchPane?.like([point]) : undefined,
    };
  }

  private async highlight({ layer, topic }: PathStep) {
    const answer = await this.explorer.request("members", { kind: "topic", layer, topic });
    if (answer) this.explorer.state.highlight(asNumbers(answer.points, Uint32Array));
  }

  private key(event: KeyboardEvent) {
    if (event.key === "F6" && this.shown) {
      event.preventDefault();
      if (this.root.contains(this.active())) this.leave();
      else this.enter();
    }
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key === "Escape" && !isTyping && this.root.contains(event.target as Node) && this.leave()) event.stopPropagation();
  }

  /** Gives the focus back. @returns whether there was something to give it to */
  private leave() {
    const { returnTo } = this;
    if (!returnTo?.isConnected) return false;
    returnTo.focus();
    return true;
  }

  private active(): HTMLElement | null {
    return (this.root.getRootNode() as Document | ShadowRoot).activeElement as HTMLElement | null;
  }
}
