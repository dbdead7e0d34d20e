/**
 * Code of somebody else, run by eval in a sandbox that has nothing: it may compute, and that is all.
 *
 *     npx tsx examples/typescript/untrusted.ts
 */
import { task } from "@capsule/sdk";

const evaluate = task({ name: "evaluate", compute: "LOW", ram: "64MB", timeout: "5s" }, async (code: string) => {
  return await (0, eval)(code);
});

const SNIPPETS = [
  "[3, 1, 2].sort().join('-')",
  "Object.prototype.answer = 42; ({}).answer",
  "({}).answer ?? 'nobody has been here before'",
  "import('node:fs').then((fs) => fs.readdirSync('/home'))",
  "fetch('http://169.254.169.254/latest/meta-data/')",
  "new Function('return process.env.HOME ?? \"no environment\"')()",
  "while (true) {}",
];

const outcomes = await Promise.allSettled(SNIPPETS.map((code) => evaluate(code)));
for (const outcome of outcomes) {
  console.log(outcome.status === "fulfilled" ? outcome.value : `${outcome.reason.name}: ${outcome.reason.message.split("\n")[0]}`);
}
