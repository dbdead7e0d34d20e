/** JSON from the host. */

const MAX_SAFE_DIGITS = 16;

const stringify = JSON.stringify;
const parseJson = JSON.parse;
const toBigInt = BigInt;
const isSafe = Number.isSafeInteger;

/** Whether an integer of at least 16 digits may be in there, outside of strings or in one. */
function hasLongNumber(text: string): boolean {
  return text.length >= MAX_SAFE_DIGITS && LONG_NUMBER.test(text);
}

const LONG_NUMBER = /[0-9]{16}/;
const INTEGER = /^-?[0-9]+$/;

/** As JSON.parse, but integers beyond 2^53 are BigInt. */
export function parse(text: string): unknown {
  if (!hasLongNumber(text)) {
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
