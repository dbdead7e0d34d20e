/** Which file a function was called from. */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A frame of a stack as V8 prints it: `at f (FILE:LINE:COLUMN)`, `at FILE:LINE:COLUMN`. */
const FRAME = /^\s*at (?:.*? \()?(?:async )?(file:\/\/.*|\/.*|[A-Za-z]:[\\/].*):(\d+):\d+\)?$/;

/** A place in a source file. */
export interface Place {
  file: string;
  line: number;
}

/**
 * Where the function `callee`, which is running, was called; undefined if that is not in a file.
 * The text of the stack is read, and not V8's call sites, because source maps change only the text.
 */
export function callerOf(callee: (...args: never[]) => unknown): Place | undefined {
  const holder: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  try {
    Error.captureStackTrace(holder, callee);
    const frame = String(holder.stack)
      .split("\n")
      .find((line) => /^\s*at /.test(line));
    const [, where, line] = FRAME.exec(frame ?? "") ?? [];
    const file = where === undefined ? undefined : pathOf(where);
    return file === undefined ? undefined : { file, line: Number(line) };
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** The path of a file that is given as path or as `file:` URL, such as `import.meta.url`; undefined if there is none. */
export function pathOf(where: string | URL): string | undefined {
  let path = String(where);
  if (path.startsWith("file:")) {
    const url = new URL(path);
    url.search = ""; // tools that load a module again add a query
    url.hash = "";
    path = fileURLToPath(url);
  }
  return existsSync(path) ? path : undefined;
}
