/** JSON from the host. */

import { native } from "./native.ts";

const stringify = JSON.stringify;
const parseJson = JSON.parse;
const toBigInt = BigInt;
const isSafe = Number.isSafeInteger;

const INTEGER = /^-?[0-9]+$/;

/** As JSON.parse, but integers beyond 2^53 are BigInt. */
export function parse(text: string): unknown {
  if (!native.hasLongNumber(text)) {
    return parseJson(text);
  }
  return parseJson(text, function revive(_key: string, value: unknown, context?: { source?: string }): unknown {
    if (typeof value === "number" && !isSafe(value) && context?.source !== undefined && INTEGER.test(context.source)) {
      return toBigInt(context.source);
    }
    return value;
  } as Parameters<typeof JSON.parse>[1]);
}

/** JSON of a string. */
export function quote(text: string): string {
  return stringify(text);
}
