/** The sidecar's process: how it is started, kept from holding up Node's end, and ended. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { shellJoin } from "./command.js";
import { SidecarError } from "./errors.js";
import { forward } from "./output.js";

const TAIL_CHARACTERS = 4000;

/** How a process ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * A running sidecar and its three streams.
 *
 * It gets a session of its own, so that Ctrl-C in the terminal reaches only the host, whose end it
 * then notices by its standard input.
 */
export class SidecarProcess {
  readonly ended: Promise<Ending>;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #logEnded: Promise<void>;
  #tail = "";
  #running = true;
  #busy = true;

  /** Starts it. A command that cannot be started is an ending, told by `lastWords`. */
  constructor(readonly command: readonly string[]) {
    const [program = "", ...rest] = command;
    try {
      this.#child = spawn(program, rest, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    } catch (error) {
      throw this.#notStarted(error);
    }
    this.stdin = this.#child.stdin;
    this.stdout = this.#child.stdout;
    // Who writes is told by the callback of the write.
    this.stdin.on("error", () => {});
    this.stdout.on("error", () => {});
    this.#logEnded = this.#forwardLog(this.#child.stderr);
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", (error) => {
        this.#running = false;
        reject(this.#notStarted(error));
      });
      this.#child.once("exit", (code, signal) => {
        this.#running = false;
        resolve({ code, signal });
      });
    });
    this.ended.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  #notStarted(error: unknown): SidecarError {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "No such file or directory" : message;
    return new SidecarError(`cannot start the sidecar \`${shellJoin(this.command)}\`: ${why}`);
  }

  // Passed on and not inherited, so that whoever waits for the end of the host's standard error does
  // not wait for the sidecar, and so that its last words can be quoted.
  #forwardLog(stderr: Readable): Promise<void> {
    const decoder = new StringDecoder("utf8");
    const take = (text: string): void => {
      this.#tail = (this.#tail + text).slice(-TAIL_CHARACTERS);
      forward("stderr", text);
    };
    stderr.on("data", (data: Buffer) => take(decoder.write(data)));
    return new Promise((resolve) => {
      stderr.once("close", () => {
        take(decoder.end());
        resolve();
      });
      stderr.on("error", () => {});
    });
  }

  /** The end of what it wrote to standard error; waits until that stream has ended, or so long. */
  async lastWords(milliseconds: number): Promise<string> {
    await within(this.#logEnded, milliseconds);
    return this.#tail.trimEnd();
  }

  /** Whether Node has to stay for it: while somebody waits for an answer. */
  set busy(busy: boolean) {
    if (busy === this.#busy) {
      return;
    }
    this.#busy = busy;
    const handles = [
      this.#child,
      this.stdin,
      this.stdout,
      this.#child.stderr,
    ] as unknown as Socket[];
    for (const handle of handles) {
      if (busy) {
        handle.ref();
      } else {
        handle.unref();
      }
    }
  }

  /** Ends it at once, with all that it has started itself. */
  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    if (!this.#running || this.pid === undefined) {
      return;
    }
    try {
      if (process.platform === "win32") {
        this.#child.kill(signal);
      } else {
        // Its own group (a new session), hence no one else's processes. Not yet collected, hence the
        // number is still its own.
        process.kill(-this.pid, signal);
      }
    } catch {
      // it has just ended
    }
  }

  /** How it ended, or undefined if it still runs after so long. */
  async wait(milliseconds: number): Promise<Ending | undefined> {
    return within(this.ended, milliseconds);
  }
}

/** What the promise gives, or undefined if it has not after so long, or is rejected. */
export async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
