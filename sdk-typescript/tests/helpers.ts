/** What several test files need. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { Capsule } from "../src/client.js";

export const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));
const FAKE = join(CHECKOUT, "sdk-python/tests/fake_sidecar.py");

/** Waits until the condition holds; fails the test if it does not in time. */
export async function eventually(
  condition: () => boolean,
  what: string,
  milliseconds = 20_000,
): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error(`not within ${milliseconds} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether the process exists and is not a zombie that only waits to be collected. */
export function isRunning(pid: number): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, "ascii").split(") ").at(-1)?.[0] ?? "X";
    return !["Z", "X"].includes(state);
  } catch {
    return false;
  }
}

/** An empty folder that the test's end removes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "capsule-sdk-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The process id of a client's sidecar. */
export async function sidecarPid(client: Capsule): Promise<number> {
  const { pid } = (await client.connection()).process;
  if (pid === undefined) {
    throw new Error("there is no sidecar");
  }
  return pid;
}

/** A client whose sidecar is the scripted peer of the Python tests, and what that has noted. */
export class Fake {
  readonly client: Capsule;
  readonly #folder = mkdtempSync(join(tmpdir(), "capsule-sdk-"));
  readonly #log = join(this.#folder, "fake.log");

  /** It ends with the test, or where `finished` says. */
  constructor(
    mode = "",
    finished: (then: () => Promise<void>) => void = onTestFinished,
    ...settings: string[]
  ) {
    const set = [`FAKE_LOG=${this.#log}`, ...settings];
    const command = ["env", ...set, "python3", FAKE, ...(mode ? [mode] : [])];
    this.client = new Capsule({ command });
    finished(async () => {
      await this.client.close();
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  lines(): string[] {
    return existsSync(this.#log) ? readFileSync(this.#log, "utf8").trim().split("\n") : [];
  }

  /** The params of requests that concern workflows. */
  sent(method: string): Record<string, unknown>[] {
    const lines = this.lines();
    return lines.flatMap((line, at) => (line === method ? [JSON.parse(lines[at + 1] ?? "")] : []));
  }

  /** Has these replies handed over; `asked` is answered as replayed when it is asked for. */
  handOver(replies: Record<string, unknown>, ...asked: string[]): void {
    const steps = Object.entries(replies).map(([key, reply]) => ({
      key,
      reply: JSON.stringify(reply),
    }));
    const half = Math.ceil(steps.length / 2);
    const pages = [steps.slice(0, half), steps.slice(half)];
    writeFileSync(join(this.#folder, "fake.replay"), JSON.stringify(pages));
    const known = Object.fromEntries(asked.map((key) => [key, {}]));
    writeFileSync(join(this.#folder, "fake.journal"), JSON.stringify(known));
  }

  count(line: string): number {
    return this.lines().filter((each) => each === line).length;
  }

  pids(): number[] {
    return this.lines()
      .filter((line) => line.startsWith("started "))
      .map((line) => Number(line.split(" ")[1]));
  }
}
