// @ts-check
// Runs in the page before JupyterLab does: counts what the kernel sends, and times what a map shows.
(() => {
  const SAMPLE_MS = 50;
  const QUIET_MS = 250; // a picture that stays the same for so long is complete

  /** @type {{bytes: number, messages: number, found: Record<string, any>, [name: string]: any}} */
  const probe = { bytes: 0, messages: 0, found: {}, lastInput: 0, released: 0 };
  /** @type {any} */ (window).probe = probe;

  window.WebSocket = class extends WebSocket {
    /** @param {string | URL} url @param {string | string[]} [protocols] */
    constructor(url, protocols) {
      super(url, protocols);
      this.addEventListener("message", ({ data }) => {
        probe.bytes += data.byteLength ?? data.size ?? data.length;
        probe.messages += 1;
      });
    }
  };
  for (const kind of ["pointermove", "wheel"]) {
    addEventListener(kind, (event) => (probe.lastInput = event.timeStamp), { capture: true, passive: true });
  }
  const release = (/** @type {Event} */ event) => (probe.released = Date.now() - (performance.now() - event.timeStamp));
  addEventListener("pointerup", release, { capture: true });

  const notebook = () => /** @type {any} */ (window).jupyterapp.shell.currentWidget.content;

  /** Runs a cell; returns when it was asked for, in seconds since 1970. @param {number} cell */
  probe.run = (cell) => {
    notebook().activeCellIndex = cell;
    probe.bytes = probe.messages = 0;
    probe.began = performance.now();
    /** @type {any} */ (window).jupyterapp.commands.execute("notebook:run-cell");
  };

  /** The map's canvas in the output of a cell: ours by its name, otherwise the largest. @param {number} cell @returns {HTMLCanvasElement | undefined} */
  probe.canvas = (cell) => {
    const output = notebook().widgets[cell].node.querySelector(".jp-OutputArea-output");
    const named = output?.querySelector("canvas[data-testid=atlas-canvas]");
    const area = (/** @type {HTMLCanvasElement} */ canvas) => canvas.clientWidth * canvas.clientHeight;
    const all = [...(output?.querySelectorAll("canvas") ?? [])].sort((one, other) => area(other) - area(one));
    return named ?? all.find(area);
  };

  /** Notes in `found[name]` the milliseconds since `since` at which our map has drawn all points. @param {string} name @param {number} cell @param {number} since */
  probe.awaitReady = (name, cell, since) => {
    const look = () => {
      const canvas = probe.canvas(cell);
      if (canvas?.dataset.ready !== "true") return requestAnimationFrame(look);
      finish(canvas);
      probe.found[name] = Math.max(1, performance.now() - since);
    };
    look();
  };

  /** Notes when the pixels of any other canvas last changed before they stayed the same. @param {string} name @param {number} cell @param {number} since */
  probe.awaitPixels = (name, cell, since) => {
    const small = new OffscreenCanvas(180, 120).getContext("2d", { willReadFrequently: true });
    let [last, changed] = ["", 0];
    const look = () => {
      const canvas = probe.canvas(cell);
      if (canvas && small) {
        small.clearRect(0, 0, 180, 120);
        small.drawImage(canvas, 0, 0, 180, 120);
        const colors = new Uint32Array(small.getImageData(0, 0, 180, 120).data.buffer);
        const picture = colors.some((color) => color !== colors[0]) ? colors.join() : "";
        const now = performance.now();
        if (picture !== last) [last, changed] = [picture, now];
        else if (picture && now - changed >= QUIET_MS) return (probe.found[name] = changed - since);
      }
      setTimeout(look, SAMPLE_MS);
    };
    look();
  };

  /** Returns once the graphics process has done all that was asked of it. @param {HTMLCanvasElement} canvas */
  function finish(canvas) {
    const gl = canvas.getContext("webgl2");
    if (!gl) return;
    const bound = gl.getParameter(gl.FRAMEBUFFER_BINDING);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    gl.bindFramebuffer(gl.FRAMEBUFFER, bound);
  }

  /** Notes the time of each frame, and how many points ours drew in it, until `stopFrames`. @param {number} cell */
  probe.startFrames = (cell) => {
    const canvas = probe.canvas(cell);
    probe.times = [];
    probe.drawn = [];
    const frame = (/** @type {number} */ now) => {
      probe.times.push(now);
      if (canvas?.dataset.pointsDrawn) probe.drawn.push(Number(canvas.dataset.pointsDrawn));
      probe.frame = requestAnimationFrame(frame);
    };
    probe.frame = requestAnimationFrame(frame);
  };

  probe.stopFrames = async () => {
    await new Promise(requestAnimationFrame);
    cancelAnimationFrame(probe.frame);
    return { times: probe.times, drawn: probe.drawn };
  };

  /** Whether the map itself, and nothing above it, lies at a place of the window. @param {number} cell @param {number} x @param {number} y */
  probe.isBare = (cell, x, y) => document.elementFromPoint(x, y) === probe.canvas(cell);

  /** Notes in `found.hover` the milliseconds from the next pointer move to a hover card that says something new. @param {number} cell */
  probe.awaitHover = (cell) => {
    const node = notebook().widgets[cell].node;
    const card = () => {
      const element = node.querySelector("[data-testid=atlas-hover]");
      return element?.checkVisibility({ visibilityProperty: true, opacityProperty: true }) ? element.textContent : "";
    };
    const [before, asked] = [card(), new AbortController()];
    let moved = 0;
    delete probe.found.hover;
    probe.hovering?.disconnect();
    addEventListener("pointermove", (event) => (moved ||= event.timeStamp), { capture: true, signal: asked.signal });
    probe.hovering = new MutationObserver(() => {
      const told = card();
      if (!moved || !told || told === before) return;
      probe.found.hover = performance.now() - moved;
      probe.hovering.disconnect();
      asked.abort();
    });
    probe.hovering.observe(node, { subtree: true, childList: true, attributes: true, characterData: true });
  };
})();
