// In place of @exodus/bytes/utf8.js: the same functions, in native code.

import { native } from "../native.ts";

export function utf8fromStringLoose(text: string): Uint8Array {
  return new Uint8Array(native.encode(text));
}

export function utf8fromString(text: string): Uint8Array {
  if (!text.isWellFormed()) {
    throw new TypeError("Input is not well-formed Unicode");
  }
  return utf8fromStringLoose(text);
}

export function utf8toStringLoose(bytes: Uint8Array): string {
  return native.decode(bytes);
}

export function utf8toString(bytes: Uint8Array): string {
  const text = native.decode(bytes, true);
  if (text === undefined) {
    const error = new TypeError("The encoded data was not valid for encoding utf-8");
    throw Object.assign(error, { code: "ERR_ENCODING_INVALID_ENCODED_DATA" });
  }
  return text;
}
