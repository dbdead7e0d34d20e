/** How a function's parameters are written in its source. */

import { type Place, sourceText } from "./stacks.ts";

const MAX_LENGTH = 500;
const OPENING = "([{<";
const CLOSING = ")]}>";

/** As `(text: string, limit = 10)`; from the source map's text, since the compiled code has no source. */
export function parametersOf(fn: (...args: never[]) => unknown, place: Place): string {
  return written(place) ?? numbered(fn.length);
}

function numbered(count: number): string {
  return `(${Array.from({ length: count }, (_, index) => `arg${index + 1}`).join(", ")})`;
}

function written(place: Place): string | undefined {
  const text = sourceText(place.file);
  if (text === undefined) {
    return undefined;
  }
  const start = offsetOf(text, place);
  const head = /^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\s*\*?\s*)?([A-Za-z_$][\w$]*)?\s*/.exec(
    text.slice(start, start + 200),
  );
  let at = start + (head?.[0].length ?? 0);
  if (text[at] === "<") {
    at = closing(text, at) + 1;
  }
  if (text[at] !== "(") {
    // an arrow function of one parameter without parentheses
    return head?.[1] !== undefined && /^\s*=>/.test(text.slice(at, at + 20)) ? `(${head[1]})` : undefined;
  }
  const end = closing(text, at);
  const parameters = end < 0 ? undefined : text.slice(at, end + 1).replaceAll(/\s+/g, " ");
  return parameters === undefined || parameters.length > MAX_LENGTH ? undefined : parameters;
}

function offsetOf(text: string, { line, column }: Place): number {
  let start = 0;
  for (let current = 1; current < line; current++) {
    const end = text.indexOf("\n", start);
    if (end < 0) {
      return text.length;
    }
    start = end + 1;
  }
  return start + Math.max(0, column - 1);
}

/** Where the bracket at `start` is closed; -1 if it cannot be told. */
function closing(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length && at < start + 4 * MAX_LENGTH; at++) {
    const character = text[at] as string;
    if (character === '"' || character === "'" || character === "`") {
      at = endOfString(text, at, character);
    } else if (character === "/" && (text[at + 1] === "/" || text[at + 1] === "*")) {
      const end = text.indexOf(text[at + 1] === "/" ? "\n" : "*/", at + 2);
      if (end < 0) {
        return -1;
      }
      at = end;
    } else if (character === "=" && text[at + 1] === ">") {
      at++; // an arrow is no bracket
    } else if (OPENING.includes(character)) {
      depth++;
    } else if (CLOSING.includes(character) && --depth === 0) {
      return at;
    }
  }
  return -1;
}

function endOfString(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") {
      at++;
    } else if (text[at] === quote) {
      return at;
    }
  }
  return text.length;
}
