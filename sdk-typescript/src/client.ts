/** Which sidecar a call runs in: started on first use, replaced when it dies, ended with its owner. */

import { findCommand, shellJoin, split } from "./command.js";
import { Connection, isRpcError } from "./connection.js";
import { SidecarError, SidecarLost } from "./errors.js";
import { OutputRouter } from "./output.js";
import { SidecarProcess } from "./process.js";
import type { OutputEvent } from "./types.js";
import { PROTOCOL_VERSION, version } from "./version.js";
import { type InitializeParams, InitializeResult, type Of } from "./wire.js";

const MAX_DEATHS = 3;
const DEATHS_WITHIN_MILLISECONDS = 10_000;
const LAST_WORDS_MILLISECONDS = 1000;

export interface CapsuleOptions {
  /** The command line that starts the sidecar; default: as `CAPSULE_SIDECAR` says, or the installed one. */
  command?: string | readonly string[];
  /** Takes what tasks print, where a call does not say otherwise; default: stdout and stderr. */
  onOutput?: (event: OutputEvent) => void;
}

/**
 * A sidecar of one's own. Most programs need none: calls share one that starts by itself.
 *
 *     await using capsule = new Capsule({ command: "/opt/capsule/capsule sidecar" });
 *     await run({ file: "x.ts", client: capsule });
 */
export class Capsule {
  readonly #options: CapsuleOptions;
  readonly #output: OutputRouter;
  #connection: Connection | undefined;
  #starting: { process?: SidecarProcess; connection: Promise<Connection> } | undefined;
  #holders = 0;
  #closings = 0;

  constructor(options: CapsuleOptions = {}) {
    this.#options = options;
    this.#output = new OutputRouter(options.onOutput);
  }

  /**
   * The connection; starts a sidecar if none runs, for a program in this language to begin with.
   * Rejects with `SidecarError` if none can.
   * @internal
   */
  connection(language = "javascript"): Promise<Connection> | Connection {
    if (this.#connection?.alive) {
      return this.#connection;
    }
    if (this.#starting === undefined) {
      const starting = { connection: this.#start(language) };
      this.#starting = starting;
      const done = (): void => {
        if (this.#starting === starting) {
          this.#starting = undefined;
        }
      };
      starting.connection.then(done, done);
    }
    return this.#starting.connection;
  }

  /**
   * Somebody waits for an answer, so Node must not end; to be undone by `release`.
   * @internal
   */
  hold(): void {
    this.#holders++;
    this.#updateBusy();
  }

  /** @internal */
  release(): void {
    this.#holders--;
    this.#updateBusy();
  }

  #updateBusy(): void {
    const process = this.#starting?.process ?? this.#connection?.process;
    if (process !== undefined) {
      process.busy = this.#holders > 0;
    }
  }

  async #start(language: string): Promise<Connection> {
    const command = this.#command();
    const began = performance.now();
    const closings = this.#closings;
    await Promise.resolve(); // so that `#starting` is set
    for (let deaths = 1; ; deaths++) {
      const sidecar = new SidecarProcess(command);
      if (this.#starting !== undefined) {
        this.#starting.process = sidecar;
      }
      this.#updateBusy();
      const kill = (): void => sidecar.kill();
      process.once("exit", kill); // a sidecar that is still starting does not notice the end of its input
      try {
        const connection = new Connection(sidecar, this.#output);
        await initialize(connection, language);
        if (closings !== this.#closings) {
          await connection.close();
          throw new SidecarError("the client was closed while its sidecar was starting");
        }
        this.#connection = connection;
        return connection;
      } catch (error) {
        sidecar.kill();
        if (!(error instanceof SidecarLost)) {
          throw error;
        }
        if (closings !== this.#closings) {
          throw new SidecarError("the client was closed while its sidecar was starting");
        }
        await sidecar.ended; // rejects if it could not be started at all
        if (deaths >= MAX_DEATHS || performance.now() - began > DEATHS_WITHIN_MILLISECONDS) {
          throw new SidecarError(await obituary(sidecar, deaths, error));
        }
      } finally {
        process.off("exit", kill);
      }
    }
  }

  #command(): readonly string[] {
    const { command } = this.#options;
    if (command === undefined) {
      return findCommand();
    }
    return typeof command === "string" ? split(command) : command;
  }

  /**
   * Ends its sidecar, if one runs, and the tasks in it; the next call starts another. Not needed at
   * the end of the process, when it is done anyway.
   */
  async close(): Promise<void> {
    this.#closings++;
    const starting = this.#starting;
    starting?.process?.kill();
    await starting?.connection.catch(() => {});
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function initialize(connection: Connection, language: string): Promise<void> {
  // Without a time limit: a checkout's sidecar builds what is missing before it answers, and says so
  // on standard error.
  const params: Of<typeof InitializeParams> = {
    processId: process.pid,
    clientInfo: { name: "capsule-typescript", version },
    trace: null,
    languages: [language], // others are prepared when the first program in them is loaded
  };
  let spoken: string;
  try {
    const text = JSON.stringify(params);
    spoken = (await connection.request("initialize", text, InitializeResult)).protocolVersion;
  } catch (error) {
    if (isRpcError(error)) {
      throw new SidecarError(`the sidecar refused to start: ${error.message} (${error.code})`);
    }
    throw error;
  }
  if (spoken !== PROTOCOL_VERSION) {
    throw new SidecarError(
      `the sidecar speaks protocol ${spoken}, this package ${PROTOCOL_VERSION}; install ` +
        `versions that belong together (started by ${shellJoin(connection.process.command)})`,
    );
  }
}

async function obituary(
  process: SidecarProcess,
  deaths: number,
  lost: SidecarLost,
): Promise<string> {
  const times = deaths === 1 ? "once" : `${deaths} times`;
  const words = await process.lastWords(LAST_WORDS_MILLISECONDS);
  const said = words ? `\nIt said:\n${words}` : "";
  return `the sidecar \`${shellJoin(process.command)}\` died ${times} while starting; ${lost.message}${said}`;
}

/** The one that calls share which name none. */
export const defaultClient = new Capsule();

/** Ends the shared sidecar, if one runs, and the tasks in it; the next call starts another. */
export async function close(): Promise<void> {
  await defaultClient.close();
}
