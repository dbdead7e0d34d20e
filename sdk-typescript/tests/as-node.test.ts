/** Cells in JavaScript come to what they come to in Node, whatever came before them. */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { close, Session } from "../src/index.js";
import { CHECKOUT } from "./helpers.js";
import { HOSTILE, mixedCells } from "./javascript_cells.js";

afterAll(close);

interface Outcome {
  text: string | null;
  value: unknown;
  error: string | null;
  failed: boolean;
  stdout: string;
  stderr: string;
}

test("three hundred cells come to the same as in Node", async () => {
  const cells = mixedCells(300);
  const script = join(CHECKOUT, "sdk-typescript/tests/node_cells.mjs");
  const asked = cells.map(({ node, awaited }) => ({ code: node, awaited }));
  const environment = { ...process.env, NO_COLOR: "1", TZ: "UTC" };
  const expected: Outcome[] = JSON.parse(
    execFileSync(process.execPath, ["--no-warnings", script], {
      input: JSON.stringify(asked),
      encoding: "utf8",
      env: environment,
      maxBuffer: 2 ** 26,
    }),
  );
  const different: unknown[] = [];
  const session = await Session.open("javascript", { timeout: "10s" });
  for (const [index, { code }] of cells.entries()) {
    const { text, value, error, stdout, stderr, state } = await session.run(code);
    const found = {
      text,
      value,
      error: error?.class ?? null,
      failed: error !== null,
      stdout,
      stderr,
    };
    const node = expected[index];
    if (state !== "kept" || JSON.stringify(found) !== JSON.stringify(node)) {
      different.push({ code, found, node, state, error });
    }
    if (index % 20 === 0) {
      const hostile = HOSTILE[(index / 20) % HOSTILE.length] ?? "";
      expect((await session.run(hostile, { timeout: "200ms" })).state, hostile).toBe("kept");
    }
  }
  expect(different).toEqual([]);
});
