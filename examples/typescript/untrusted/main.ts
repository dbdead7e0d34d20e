/**
 * Runs code that somebody else wrote a second ago, and shows what it can and cannot do.
 *
 *     npx tsx untrusted/main.ts
 *     capsule run examples/typescript/untrusted/main.ts "[1, 2, 3].map((n) => n * n)"
 */
import { inSandbox, task } from "@capsule/sdk";

export const evaluate = task(
  {
    name: "evaluate",
    compute: "LOW",
    ram: "64MB",
    timeout: "2s",
    maxOutput: "10KB",
  },
  // biome-ignore lint/security/noGlobalEval: this is the place for it
  async (code: string): Promise<unknown> => await globalThis.eval(code),
);

const CODE = [
  "Array.from({ length: 10 }, (_, n) => n ** 2)",
  "process.env",
  "import('node:fs').then((fs) => fs.readFileSync('/etc/passwd', 'utf8'))",
  "fetch('http://169.254.169.254/latest/meta-data').then((answer) => answer.text())",
  "Object.prototype.polluted = true; 'done'",
  "({}).polluted ?? 'a fresh sandbox'",
  "while (true) {}",
];

if (!inSandbox) {
  for (const code of CODE) {
    const { result, error } = await evaluate.envelope(code);
    const shown = error === null ? JSON.stringify(result) : `${error.type}: ${error.message}`;
    console.log(`${code}\n  ${shown.split("\n")[0]}`);
  }
}
