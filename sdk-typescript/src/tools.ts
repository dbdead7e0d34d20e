/** Lists of tools, as options have them. */

import { ProgramError } from "./errors.js";
import { recordOf, type ToolRecord } from "./tool.js";
import type { AnyTool } from "./types.js";

/** Tools by the names that sandboxes call them by. */
export type ToolTable = ReadonlyMap<string, ToolRecord>;

/** The names of tools that are given by object or by name. Throws `TypeError`. */
export function namesOf(tools: unknown): string[] {
  if (!Array.isArray(tools)) {
    throw new TypeError("tools is an array: tools: [search, …]");
  }
  return tools.map((each: unknown) => {
    const name = typeof each === "string" ? each : recordOf(each)?.name;
    if (name === undefined) {
      const shown = typeof each === "function" ? each.name : String(each);
      throw new TypeError(
        `tools takes functions made by tool(), and names of such; ${shown} is not made by it`,
      );
    }
    return name;
  });
}

/** Those tools that are given as objects and not by name, by their names. */
export function givenTools(tools: readonly unknown[] | undefined): ToolTable {
  return byName((tools ?? []).filter((each): each is AnyTool => recordOf(each) !== undefined));
}

/** The tools by their names. Throws `ProgramError` if two of them share one. */
export function byName(tools: Iterable<AnyTool>): ToolTable {
  const found = new Map<string, ToolRecord>();
  for (const each of tools) {
    const record = recordOf(each);
    if (record === undefined) {
      continue;
    }
    const other = found.get(record.name);
    if (other !== undefined && other !== record) {
      throw new ProgramError(
        `two tools have the name "${record.name}": ${placeOf(other)} and ${placeOf(record)}; ` +
          'give one of them another with tool({ name: "…" }, fn)',
      );
    }
    found.set(record.name, record);
  }
  return found;
}

/** `at FILE:LINE` of a tool, as far as it is known. */
export function placeOf({ place }: ToolRecord): string {
  return place === undefined ? "at an unknown place" : `at ${place.file}:${place.line}`;
}
