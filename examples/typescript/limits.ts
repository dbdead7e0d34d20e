/**
 * Each limit, broken on purpose: the sandbox ends, the program goes on.
 *
 *     npx tsx limits.ts
 */
import { readFileSync } from "node:fs";
import {
  OutOfFuel,
  OutOfMemory,
  StackOverflow,
  type Task,
  TaskError,
  TaskTimeout,
  task,
} from "@capsule/sdk";

const spin = task({ name: "spin", compute: 50_000_000 }, () => {
  for (;;) {}
});

const sleep = task({ name: "sleep", timeout: "300ms" }, async () => {
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});

const hoard = task({ name: "hoard", ram: "64MB" }, () => {
  const chunks: Uint8Array[] = [];
  for (;;) {
    chunks.push(new Uint8Array(1_000_000).fill(1));
  }
});

const recurse = task({ name: "recurse" }, () => {
  const deeper = (): number => 1 + deeper();
  return deeper();
});

const readAFile = task({ name: "readAFile" }, () => readFileSync("/etc/passwd", "utf8"));

const expected = new Map<Task<[], unknown>, typeof TaskError>([
  [spin, OutOfFuel],
  [sleep, TaskTimeout],
  [hoard, OutOfMemory],
  [recurse, StackOverflow],
  [readAFile, TaskError], // ENOENT: it was granted no folder, so it sees none
]);

const outcomes = await Promise.allSettled([...expected.keys()].map((limit) => limit()));
for (const [index, error] of [...expected.values()].entries()) {
  const outcome = outcomes[index];
  if (outcome?.status !== "rejected" || outcome.reason.constructor !== error) {
    throw new Error(`expected ${error.name}`, { cause: outcome });
  }
  console.log(error.name.padEnd(13), outcome.reason.summary);
}
