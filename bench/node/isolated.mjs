/** Calls a function by isolated-vm, in a new isolate each time; arguments and results as JSON. */
import { readFileSync } from "node:fs";
import ivm from "isolated-vm";
import { serve } from "./calls.mjs";

const MEGABYTES = 64;
const SOURCE = readFileSync(new URL("./programs/hello.plain.js", import.meta.url), "utf8");

async function call(...args) {
  const isolate = new ivm.Isolate({ memoryLimit: MEGABYTES });
  try {
    const context = await isolate.createContext();
    const program = `${SOURCE}; return JSON.stringify(main(...JSON.parse($0)));`;
    return JSON.parse(await context.evalClosure(program, [JSON.stringify(args)], { timeout: 30_000 }));
  } finally {
    isolate.dispose();
  }
}

await serve(() => call);
