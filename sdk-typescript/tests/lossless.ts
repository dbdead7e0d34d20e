/** JSON in which numbers keep their digits, as `1.50` and integers beyond 2^53 do. */

import { RawJson } from "../src/transport.js";

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const MARK = "\uf8ff";

/**
 * As `JSON.parse`, but a number that would be written otherwise becomes a `bigint` or a `RawJson`,
 * and an integer beyond 2^53 a `bigint` in any case, as the package reads them.
 */
export function parseLossless(text: string): unknown {
  const marked = text.replace(TOKEN, (token) =>
    token.startsWith('"') || isPlain(token) ? token : `"${MARK}${token}"`,
  );
  return JSON.parse(marked, (_, value: unknown) => {
    if (typeof value !== "string" || !value.startsWith(MARK)) {
      return value;
    }
    const digits = value.slice(1);
    return /^-?\d+$/.test(digits) ? BigInt(digits) : new RawJson(digits);
  });
}

function isPlain(token: string): boolean {
  const value = Number(token);
  return String(value) === token && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

/** As `JSON.stringify`. */
export function writeLossless(value: unknown): string {
  if (value instanceof RawJson) {
    return value.text;
  }
  if (Array.isArray(value)) {
    return `[${value.map(writeLossless).join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value);
    return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${writeLossless(item)}`).join(",")}}`;
  }
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}
