import { Blob, Buffer } from "../buffer.ts";

type Source = AsyncIterable<string | Uint8Array>;

export async function buffer(source: Source): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) {
    parts.push(typeof part === "string" ? Buffer.from(part) : part);
  }
  return Buffer.concat(parts);
}

export async function arrayBuffer(source: Source): Promise<ArrayBuffer> {
  return (await buffer(source)).slice().buffer as ArrayBuffer;
}

export async function blob(source: Source): Promise<Blob> {
  return new Blob([await buffer(source)]);
}

export async function text(source: Source): Promise<string> {
  return new globalThis.TextDecoder().decode(await buffer(source));
}

export async function json(source: Source): Promise<unknown> {
  return JSON.parse(await text(source));
}

export default { arrayBuffer, blob, buffer, json, text };
