import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { findCommand, shellJoin, split } from "../src/command.js";
import { ERROR_TYPES, taskError } from "../src/errors.js";
import * as capsule from "../src/index.js";
import { CHECKOUT, temporaryFolder } from "./helpers.js";

const manifest = JSON.parse(readFileSync(join(CHECKOUT, "sdk-typescript/package.json"), "utf8"));

function failed(
  type: string,
  details: Partial<capsule.TaskFailure> = {},
): Extract<capsule.Envelope, { success: false }> {
  return {
    success: false,
    result: null,
    error: {
      type: type as capsule.ErrorType,
      message: "it broke",
      class: null,
      traceback: null,
      ...details,
    },
    execution: {
      ...{ task_name: "work", duration_ms: 1, retries: 0, fuel_consumed: null, ram_used: null },
      ...{ host_requests: [], limits: null, run_id: null, trace_id: null },
      ...{ step_id: null, replayed: false },
    },
  };
}

test("the exported names", () => {
  expect(Object.keys(capsule).sort()).toEqual([
    ...["Cancelled", "Capsule", "CapsuleError", "InternalError", "InvalidArguments"],
    ...["InvalidResult", "JournalError", "OptionError", "OutOfFuel", "OutOfMemory"],
    ...["Overloaded", "PolicyDenied", "ProgramError", "ReplayMismatch", "Session"],
    ...[
      "SessionError",
      "SidecarError",
      "SidecarLost",
      "SourceError",
      "StackOverflow",
      "StepError",
      "TaskError",
    ],
    ...["TaskExit", "TaskNotFound", "TaskTimeout", "ToolError", "WorkerLost"],
    ...["WorkflowBusy", "WorkflowCancelled", "WorkflowError", "close", "context"],
    ...["inSandbox", "run", "runJavaScript", "runPython", "step", "task", "taskRef"],
    ...["tool", "toolContext", "version", "workflow"],
  ]);
});

test("the version is that of the package", () => {
  expect(capsule.version).toBe(manifest.version);
});

test("importing the package starts nothing and prints nothing", () => {
  const code = 'await import("@capsule/sdk"); console.log(process.getActiveResourcesInfo().join())';
  const shown = execFileSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: join(CHECKOUT, "sdk-typescript"),
    encoding: "utf8",
  });
  expect(shown).toMatch(/^\w+(,\w+)*\n$/);
  expect(shown).not.toMatch(/Process|Timeout/);
});

describe("errors", () => {
  test.each(ERROR_TYPES)("%s has its class", (type) => {
    const error = taskError(failed(type));
    expect(error).toBeInstanceOf(capsule.TaskError);
    expect(error.constructor === capsule.TaskError).toBe(type === "task_error");
    expect(error).toMatchObject({
      type,
      task: "work",
      message: "it broke",
      name: error.constructor.name,
    });
  });

  test.each(["new_kind", "toString", "__proto__"])(
    "an unknown type, %s, is a task error",
    (type) => {
      expect(taskError(failed(type)).constructor).toBe(capsule.TaskError);
    },
  );

  test("show what happened, and where in the sandbox", () => {
    const traceback = "RangeError: it broke\n    at work (main.ts:3:9)\n";
    const error = taskError(failed("task_error", { class: "RangeError", traceback }));
    expect(error.summary).toBe("work: RangeError: it broke");
    expect(inspect(error)).toMatch(
      /^TaskError: work: RangeError: it broke\n\nInside the sandbox:\n {2}RangeError: it broke\n {6}at work \(main.ts:3:9\)\n\n {4}at /,
    );
    expect(inspect(error)).not.toContain("duration_ms");
    expect(error.envelope.execution.duration_ms).toBe(1);
    expect(Object.prototype.toString.call(error)).toBe("[object Error]");
  });

  test("without a message are still told apart", () => {
    expect(taskError(failed("timeout", { message: "" })).summary).toBe("work: timeout");
    expect(taskError(failed("task_error", { message: "", class: "E" })).summary).toBe("work: E");
  });
});

describe("the sidecar's command", () => {
  test("is the setting's first", () => {
    const setting = { CAPSULE_SIDECAR: " '/opt/my capsule' sidecar " };
    expect(findCommand(setting)).toEqual(["/opt/my capsule", "sidecar"]);
  });

  test("is the checkout's next, then an installed one", () => {
    const folder = temporaryFolder();
    const here = join(folder, "sdk-typescript/dist/command.js");
    mkdirSync(join(folder, "bin"));
    const installed = join(folder, "bin/capsule");
    const environment = { PATH: `/nowhere::${folder}/bin` };
    expect(() => findCommand(environment, here)).toThrow(
      /no Capsule sidecar found: .*CAPSULE_SIDECAR/,
    );
    writeFileSync(installed, "");
    expect(() => findCommand(environment, here)).toThrow(capsule.SidecarError);
    chmodSync(installed, 0o755);
    expect(findCommand(environment, here)).toEqual([installed, "sidecar"]);
    writeFileSync(join(folder, "capsule"), "");
    expect(findCommand(environment, here)).toEqual([join(folder, "capsule"), "sidecar"]);
    expect(findCommand()).toEqual([join(CHECKOUT, "capsule"), "sidecar"]);
  });

  test.each<[string, string[]]>([
    ["a b  c\td", ["a", "b", "c", "d"]],
    [`'a b'"c d"e`, ["a bc de"]],
    [`"a\\"b" '\\' \\' "\\n"`, ['a"b', "\\", "'", "\\n"]],
    [`'' ""`, ["", ""]],
  ])("is split as a shell does: %s", (line, words) => {
    expect(split(line)).toEqual(words);
    expect(split(shellJoin(words))).toEqual(words);
  });

  test.each(["'a", '"a', '"a\\"', "a\\"])("that is no command line is refused: %s", (line) => {
    expect(() => split(line)).toThrow("is not a command line");
  });
});
