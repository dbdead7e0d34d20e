/**
 * The smallest program: one task, run in a sandbox of its own.
 *
 *     capsule run examples/typescript/hello.ts
 *     capsule run examples/typescript/hello.ts Ada
 */
import { task } from "@capsule/sdk";

export const main = task({ compute: "LOW", ram: "64MB", timeout: "30s" }, function main(name: string = "world") {
  console.log(`inside the sandbox: ${navigator.userAgent}`);
  return `Hello, ${name}!`;
});
