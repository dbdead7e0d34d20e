/** Programs that are made of files in several languages. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { close, run, SourceError, TaskError, taskRef } from "../src/index.js";
import { temporaryFolder } from "./helpers.js";

afterAll(close);

const FILES = {
  "capsule.toml": `
[tasks.summarize]
file = "summarize.py"

[tasks.shout]
file = "main.ts"
`,
  "main.ts": `
import { TaskError, task, taskRef } from "@capsule/sdk";

const summarize = taskRef<[text: string, options?: { limit: number }], string>("summarize");

export const shout = task({ name: "shout" }, (text: string) => text.toUpperCase());

export const report = task({ name: "report" }, async (text: string) => {
  try {
    return await summarize(text);
  } catch (error) {
    return [error instanceof TaskError, (error as TaskError).task, (error as TaskError).className];
  }
});
`,
  "summarize.py": `
import capsule
from capsule import task

shout = capsule.task_ref("shout")

@task
def summarize(text):
    if not text:
        raise ValueError("nothing to summarize")
    return shout(text[:5]) + "..."
`,
};

function project(): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(FILES)) {
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test("a task in TypeScript calls one in Python, which calls one in TypeScript", async () => {
  const file = join(project(), "main.ts");
  expect(await run({ file, task: "report", args: ["to be or not"] })).toMatchObject({
    error: null,
    result: "TO BE...",
  });
  expect((await run({ file, task: "report", args: [""] })).result).toEqual([
    true,
    "summarize",
    "ValueError",
  ]);
});

test("the host calls a task of another file by its name", async () => {
  const module = join(project(), "main.ts");
  const summarize = taskRef<[text: string], string>("summarize", { module });
  expect(await summarize("to be or not")).toBe("TO BE...");
  await expect(summarize("")).rejects.toThrow(TaskError);
  const missing = taskRef("sumarize", { module })();
  await expect(missing).rejects.toThrow(/summarize/);
});

test("a program that cannot be bundled says where and why", async () => {
  const file = join(temporaryFolder(), "main.ts");
  writeFileSync(file, 'import { x } from "not-installed";\n\nexport const main = () => x;\n');
  const failed = await run({ file });
  expect(failed.error?.type).toBe("source_error");
  expect(failed.error?.message).toMatch(/main\.ts:1.*not-installed/);
  const call = taskRef("main", { module: file })();
  await expect(call).rejects.toThrow(SourceError);
});
