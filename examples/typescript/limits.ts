/**
 * Each limit, broken on purpose: the sandbox ends, the program goes on.
 *
 *     npx tsx examples/typescript/limits.ts
 */
import { readFileSync } from "node:fs";
import { OutOfFuel, OutOfMemory, StackOverflow, TaskError, TaskTimeout, task } from "@capsule/sdk";

const spin = task({ name: "spin", compute: 50_000_000 }, () => {
  for (;;);
});

const wait = task({ name: "wait", timeout: "300ms" }, async () => {
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});

const hoard = task({ name: "hoard", ram: "64MB" }, () => {
  const chunks = [];
  for (;;) chunks.push(new Uint8Array(1_000_000));
});

const recurse = task({ name: "recurse" }, () => {
  const deeper = (): number => 1 + deeper();
  return deeper();
});

const readAFile = task({ name: "read_a_file" }, () => readFileSync("/etc/passwd", "utf8"));

const EXPECTED = new Map<() => Promise<unknown>, typeof TaskError>([
  [spin, OutOfFuel],
  [wait, TaskTimeout],
  [hoard, OutOfMemory],
  [recurse, StackOverflow],
  [readAFile, TaskError], // no such file: it was granted no folder, so it sees none
]);

const outcomes = await Promise.allSettled([...EXPECTED.keys()].map((limit) => limit()));
for (const [index, expected] of [...EXPECTED.values()].entries()) {
  const outcome = outcomes[index];
  if (outcome.status !== "rejected" || !(outcome.reason instanceof expected)) {
    throw new Error(`${expected.name} was expected`, { cause: outcome });
  }
  console.log(`${outcome.reason.name.padEnd(13)} ${outcome.reason.message.split("\n")[0]}`);
}
