// Tasks that the end-to-end tests run in real sandboxes.
import { readFileSync, writeFileSync } from "node:fs";
import * as sdk from "@capsule/sdk";
import { TaskError, task } from "@capsule/sdk";
import { greet } from "./greetings.js";

export const add = task({ name: "add" }, (a: number, b = 0) => a + b);
export const identity = task({ name: "identity" }, (value: unknown) => value);
export const asynchronous = task(async function asynchronous(text: string) {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return text.toUpperCase();
});
export const imported = task({ name: "imported" }, () => greet("sandbox"));
export const fail = task({ name: "fail" }, (key: string) => {
  throw new RangeError(`no ${key}`);
});
export const failStrangely = task({ name: "failStrangely" }, () => ({
  error: { type: "timeout", message: "not really" },
  success: false,
}));
export const nestedFailure = task({ name: "nestedFailure" }, async () => {
  await fail("inner");
});
export const catches = task({ name: "catches" }, async () => {
  try {
    await fail("inner");
  } catch (error) {
    const { name, type, className, message, task } = error as TaskError;
    return [error instanceof TaskError, name, type, className, message, task];
  }
  return "nothing was thrown";
});
export const fanOut = task({ name: "fanOut" }, async (count: number) => {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const sums = await Promise.all(numbers.map((number) => add(number, 1)));
  return [sums.reduce((a, b) => a + b, 0), await add.map(numbers)];
});
export const speak = task({ name: "speak" }, (text: string) => {
  process.stdout.write(text);
  console.error("to stderr");
});
export const speakNested = task({ name: "speakNested" }, async (text: string) => {
  console.log("before");
  await speak(text);
  console.log("after");
});
export const large = task({ name: "large" }, (length: number) => "é".repeat(length));
export const environment = task(
  { name: "environment", envVariables: ["CAPSULE_TEST_GIVEN"] },
  () => ({
    ...process.env,
  }),
);
export const copy = task({ name: "copy" }, (from: string, to: string) => {
  writeFileSync(to, readFileSync(from, "utf8").toUpperCase());
});
export const names = task({ name: "names" }, () => Object.keys(sdk).sort());

export const spin = task({ name: "spin", compute: 50_000_000 }, () => {
  for (;;) {}
});
export const sleepTooLong = task({ name: "sleepTooLong", timeout: "100ms" }, async () => {
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
export const sleep = task({ name: "sleep", timeout: "120s" }, async () => {
  console.log("sleeping");
  await new Promise((resolve) => setTimeout(resolve, 100_000));
});
export const hoard = task({ name: "hoard", ram: "64MB" }, () => {
  const held: string[] = [];
  for (;;) {
    held.push("x".repeat(1_000_000) + held.length);
  }
});
export const recurse = task({ name: "recurse" }, () => {
  const down = (n: number): number => 1 + down(n + 1);
  return down(0);
});
export const leave = task({ name: "leave" }, () => process.exit(3));
export const notJson = task({ name: "notJson" }, () => ({ when: () => 1 }) as unknown);

// What only the host's half does: harmless inside, where these stand still or are made again.
export const impatient = sleep.using({ timeout: "100ms" });
