/** `run()`: runs a task of a file that the host does not import. */

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultClient } from "./client.js";
import { OptionError } from "./errors.js";
import { ceilingToWire, optionsToWire } from "./options.js";
import { Program } from "./program.js";
import { execute } from "./runs.js";
import { givenTools } from "./tools.js";
import type { Envelope, RunOptions } from "./types.js";

/**
 * Runs a task of a source file, in any language, and gives the envelope, whether it succeeded or
 * not.
 *
 * Rejects with `OptionError` for a wrong option or mount or a file that is not there, with
 * `ProgramError` for two tools of one name, with `SidecarError`, and with the reason of the signal
 * if that aborts. Everything else is told by the envelope.
 */
export async function run<R = unknown>(options: RunOptions): Promise<Envelope<R>> {
  const { file, args = [], kwargs = {}, task, cwd, ...rest } = options;
  if (!Array.isArray(args)) {
    throw new TypeError('args is an array: args: ["one argument"]');
  }
  const base = resolve(cwd ?? ".");
  const path = resolve(base, pathOf(file));
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new OptionError(`no such file: ${path}`, { field: "file", value: file });
  }
  const envelope = await execute({
    client: rest.client ?? defaultClient,
    program: new Program(path, false),
    task: task ?? null,
    args,
    kwargs,
    options: optionsToWire(rest, base),
    ceiling: ceilingToWire(rest.ceiling),
    tools: givenTools(rest.tools),
    module: null,
    signal: rest.signal,
    onOutput: rest.onOutput,
  });
  return envelope as Envelope<R>;
}

function pathOf(file: string | URL): string {
  return file instanceof URL || file.startsWith("file:") ? fileURLToPath(file) : file;
}
