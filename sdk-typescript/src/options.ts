/** The caller's options, from how they are written to what the sidecar takes. */

import { basename, isAbsolute, join, normalize, sep } from "node:path";
import { namesOf } from "./tools.js";
import type { CallOptions, Ceiling, FileGrant } from "./types.js";

const MODES = new Set(["ro", "rw", "read-only", "read-write"]);

type Wire = Record<string, unknown>;

/**
 * The options as JSON: names as the protocol has them, tools and tasks by their names, mounts with
 * absolute host paths. `base` is the folder that relative mounts start at. Throws `TypeError` for
 * what cannot be an option of that name.
 */
export function optionsToWire(options: CallOptions, base: string): Wire {
  const { signal: _, onOutput: _1, client: _2, ceiling: _3, mounts, ...rest } = options;
  const wire = snakeCased(rest);
  if (rest.tools !== undefined) {
    wire.tools = namesOf(rest.tools);
  }
  if (rest.tasks !== undefined) {
    wire.tasks = rest.tasks.map((each) => (typeof each === "string" ? each : each.taskName));
  }
  if (mounts !== undefined) {
    if (!Array.isArray(mounts)) {
      throw new TypeError('mounts is an array: mounts: ["./data:ro"]');
    }
    if (mounts.length > 0) {
      wire.mounts = mounts.map((mount) => absoluteMount(mount, base));
    }
  }
  return wire;
}

/** The ceiling as the protocol has it. Throws `TypeError` for tools that are none. */
export function ceilingToWire(ceiling: Ceiling | undefined): Wire {
  const { network, ...rest } = ceiling ?? {};
  const wire = snakeCased(rest);
  if (rest.tools !== undefined) {
    wire.tools = namesOf(rest.tools);
  }
  if (rest.allowedFiles !== undefined) {
    wire.allowed_files = rest.allowedFiles.map(absoluteGrant);
  }
  if (network === false) {
    wire.network = false;
  }
  return wire;
}

function snakeCased(options: object): Wire {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [snakeCase(name), value]));
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * The mount with its host folder made absolute, since the sidecar has its own current folder.
 *
 * Without `::GUEST` the task still sees the folder where it is written: `./data` at `/data`, and a
 * folder outside of `base` under its own name.
 */
function absoluteMount(mount: string | FileGrant, base: string): string {
  let { host, separator, guest, mode } = parts(mount);
  if (separator === "" && !isAbsolute(host)) {
    const inside = normalize(host);
    guest = `/${inside.startsWith("..") ? basename(inside) : inside}`.replaceAll(sep, "/");
    separator = "::";
  }
  return `${isAbsolute(host) ? host : join(base, host)}${guest === "" ? "" : separator}${guest}${mode}`;
}

/** A ceiling's folder or file made absolute; it starts at the current folder. */
function absoluteGrant(grant: string | FileGrant): string {
  const { host, mode } = parts(grant);
  return (isAbsolute(host) ? host : join(process.cwd(), host)) + mode;
}

/** `HOST`, `::` or nothing, `GUEST` and `:MODE` or nothing. */
function parts(mount: string | FileGrant): {
  host: string;
  separator: string;
  guest: string;
  mode: string;
} {
  const text = typeof mount === "string" ? mount : `${mount.path}:${mount.mode ?? "rw"}`;
  const colon = text.lastIndexOf(":");
  const hasMode = colon > 0 && MODES.has(text.slice(colon + 1));
  const folder = hasMode ? text.slice(0, colon) : text;
  const [host = "", ...guest] = folder.split("::");
  return {
    host,
    separator: guest.length > 0 ? "::" : "",
    guest: guest.join("::"),
    mode: hasMode ? text.slice(colon) : "",
  };
}
