// https://html.spec.whatwg.org/multipage/webappapis.html#atob

import { native } from "../native.ts";
import { DOMException } from "./dom-exception.ts";

const NOT_BASE64 = "The string to be decoded is not correctly encoded.";

export function btoa(...args: unknown[]): string {
  if (args.length === 0) {
    throw new TypeError('The "data" argument must be specified');
  }
  const text = String(args[0]);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff) {
      throw new DOMException("Invalid character", "InvalidCharacterError");
    }
    bytes[index] = code;
  }
  return native.toBase64(bytes);
}

export function atob(...args: unknown[]): string {
  if (args.length === 0) {
    throw new TypeError('The "data" argument must be specified');
  }
  let text = String(args[0]).replace(/[\t\n\f\r ]+/g, "");
  if (text.length % 4 === 0) {
    text = text.replace(/==?$/, "");
  }
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text)) {
    throw new DOMException(NOT_BASE64, "InvalidCharacterError");
  }
  return latin1(new Uint8Array(bytesOfBase64(text)));
}

/** The bytes of base64 that may lack its padding. */
export function bytesOfBase64(text: string): ArrayBuffer {
  const bytes = native.fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, "="));
  if (bytes === undefined) {
    throw new RangeError(NOT_BASE64);
  }
  return bytes;
}

/** As Node reads base64: of either alphabet, up to the padding, whatever else is in it. */
export function bytesOfLooseBase64(text: string): ArrayBuffer {
  const exact = native.fromBase64(text);
  if (exact !== undefined) {
    return exact;
  }
  const padding = text.indexOf("=");
  const digits = (padding < 0 ? text : text.slice(0, padding)).replaceAll("-", "+").replaceAll("_", "/");
  const clean = digits.replace(/[^A-Za-z0-9+/]/g, "");
  return bytesOfBase64(clean.length % 4 === 1 ? clean.slice(0, -1) : clean);
}

const AT_ONCE = 8192;

/** One character for each byte. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += AT_ONCE) {
    text += String.fromCharCode.apply(null, bytes.subarray(start, start + AT_ONCE) as unknown as number[]);
  }
  return text;
}
