/** How the command line that starts a sidecar is found. */

import { accessSync, constants, existsSync, statSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SidecarError } from "./errors.js";

/**
 * In this order: the setting CAPSULE_SIDECAR (a command line), the checkout that this package lies
 * in, an installed `capsule`. Throws `SidecarError` if there is none.
 */
export function findCommand(
  environment: NodeJS.ProcessEnv = process.env,
  here: string = fileURLToPath(import.meta.url),
): string[] {
  const setting = environment.CAPSULE_SIDECAR?.trim();
  if (setting) {
    return split(setting);
  }
  const folder = dirname(dirname(here)); // of …/sdk-typescript/dist/command.js
  const launcher = join(dirname(folder), "capsule");
  if (
    basename(folder) === "sdk-typescript" &&
    existsSync(launcher) &&
    statSync(launcher).isFile()
  ) {
    return [launcher, "sidecar"];
  }
  const installed = which("capsule", environment.PATH ?? "");
  if (installed !== undefined) {
    return [installed, "sidecar"];
  }
  throw new SidecarError(
    "no Capsule sidecar found: put `capsule` on the PATH, or set CAPSULE_SIDECAR to the " +
      "command line that starts it, such as CAPSULE_SIDECAR='/opt/capsule/capsule sidecar'",
  );
}

function which(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}

/** Splits a command line as a POSIX shell would, without expanding anything. */
export function split(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  const part = /\s+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/gsy;
  while (part.lastIndex < line.length) {
    const found = part.exec(line);
    if (found === null) {
      throw new SidecarError(
        "CAPSULE_SIDECAR is not a command line: a quotation or an escape is not closed",
      );
    }
    const [all, single, double, escaped, plain] = found;
    const text = single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain;
    if (text !== undefined) {
      word = (word ?? "") + text;
    } else if (all !== "" && word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** The words as one line, for messages. */
export function shellJoin(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`))
    .join(" ");
}
