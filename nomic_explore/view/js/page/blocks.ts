/** The blocks of gzipped base64 in a page. */

/** Waits for all values of an object; those that a page may lack are undefined then. */
export async function all<T extends object>(coming: { [Name in keyof T]-?: Promise<T[Name] | unknown> }): Promise<T> {
  const names = Object.keys(coming) as (keyof T)[];
  const values = await Promise.all(names.map((name) => coming[name]));
  return Object.fromEntries(names.map((name, at) => [name, values[at]])) as T;
}

export async function numbers<T>(Kind: { new (buffer: ArrayBuffer): T }, id: string): Promise<T | undefined> {
  return block(id) ? new Kind(await unpack(id)) : undefined;
}

export async function unpackJson<T>(id: string): Promise<T | undefined> {
  return block(id) ? JSON.parse(new TextDecoder().decode(await unpack(id))) : undefined;
}

export function block(id: string): string {
  return document.getElementById(`nx-${id}`)?.textContent ?? "";
}

/** Decodes a block of gzipped base64. */
export async function unpack(id: string): Promise<ArrayBuffer> {
  const bytes = fromBase64(block(id).trim());
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

function fromBase64(written: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as { fromBase64?: (written: string) => Uint8Array<ArrayBuffer> }).fromBase64;
  return native ? native.call(Uint8Array, written) : Uint8Array.from(atob(written), (letter) => letter.charCodeAt(0));
}
