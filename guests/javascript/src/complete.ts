/** How code that is being written may go on. */

import { native } from "./native.ts";

const KEYWORDS = [
  ...["async", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do"],
  ...["else", "export", "extends", "false", "finally", "for", "function", "if", "import", "in", "instanceof", "let"],
  ...["new", "null", "of", "return", "static", "super", "switch", "this", "throw", "true", "try", "typeof", "var"],
  ...["void", "while", "with", "yield"],
];

const stringify = JSON.stringify;

/** Keywords, names in the global scope and properties that what is written may go on with; JSON. */
export function complete(code: string, cursor: number): string {
  const before = [...code].slice(0, cursor).join("");
  const found = /([\w$]+(?:\.[\w$]+)*\.)?([\w$]*)$/.exec(before);
  const [, path, part = ""] = found ?? [];
  const start = cursor - part.length;
  let matches: { text: string; kind: string }[] = [];
  if (path !== undefined) {
    matches = membersOf(valueAt(path.slice(0, -1)), part);
  } else if (part !== "" && !before.slice(0, before.length - part.length).endsWith(".")) {
    const keywords = KEYWORDS.filter((word) => word.startsWith(part)).map((text) => ({ text, kind: "keyword" }));
    matches = [...keywords, ...membersOf(native.declarations(), part), ...membersOf(globalThis, part)];
  }
  return stringify({ start, matches });
}

function valueAt(path: string): unknown {
  const [first = "", ...names] = path.split(".");
  const declared = native.declarations();
  let value: unknown = Object.hasOwn(declared, first) ? declared[first] : (globalThis as Record<string, unknown>)[first];
  for (const name of names) {
    value = value === undefined || value === null ? undefined : (value as Record<string, unknown>)[name];
  }
  return value;
}

function membersOf(value: unknown, part: string): { text: string; kind: string }[] {
  const names = new Set<string>();
  for (let each: unknown = value; each !== undefined && each !== null; each = Object.getPrototypeOf(each)) {
    for (const name of Object.getOwnPropertyNames(each)) {
      if (name.startsWith(part) && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) {
        names.add(name);
      }
    }
  }
  return [...names]
    .sort()
    .slice(0, 500)
    .map((text) => ({ text, kind: kindOf(value, text) }));
}

function kindOf(value: unknown, name: string): string {
  const descriptor = Object.getOwnPropertyDescriptor(value as object, name);
  if (descriptor?.get !== undefined) {
    return "property";
  }
  const found = descriptor?.value ?? (descriptor === undefined ? Reflect.get(Object(value), name) : undefined);
  return typeof found === "function" ? "function" : "variable";
}
