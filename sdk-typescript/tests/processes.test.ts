/** The sidecar's life beside the host's: kills, interrupts, exits. All of it real. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { CHECKOUT, eventually, isRunning, temporaryFolder } from "./helpers.js";

const PROGRAM = `
import time
from capsule import task

@task
def double(n):
    return 2 * n

@task(timeout="120s")
def sleep():
    print("sleeping", flush=True)
    time.sleep(100)

@task
def babble():
    while True:
        print(1)

@task
def flood():
    print("0123456789abcde" * 100_000)
`;

const PREAMBLE = `
import { close, run, runPython, Session } from "${CHECKOUT}sdk-typescript/dist/index.js";
import { defaultClient } from "${CHECKOUT}sdk-typescript/dist/client.js";

const file = new URL("program.py", import.meta.url);
const double = async (n) => (await run({ file, task: "double", args: [n] })).result;
const sleep = (more) => run({ file, task: "sleep", ...more });
const pid = async () => {
  await double(1); // a call keeps this process up, while its sidecar starts
  return (await defaultClient.connection()).process.pid;
};
const say = (...words) => console.log(...words);
`;

class Host {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  out = "";
  err = "";

  /** Starts a host program: the preamble and a main part. */
  constructor(main: string) {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "program.py"), PROGRAM);
    writeFileSync(join(folder, "host.mjs"), PREAMBLE + main);
    this.process = spawn(process.execPath, ["--trace-warnings", "host.mjs"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process.stdout.on("data", (data) => {
      this.out += data;
    });
    this.process.stderr.on("data", (data) => {
      this.err += data;
    });
    this.ended = new Promise((resolve) => {
      this.process.once("close", (code, signal) => resolve(code ?? signal));
    });
    onTestFinished(async () => {
      this.process.kill("SIGKILL");
      await this.ended;
    });
  }

  async says(text: string): Promise<void> {
    await eventually(() => this.out.includes(text), `${text} in ${this.out}${this.err}`);
  }

  /** Waits for an end that is to be good. */
  async finish(): Promise<string> {
    expect(await this.ended, this.err).toBe(0);
    expect(this.err).toBe("");
    return this.out.trim();
  }
}

function sidecarOf(out: string): number {
  const [, pid] = /sidecar (\d+)/.exec(out) ?? [];
  return Number(pid);
}

test("the host ends by itself, and the sidecar with it", async () => {
  const host = new Host('say(await double(4)); say("sidecar", await pid());');
  const out = await host.finish();
  expect(out).toMatch(/^8\n/);
  await eventually(() => !isRunning(sidecarOf(out)), "the sidecar has ended");
});

test("the host ends by itself when the last call ends, not before", async () => {
  const host = new Host(`
    double(1).then(() => setTimeout(async () => say(await double(2), await double(3)), 50));
  `);
  expect(await host.finish()).toBe("4 6");
});

test("a session that nobody closes does not keep the host", async () => {
  const host = new Host(`
    const session = await Session.open("python");
    say((await session.run("x = 1; x")).value);
    Session.open("javascript").then((other) => other.run("2")).then(({ value }) => say(value));
  `);
  expect(await host.finish()).toBe("1\n2");
});

test("what a task that was given up prints is not the host's output", async () => {
  const host = new Host(`
    const abort = new AbortController();
    const onOutput = () => abort.abort();
    const { signal } = abort;
    await run({ file, task: "babble", signal, onOutput }).catch((error) => say(error.name));
    say(await double(1), await double(2));
  `);
  expect(await host.finish()).toBe("AbortError\n2 4");
});

test("what a cell that was given up prints is not the host's output", async () => {
  const host = new Host(`
    const session = await Session.open("python");
    const abort = new AbortController();
    const { signal } = abort;
    const onOutput = () => abort.abort();
    const code = "try:\\n  while True: print(1)\\nfinally: print(2)";
    await session.run(code, { signal, onOutput }).catch((error) => say(error.name));
    say((await session.run("3")).value);
    await runPython(code, { signal: AbortSignal.timeout(50) }).catch((error) => say(error.name));
    say((await session.run("4")).value);
  `);
  expect(await host.finish()).toBe("AbortError\n3\nTimeoutError\n4");
});

test("a call that was given up does not keep the host", async () => {
  const host = new Host(`
    const abort = new AbortController();
    const onOutput = () => abort.abort();
    await sleep({ signal: abort.signal, onOutput }).catch((error) => say(error.name));
  `);
  expect(await host.finish()).toBe("AbortError");
});

test("process.exit with calls in flight ends both", async () => {
  const host = new Host(`
    say("sidecar", await pid());
    await sleep({ onOutput: () => process.exit(0) });
  `);
  const out = await host.finish();
  await eventually(() => !isRunning(sidecarOf(out)), "the sidecar has ended");
});

test("an error that nobody catches shows the task's name and where it was called", async () => {
  const host = new Host('await run({ file, task: "double", args: ["x"], timeout: "1 parsec" });');
  expect(await host.ended).toBe(1);
  expect(host.err).toContain("OptionError: ");
  expect(host.err).toContain("1 parsec");
  expect(host.err).toMatch(/at async file:.*host\.mjs:\d+/);
});

test("kill -9 of the host leaves no sidecar", async () => {
  const host = new Host('say("sidecar", await pid()); await sleep();');
  await host.says("sleeping");
  const sidecar = sidecarOf(host.out);
  expect(isRunning(sidecar)).toBe(true);
  host.process.kill("SIGKILL");
  await eventually(() => !isRunning(sidecar), "the sidecar has ended");
});

test("Ctrl-C ends the host and its sidecar", async () => {
  const host = new Host('say("sidecar", await pid()); await sleep();');
  await host.says("sleeping");
  host.process.kill("SIGINT");
  expect(await host.ended).toBe("SIGINT");
  await eventually(() => !isRunning(sidecarOf(host.out)), "the sidecar has ended");
});

test("a host that handles Ctrl-C goes on with the same sidecar", async () => {
  const host = new Host(`
    const abort = new AbortController();
    process.once("SIGINT", () => abort.abort(new Error("interrupted")));
    const before = await pid();
    await sleep({ signal: abort.signal }).catch((error) => say(error.message));
    say(await double(5), (await pid()) === before);
  `);
  await host.says("sleeping");
  host.process.kill("SIGINT");
  expect(await host.finish()).toBe("sleeping\ninterrupted\n10 true");
});

test("output into a pipe that nobody reads any more does no harm", async () => {
  const host = new Host(`
    await double(1);
    process.stderr.write("ready");
    const { success } = await run({ file, task: "flood" });
    process.stderr.write(" " + success);
  `);
  host.process.stdout.destroy();
  await eventually(() => host.err.includes("ready"), "it has started");
  expect(await host.ended).toBe(0);
  expect(host.err).toBe("ready true");
});

test("close() ends the sidecar, and the next call starts another", async () => {
  const host = new Host(`
    const before = await pid();
    await close();
    say("sidecar", before);
    say(await double(3), (await pid()) !== before);
  `);
  const out = await host.finish();
  expect(out).toMatch(/6 true$/);
  expect(isRunning(sidecarOf(out))).toBe(false);
});

test("each worker thread has a sidecar of its own, which ends with it", async () => {
  const host = new Host(`
    import { isMainThread, parentPort, Worker } from "node:worker_threads";
    if (isMainThread) {
      const mine = await pid();
      const worker = new Worker(new URL(import.meta.url));
      worker.once("message", async ([sidecar, result]) => {
        say("sidecar", sidecar);
        say(result, sidecar !== mine, await double(3));
        worker.terminate();
      });
    } else {
      parentPort.postMessage([await pid(), await double(2)]);
    }
  `);
  const out = await host.finish();
  expect(out).toMatch(/4 true 6$/);
  await eventually(() => !isRunning(sidecarOf(out)), "the worker's sidecar has ended");
});
