/** Calls a function by quickjs-emscripten, in a fresh runtime each time (one module for all); arguments and results as JSON. */
import { readFileSync } from "node:fs";
import { getQuickJS } from "quickjs-emscripten";
import { serve } from "./calls.mjs";

const BYTES = 64_000_000;
const SOURCE = readFileSync(new URL("./programs/hello.plain.js", import.meta.url), "utf8");
const quickjs = await getQuickJS();

function call(...args) {
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(BYTES);
  const context = runtime.newContext();
  try {
    const argument = JSON.stringify(JSON.stringify(args));
    const result = context.unwrapResult(context.evalCode(`${SOURCE}; JSON.stringify(main(...JSON.parse(${argument})))`));
    const text = context.getString(result);
    result.dispose();
    return JSON.parse(text);
  } finally {
    context.dispose();
    runtime.dispose();
  }
}

await serve(() => call);
