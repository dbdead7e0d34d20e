/**
 * What a step of a workflow is known by: its key, and its number among those that are the same.
 *
 * The key is the sidecar's (docs/protocol.md): whoever has the keys of finished steps can tell which
 * of them the program asks for.
 */

import { createHash } from "node:crypto";
import { decode } from "./json/decode.js";
import { isObject } from "./wire.js";

/** Characters of arguments that are kept; of more their hash is. */
const MAX_KEPT = 200;

/** Counts the steps of a workflow that are the same. */
export class Occurrences {
  readonly #numbers = new Map<string, number>();

  /**
   * How many steps of that kind, that name and those arguments, which are JSON, came before; they
   * are the same whatever the order of their objects' fields.
   */
  next(kind: string, name: string, ...args: string[]): number {
    const told = [kind, name, ...args.map(inOrder)].join("\n");
    const key = told.length <= MAX_KEPT ? told : createHash("sha256").update(told).digest("base64");
    const number = this.#numbers.get(key) ?? 0;
    this.#numbers.set(key, number + 1);
    return number;
  }
}

/** The text with the fields of its objects in order. */
function inOrder(text: string): string {
  return text.includes("{") ? sorted(decode(text)) : text;
}

function sorted(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(sorted).join()}]`;
  }
  if (isObject(value)) {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${sorted(value[name])}`).join()}}`;
  }
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

/** The key of a task's call; `args` and `kwargs` are JSON, or empty. */
export function taskKey(
  module: string,
  name: string,
  args: string,
  kwargs: string,
  number: number,
): string {
  const given = `{"args":${args || "[]"},"kwargs":${kwargs || "{}"}}`;
  return keyOf("task", name, hash(module, hash(canonical(decode(given)))), number);
}

/** The key of a step that this process does, or of a value; `args` are JSON. */
export function stepKey(kind: string, name: string, args: string, number: number): string {
  return keyOf(kind, name, hash(canonical(decode(args))), number);
}

function keyOf(kind: string, name: string, hashed: string, number: number): string {
  return hash("", kind, name, hashed, String(number));
}

function hash(...parts: string[]): string {
  const sum = createHash("sha256");
  const length = Buffer.alloc(4);
  for (const part of parts) {
    length.writeUInt32BE(Buffer.byteLength(part));
    sum.update(length).update(part);
  }
  return sum.digest("hex").slice(0, 32);
}

/** The same for values whose JSON says the same, numbers as `encode` writes them. */
function canonical(value: unknown): string {
  if (typeof value === "string") {
    return counted(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join("")}]`;
  }
  if (isObject(value)) {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => counted(name) + canonical(value[name])).join("")}}`;
  }
  return `${Object.is(value, -0) ? "-0.0" : String(value)};`;
}

/** With its length before it, so that no text can look like the end of one. */
function counted(text: string): string {
  return `"${text.length}:${text}`;
}
