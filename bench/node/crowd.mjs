/**
 * Has many tasks asleep at once; the same lines as those of ../capsule_bench/children/crowd.py. Arguments: how many, for how many
 * seconds each. The end of standard input stops them.
 */
import { createInterface } from "node:readline";
import { nap } from "./programs/sleeper.mjs";

const [count, seconds] = process.argv.slice(2).map(Number);
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

for (let warmUp = 0; warmUp < 20; warmUp++) {
  await nap.using({ onOutput: () => {} })(0);
}
tell({ ready: true });
await lines.next();

const stop = new AbortController();
let asleep = 0;
const all = Promise.withResolvers?.() ?? withResolvers();
const listening = nap.using({
  signal: stop.signal,
  onOutput: ({ text }) => {
    asleep += text.split("\n").length - 1;
    if (asleep === count) all.resolve();
  },
});
const crowd = Array.from({ length: count }, () => listening(seconds).catch(all.reject));
await all.promise;
tell({ asleep });
await lines.next();
all.promise.catch(() => {});
stop.abort();
await Promise.all(crowd);

function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
