import { CanvasRenderer } from "./canvas2d.ts";
import { DENSITY_REACH, noPoints, parseColor } from "./points.ts";
import { LINE_FRAGMENT, LINE_VERTEX, POINT_FRAGMENT, POINT_VERTEX, TINT_FRAGMENT, TINT_VERTEX } from "./shaders.ts";
import type { Points, Renderer, View } from "./points.ts";
import type { Camera } from "../camera.ts";

export function makeRenderer(canvas: HTMLCanvasElement, onRestored: () => void): Renderer {
  const gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true, preserveDrawingBuffer: true });
  return gl ? new WebGlRenderer(canvas, gl, onRestored) : new CanvasRenderer(canvas);
}

const SLOTS = ({ positions: 0, colors: 1, states: 2, sizes: 3, targets: 4 } as const);

class WebGlRenderer {
  kind: string;
  canvas: HTMLCanvasElement;
  gl: WebGL2RenderingContext;
  points: Points;
  onLost: (event: Event) => void;
  onRestored: () => void;
  dots: { program: WebGLProgram; uniforms: Record<string, WebGLUniformLocation | null>; } | undefined;
  haze: { program: WebGLProgram; uniforms: Record<string, WebGLUniformLocation | null>; } | undefined;
  strokes: { program: WebGLProgram; uniforms: Record<string, WebGLUniformLocation | null>; } | undefined;
  dotArray: WebGLVertexArrayObject | undefined;
  buffers: Record<string, WebGLBuffer> = {};
  chosen: WebGLBuffer | undefined;
  hazeArray: WebGLVertexArrayObject | undefined;
  palette: WebGLTexture | undefined;
  density: WebGLTexture | undefined;
  hazeColors: WebGLTexture | undefined;
  lineCount: number | undefined;
  lineArray: WebGLVertexArrayObject | undefined;
  view: View | undefined;

  constructor(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext, onRestored: () => void) {
    this.kind = "WebGL2";
    this.canvas = canvas;
    this.gl = gl;
    this.points = noPoints();
    this.onLost = (event: Event) => event.preventDefault();
    this.onRestored = () => {
      this.prepare();
      onRestored();
    };
    canvas.addEventListener("webglcontextlost", this.onLost);
    canvas.addEventListener("webglcontextrestored", this.onRestored);
    this.prepare();
  }

  /** Makes programs and buffers, from the data if a lost context came back. */
  prepare() {
    const gl = this.gl;
    this.dots = this.program(POINT_VERTEX, POINT_FRAGMENT);
    this.haze = this.program(TINT_VERTEX, TINT_FRAGMENT);
    this.strokes = this.program(LINE_VERTEX, LINE_FRAGMENT);
    this.dotArray = gl.createVertexArray();
    this.buffers = {};
    for (const name of Object.keys(SLOTS)) this.buffers[name] = (gl.createBuffer() as WebGLBuffer);
    this.chosen = gl.createBuffer();
    this.hazeArray = this.flat(new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]));
    this.palette = gl.createTexture();
    this.density = gl.createTexture();
    this.hazeColors = gl.createTexture();
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.set(this.points);
  }

  program(vertex: string, fragment: string) {
    const gl = this.gl;
    const program = (gl.createProgram() as WebGLProgram);
    for (const [kind, source] of ([[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as [number, string][])) {
      const shader = (gl.createShader(kind) as WebGLShader);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    const uniforms: Record<string, WebGLUniformLocation | null> = {};
    const n = gl.isContextLost() ? 0 : gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS);
    for (let at = 0; at < n; at++) {
      const { name } = (gl.getActiveUniform(program, at) as WebGLActiveInfo);
      uniforms[name] = gl.getUniformLocation(program, name);
    }
    return { program, uniforms };
  }

  /** A vertex array with places alone. */
  flat(places: Float32Array) {
    const gl = this.gl;
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    return array;
  }

  set(part: Partial<Points>) {
    Object.assign(this.points, part);
    if (this.gl.isContextLost()) return;
    for (const name of (Object.keys(SLOTS) as (keyof typeof SLOTS)[])) {
      const values = part[name];
      if (values) this.fill(name, values);
    }
    if (part.palette) this.setPalette(part.palette);
    if (part.density?.length) this.setDensity(part.density);
    if (part.hazeColors?.length) this.setHazeColors(part.hazeColors);
    if (part.contours) this.setContours(part.contours);
  }

  fill(name: keyof typeof SLOTS, values: Float32Array | Uint8Array | Uint16Array) {
    const gl = this.gl;
    const slot = SLOTS[name];
    gl.bindVertexArray(this.dotArray ?? null);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers?.[name] ?? null);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    if (!values.length) {
      gl.disableVertexAttribArray(slot);
      return;
    }
    const kind = values instanceof Float32Array ? gl.FLOAT : values instanceof Uint16Array ? gl.UNSIGNED_SHORT : gl.UNSIGNED_BYTE;
    gl.enableVertexAttribArray(slot);
    gl.vertexAttribPointer(slot, name === "positions" || name === "targets" ? 2 : 1, kind, name === "sizes", 0, 0);
  }

  setPalette(palette: string[]) {
    const gl = this.gl;
    const lines = Math.ceil(palette.length / 256);
    const pixels = new Uint8Array(lines * 256 * 4);
    palette.forEach((color, at) => pixels.set([...parseColor(color), 255], 4 * at));
    this.texture(this.palette ?? null, gl.NEAREST);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, lines, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  }

  setDensity(density: Uint8Array) {
    const gl = this.gl;
    const side = Math.round(Math.sqrt(density.length));
    this.texture(this.density ?? null, gl.LINEAR);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, side, side, 0, gl.RED, gl.UNSIGNED_BYTE, density.map((value) => 255 * (value / 255) ** 1.4)); // outliers get a breath only
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
  }

  setHazeColors(colors: Uint8Array) {
    const gl = this.gl;
    const side = Math.round(Math.sqrt(colors.length / 4));
    this.texture(this.hazeColors ?? null, gl.LINEAR);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, side, side, 0, gl.RGBA, gl.UNSIGNED_BYTE, colors);
  }

  texture(texture: WebGLTexture | null, filter: number) {
    const gl = this.gl;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, filter);
    for (const axis of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, axis, gl.CLAMP_TO_EDGE);
  }

  setContours({ points, starts }: {points: Float32Array, starts: Uint32Array}) {
    const lines = segments(points, starts);
    this.lineCount = lines.length / 2;
    this.lineArray = lines.length ? this.flat(lines) : undefined;
  }

  begin(view: View) {
    const gl = this.gl;
    if (gl.isContextLost()) return;
    this.view = view;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!this.points.density.length || !this.points.hazeColors.length || view.tint <= 0 || !this.haze) return;
    gl.bindVertexArray(this.hazeArray ?? null);
    const uniforms = this.use(this.haze, view.camera);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.hazeColors ?? null);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.density ?? null);
    gl.uniform1i(uniforms.colors, 1);
    gl.uniform1f(uniforms.reach, DENSITY_REACH);
    gl.uniform1f(uniforms.tint, view.tint);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  use({ program, uniforms }: {program: WebGLProgram, uniforms: Record<string, WebGLUniformLocation | null>}, camera: Camera) {
    const gl = this.gl;
    const [sx, sy] = [(2 * camera.scale) / camera.width, (2 * camera.scale) / camera.height];
    gl.useProgram(program);
    gl.uniform2f(uniforms.scale, sx, sy);
    gl.uniform2f(uniforms.shift, -camera.x * sx, -camera.y * sy);
    return uniforms;
  }

  prepareDots() {
    const { gl, view } = this;
    if (!view || !this.dots || gl.isContextLost()) return false;
    gl.bindVertexArray(this.dotArray ?? null);
    const uniforms = this.use(this.dots, view.camera);
    gl.bindTexture(gl.TEXTURE_2D, this.palette ?? null);
    gl.uniform1f(uniforms.base, view.size * view.ratio);
    gl.uniform1f(uniforms.morph, this.points.targets.length ? view.morph : 0);
    gl.uniform1f(uniforms.alpha, view.alpha);
    gl.uniform1f(uniforms.hasSizes, this.points.sizes.length ? 1 : 0);
    gl.uniform4fv(uniforms.grey, view.grey);
    gl.uniform2f(uniforms.strong, view.lit.size, view.lit.alpha);
    return true;
  }

  range(from: number, to: number) {
    if (to > from && this.prepareDots()) this.gl.drawArrays(this.gl.POINTS, from, to - from);
  }

  some(points: Uint32Array) {
    if (!points.length || !this.prepareDots()) return;
    const gl = this.gl;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.chosen ?? null);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, points, gl.STREAM_DRAW);
    gl.drawElements(gl.POINTS, points.length, gl.UNSIGNED_INT, 0);
  }

  finish() {
    const { gl, view } = this;
    if (!view?.lines || !this.lineArray || !this.strokes || gl.isContextLost()) return;
    gl.bindVertexArray(this.lineArray);
    gl.uniform4f(this.use(this.strokes, view.camera).ink, view.ink[0], view.ink[1], view.ink[2], 0.4);
    gl.drawArrays(gl.LINES, 0, this.lineCount ?? 0);
  }

  dispose() {
    this.canvas.removeEventListener("webglcontextlost", this.onLost);
    this.canvas.removeEventListener("webglcontextrestored", this.onRestored);
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

/** Polylines as pairs of ends. */
export function segments(points: Float32Array, starts: Uint32Array) {
  const found = [];
  for (let line = 0; line + 1 < starts.length; line++) {
    for (let at = starts[line]; at + 1 < starts[line + 1]; at++) {
      found.push(points[2 * at], points[2 * at + 1], points[2 * at + 2], points[2 * at + 3]);
    }
  }
  return Float32Array.from(found);
}
