// @ts-check
/** Draws points with WebGL2, or with Canvas 2D where there is none; both have draw(), setters and `kind`. */

const VERTEX = `#version 300 es
layout(location = 0) in vec2 position;
layout(location = 1) in float color;
layout(location = 2) in float state;
uniform vec2 scale, shift;
uniform float size, dim, pass, alpha;
uniform vec4 grey;
uniform sampler2D palette;
out vec4 tint;
out float radius;
void main() {
  bool lit = state > 0.5;
  gl_Position = vec4(position * scale + shift, 0.0, 1.0);
  if (pass > 0.5 && !lit) gl_Position = vec4(9.0, 9.0, 9.0, 1.0);
  gl_PointSize = size * (lit && dim > 0.5 ? 1.5 : 1.0) + 1.0;
  radius = gl_PointSize * 0.5;
  vec4 own = texelFetch(palette, ivec2(int(color), 0), 0);
  tint = dim > 0.5 && !lit ? grey : vec4(own.rgb, lit && dim > 0.5 ? 1.0 : alpha);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 tint;
in float radius;
out vec4 pixel;
void main() {
  float distance = length(gl_PointCoord - 0.5) * 2.0 * radius;
  float cover = clamp(radius - distance, 0.0, 1.0) * tint.a;
  pixel = vec4(tint.rgb * cover, cover);
}`;

/** @typedef {{kind: string, draw: (view: View) => void, setPositions: (p: Float32Array) => void, setColors: (c: Uint16Array) => void,
 *   setStates: (s: Uint8Array) => void, setPalette: (colors: string[]) => void, dispose: () => void}} Renderer */
/** @typedef {{camera: import("./camera.js").Camera, count: number, size: number, alpha: number, dim: boolean, ratio: number, grey: number[]}} View */

/** @param {HTMLCanvasElement} canvas @param {() => void} onRestored @returns {Renderer} */
export function makeRenderer(canvas, onRestored) {
  const gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true, preserveDrawingBuffer: true });
  return gl ? new WebGlRenderer(canvas, gl, onRestored) : new CanvasRenderer(canvas);
}

/** @param {string} color "#rrggbb" @returns {[number, number, number]} */
export function parseColor(color) {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}

class WebGlRenderer {
  /** @param {HTMLCanvasElement} canvas @param {WebGL2RenderingContext} gl @param {() => void} onRestored */
  constructor(canvas, gl, onRestored) {
    this.kind = "WebGL2";
    this.canvas = canvas;
    this.gl = gl;
    this.data = { positions: new Float32Array(0), colors: new Uint16Array(0), states: new Uint8Array(0), palette: ["#888888"] };
    this.onLost = (/** @type {Event} */ event) => event.preventDefault();
    this.onRestored = () => {
      this.prepare();
      onRestored();
    };
    canvas.addEventListener("webglcontextlost", this.onLost);
    canvas.addEventListener("webglcontextrestored", this.onRestored);
    this.prepare();
  }

  /** Makes the program and the buffers, from the data if a lost context comes back. */
  prepare() {
    const gl = this.gl;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(/** @type {number} */ (kind));
      gl.shaderSource(shader, /** @type {string} */ (source));
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    this.uniforms = Object.fromEntries(
      ["scale", "shift", "size", "dim", "pass", "alpha", "grey"].map((name) => [name, gl.getUniformLocation(program, name)]),
    );
    gl.bindVertexArray(gl.createVertexArray());
    this.buffers = [0, 1, 2].map((location) => {
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, location ? 1 : 2, [gl.FLOAT, gl.UNSIGNED_SHORT, gl.UNSIGNED_BYTE][location], false, 0, 0);
      return buffer;
    });
    this.texture = gl.createTexture();
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.setPositions(this.data.positions);
    this.setColors(this.data.colors);
    this.setStates(this.data.states);
    this.setPalette(this.data.palette);
  }

  /** @param {number} location @param {ArrayBufferView} values */
  fill(location, values) {
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.buffers[location]);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, values, this.gl.STATIC_DRAW);
  }

  /** @param {Float32Array} positions */
  setPositions(positions) {
    this.data.positions = positions;
    this.fill(0, positions);
  }

  /** @param {Uint16Array} colors */
  setColors(colors) {
    this.data.colors = colors;
    this.fill(1, colors);
  }

  /** @param {Uint8Array} states */
  setStates(states) {
    this.data.states = states;
    this.fill(2, states);
  }

  /** @param {string[]} palette */
  setPalette(palette) {
    this.data.palette = palette;
    const gl = this.gl;
    const pixels = new Uint8Array(palette.flatMap((color) => [...parseColor(color), 255]));
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, palette.length, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }

  /** @param {View} view */
  draw({ camera, count, size, alpha, dim, ratio, grey }) {
    const gl = this.gl;
    if (gl.isContextLost()) return;
    const [sx, sy] = [(2 * camera.scale) / camera.width, (2 * camera.scale) / camera.height];
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(this.uniforms.scale, sx, sy);
    gl.uniform2f(this.uniforms.shift, -camera.x * sx, -camera.y * sy);
    gl.uniform1f(this.uniforms.size, size * ratio);
    gl.uniform1f(this.uniforms.alpha, alpha);
    gl.uniform1f(this.uniforms.dim, dim ? 1 : 0);
    gl.uniform4fv(this.uniforms.grey, grey);
    for (const pass of dim ? [0, 1] : [0]) {
      gl.uniform1f(this.uniforms.pass, pass);
      gl.drawArrays(gl.POINTS, 0, pass ? this.data.positions.length / 2 : count);
    }
  }

  dispose() {
    this.canvas.removeEventListener("webglcontextlost", this.onLost);
    this.canvas.removeEventListener("webglcontextrestored", this.onRestored);
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

class CanvasRenderer {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.kind = "Canvas 2D (no WebGL2 here)";
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.positions = new Float32Array(0);
    this.colors = new Uint16Array(0);
    this.states = new Uint8Array(0);
    this.palette = ["#888888"];
  }

  /** @param {Float32Array} positions */
  setPositions(positions) {
    this.positions = positions;
  }

  /** @param {Uint16Array} colors */
  setColors(colors) {
    this.colors = colors;
  }

  /** @param {Uint8Array} states */
  setStates(states) {
    this.states = states;
  }

  /** @param {string[]} palette */
  setPalette(palette) {
    this.palette = palette;
  }

  /** @param {View} view */
  draw({ camera, count, size, alpha, dim, ratio, grey }) {
    const context = this.context;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    const dull = `rgba(${grey.slice(0, 3).map((part) => Math.round(part * 255)).join(",")},${grey[3]})`;
    for (const pass of dim ? [0, 1] : [0]) {
      for (let i = 0; i < (pass ? this.positions.length / 2 : count); i++) {
        const lit = this.states[i] > 0;
        if (dim && lit !== pass > 0) continue;
        const [px, py] = camera.toScreen(this.positions[2 * i], this.positions[2 * i + 1]);
        if (px < -9 || py < -9 || px > camera.width + 9 || py > camera.height + 9) continue;
        context.globalAlpha = dim ? 1 : alpha;
        context.fillStyle = dim && !lit ? dull : this.palette[this.colors[i]];
        context.fillRect(px - size / 2, py - size / 2, size, size);
      }
    }
  }

  dispose() {}
}
