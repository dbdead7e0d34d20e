/** Calls a function by `node -e`: a process a call, with no limit at all. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { serve } from "./calls.mjs";

const SOURCE = readFileSync(new URL("./programs/hello.plain.js", import.meta.url), "utf8");
const PROGRAM = `${SOURCE}; process.stdout.write(JSON.stringify(main(...JSON.parse(process.argv[1]))))`;
const start = promisify(execFile);

await serve(() => async (...args) => JSON.parse((await start(process.execPath, ["-e", PROGRAM, JSON.stringify(args)])).stdout));
