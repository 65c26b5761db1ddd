/** The programs of the WebGL2 renderer: points, the density tint under them, and contour lines. */

export const POINT_VERTEX = `#version 300 es
layout(location = 0) in vec2 position;
layout(location = 1) in float color;
layout(location = 2) in float state;
layout(location = 3) in float size;
layout(location = 4) in vec2 target;
uniform vec2 scale, shift;
uniform float base, morph, alpha, hasSizes;
uniform vec4 grey;
uniform vec2 strong; // size and opacity of what is highlighted
uniform sampler2D palette;
out vec4 tint;
out float radius;
void main() {
  vec2 place = mix(position, target, morph);
  gl_Position = vec4(place * scale + shift, 0.0, 1.0);
  bool hidden = state > 2.5 && state < 3.5;
  if (hidden) gl_Position = vec4(2.0, 2.0, 2.0, 1.0); // outside of what is seen
  bool lit = state > 1.5 && !hidden;
  float weakness = max(state - 3.0, 0.0) / 3.0;
  bool dull = state > 0.5 && !lit;
  float own = hasSizes > 0.5 ? mix(0.75, 3.2, size) : 1.0;
  gl_PointSize = base * own * (lit ? mix(strong.x, 1.05, weakness) : 1.0) * (dull ? 0.85 : 1.0) + 1.0;
  radius = gl_PointSize * 0.5;
  int code = int(color + 0.5);
  vec4 found = texelFetch(palette, ivec2(code & 255, code >> 8), 0);
  tint = dull ? grey : vec4(found.rgb, lit ? mix(strong.y, 0.3, weakness) : alpha);
}`;

export const POINT_FRAGMENT = `#version 300 es
precision mediump float;
in vec4 tint;
in float radius;
out vec4 pixel;
void main() {
  float distance = length(gl_PointCoord - 0.5) * 2.0 * radius;
  float cover = clamp(radius - distance, 0.0, 1.0) * tint.a;
  pixel = vec4(tint.rgb * cover, cover);
}`;

export const TINT_VERTEX = `#version 300 es
layout(location = 0) in vec2 corner;
uniform vec2 scale, shift;
uniform float reach;
out vec2 place;
void main() {
  place = corner * 0.5 + 0.5;
  gl_Position = vec4(corner * reach * scale + shift, 0.0, 1.0);
}`;

export const TINT_FRAGMENT = `#version 300 es
precision mediump float;
in vec2 place;
uniform sampler2D density, colors;
uniform float tint;
out vec4 pixel;
void main() {
  float cover = texture(density, place).r * tint;
  pixel = vec4(texture(colors, place).rgb * cover, cover);
}`;

export const LINE_VERTEX = `#version 300 es
layout(location = 0) in vec2 position;
uniform vec2 scale, shift;
void main() { gl_Position = vec4(position * scale + shift, 0.0, 1.0); }`;

export const LINE_FRAGMENT = `#version 300 es
precision mediump float;
uniform vec4 ink;
out vec4 pixel;
void main() { pixel = vec4(ink.rgb * ink.a, ink.a); }`;
