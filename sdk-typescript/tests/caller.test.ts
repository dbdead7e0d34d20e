/** How a task knows its file, in each way that programs are started. */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { callerOf, pathOf } from "../src/caller.js";
import { ProgramError, task, taskRef } from "../src/index.js";
import { CHECKOUT, temporaryFolder } from "./helpers.js";

const HERE = fileURLToPath(import.meta.url);

function where(): ReturnType<typeof callerOf> {
  return callerOf(where);
}

describe("the caller's place", () => {
  test("is this file", () => {
    expect(where()).toEqual({ file: HERE, line: expect.any(Number) });
  });

  test("is none in evaluated code", () => {
    expect(new Function("where", "return where()")(where)).toBeUndefined();
  });

  test("does not depend on settings, and changes none", () => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      expect(where()?.file).toBe(HERE);
      expect(Error.stackTraceLimit).toBe(0);
    } finally {
      Error.stackTraceLimit = limit;
    }
  });

  test("may have any name", () => {
    const folder = temporaryFolder();
    for (const name of ["a (b)", "ü é", "a%20b", "x?y#z", "c:1:2", "at async"]) {
      const file = join(folder, name);
      expect(pathOf(file), "it must exist").toBeUndefined();
      writeFileSync(file, "");
      expect(pathOf(file)).toBe(file);
      expect(pathOf(pathToFileURL(file))).toBe(file);
      expect(pathOf(`${pathToFileURL(file)}?t=1#x`)).toBe(file);
    }
  });
});

describe("a program that is started by", () => {
  const PROGRAM = `
import { callerOf } from "${CHECKOUT}sdk-typescript/dist/caller.js";
const where = (n) => callerOf(where);
console.log(where(1).file);
`;

  function program(name: string, source: string): string {
    const folder = temporaryFolder();
    const file = join(folder, name);
    writeFileSync(file, source);
    return file;
  }

  test.each([
    ["node", [], "main.mjs", PROGRAM],
    ["node with source maps", ["--enable-source-maps"], "main.mjs", PROGRAM],
    ["tsx", ["--import", "tsx"], "main.ts", PROGRAM.replace("(n)", "(n: number)")],
  ])("%s", (_, flags, name, source) => {
    const file = program(name, source);
    const shown = execFileSync(process.execPath, [...flags, file], {
      cwd: join(CHECKOUT, "sdk-typescript"),
      encoding: "utf8",
    });
    expect(shown.trim()).toBe(file);
  });
});

describe("declaring", () => {
  test("a task in a file of another", () => {
    expect(task({ name: "t", module: import.meta.url }, () => 1).taskName).toBe("t");
    expect(task(function named() {}).taskName).toBe("named");
    expect(taskRef("elsewhere").taskName).toBe("elsewhere");
  });

  test.each([
    [() => task(undefined as never), TypeError, "use task(fn)"],
    [() => task({ name: "x" } as never), TypeError, "use task(fn)"],
    [() => task(() => 1), TypeError, "a task needs a name"],
    [() => task({ name: "" }, () => 1), TypeError, "a task needs a name"],
    [
      () => task({ name: "t", module: "file:///no/such.ts" }, () => 1),
      ProgramError,
      "is not there: file:///no/such.ts",
    ],
    [() => task({ name: "t", module: join(CHECKOUT, "README.md") }, () => 1), Error, "ending"],
    [
      () => new Function("task", 'task({ name: "t" }, () => 1)')(task),
      ProgramError,
      "task({ module: import.meta.url",
    ],
    [
      () => new Function("ref", 'ref("t")')(taskRef),
      ProgramError,
      'taskRef("t", { module: import.meta.url })',
    ],
  ])("what cannot be is refused: %s", (declare, type, told) => {
    expect(declare).toThrow(type);
    expect(declare).toThrow(told);
  });
});
