/**
 * What the measured processes have in common; the same requests and replies as those of ../capsule_bench/children/calls.py:
 * a line of JSON with `program`, `task`, `args`, `count` calls, `in_flight` at once and perhaps `expected`; the reply has the seconds
 * of `each` call, `total` seconds and the `last` result.
 */
import { createInterface } from "node:readline";

/** Answers requests until standard input ends. `find(program, task)` gives a function that makes a call. */
export async function serve(find) {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const call = await find(request.program, request.task);
    process.stdout.write(`${JSON.stringify(await make(call, request))}\n`);
  }
}

async function make(call, { args, count, in_flight: inFlight, expected }) {
  const each = [];
  let left = count;
  let last;
  const began = performance.now();
  async function caller() {
    while (left-- > 0) {
      const start = performance.now();
      last = await call(...args);
      each.push((performance.now() - start) / 1000);
      if (expected !== undefined && last !== expected) {
        throw new Error(`expected ${expected}, got ${last}`);
      }
    }
  }
  await Promise.all(Array.from({ length: inFlight }, caller));
  return { each, total: (performance.now() - began) / 1000, last };
}
