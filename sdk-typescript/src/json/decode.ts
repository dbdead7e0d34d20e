/** JSON to values, without losing digits: integers beyond 2^53 become `bigint`. */

import { randomUUID } from "node:crypto";

/** Whether there may be an integer that a number cannot hold; most texts end here. */
const PERHAPS_BIG = /(?:^|[[,:\s])-?\d{16,}(?![\d.eE])/;

/** A string, which is to be skipped, or a whole integer of 16 digits and more. */
const STRING_OR_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?[1-9]\d{15,}(?![\d.eE])/g;

/** Reads a JSON text. Throws `SyntaxError` if it is none. */
export function decode(text: string): unknown {
  if (!PERHAPS_BIG.test(text)) {
    return JSON.parse(text);
  }
  // Node 20 tells a reviver nothing of the source text, so these integers travel as strings with a
  // mark. It is random, because the text may come from a sandbox.
  const mark = randomUUID();
  let marked = false;
  const safe = text.replace(STRING_OR_INTEGER, (token) => {
    if (token.startsWith('"') || Number.isSafeInteger(Number(token))) {
      return token;
    }
    marked = true;
    return `"${mark}${token}"`;
  });
  if (!marked) {
    return JSON.parse(text);
  }
  return JSON.parse(safe, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}
