/** Runs cells in one Node: a JSON array of {code, awaited} comes in, one of their outcomes goes out. */

import { readFileSync, writeSync } from "node:fs";
import { inspect } from "node:util";
import { runInThisContext } from "node:vm";
import { encode } from "../dist/json/encode.js";

const cells = JSON.parse(readFileSync(0, "utf8"));
let printed = { stdout: "", stderr: "" };
for (const name of ["stdout", "stderr"]) {
  process[name].write = (text) => {
    printed[name] += text;
    return true;
  };
}

function jsonOf(value) {
  try {
    return JSON.parse(encode(value, "value"));
  } catch {
    return null; // it has no such form
  }
}

const outcomes = [];
for (const [index, { code, awaited }] of cells.entries()) {
  printed = { stdout: "", stderr: "" };
  const outcome = { text: null, value: null, error: null, failed: false };
  try {
    const given = runInThisContext(code, { filename: `<cell ${index + 1}>` });
    const value = awaited ? await given : given;
    if (value !== undefined) {
      outcome.text = inspect(value);
      outcome.value = jsonOf(value);
    }
  } catch (error) {
    outcome.error = error instanceof Error ? error.constructor.name : null;
    outcome.failed = true;
  }
  outcomes.push({ ...outcome, ...printed });
}
writeSync(1, JSON.stringify(outcomes));
process.exit(0);
