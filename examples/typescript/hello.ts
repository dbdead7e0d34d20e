/**
 * The smallest program: one task, run in a sandbox of its own.
 *
 *     capsule run examples/typescript/hello.ts
 *     capsule run examples/typescript/hello.ts Ada
 *     cd examples/typescript && npx tsx hello.ts
 */
import { task } from "@capsule/sdk";

export const main = task(
  { name: "main", compute: "LOW", ram: "64MB", timeout: "30s" },
  (name = "world") => {
    console.log("inside the sandbox:", navigator.userAgent);
    return `Hello, ${name}!`;
  },
);

console.log(await main());
