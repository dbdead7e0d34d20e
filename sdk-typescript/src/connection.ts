/** One connection to one sidecar: JSON-RPC requests as promises. */

import { debuglog } from "node:util";
import {
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
  ResponseError,
} from "vscode-jsonrpc/node";
import { onAbort } from "./abort.js";
import { SidecarError, SidecarLost } from "./errors.js";
import type { OutputRouter } from "./output.js";
import { type SidecarProcess, within } from "./process.js";
import type { LoadedProgram, Program } from "./program.js";
import { ToolServer } from "./toolserver.js";
import { checkSize, RawJson, SidecarReader, SidecarWriter } from "./transport.js";
import { json, ProgramProgress, type Reader, WireError } from "./wire.js";
import { WorkflowRevoked } from "./workflowwire.js";

const CLOSE_MILLISECONDS = 1000;
const log = debuglog("capsule");

/** A JSON-RPC error reply: the request could not be carried out. */
export type RpcError = ResponseError<Record<string, unknown> | undefined>;

export function isRpcError(error: unknown): error is RpcError {
  return error instanceof ResponseError;
}

/** Requests and their replies. */
export class Connection {
  /** The programs that this sidecar has loaded, or is loading. */
  readonly programs = new Map<Program, Promise<LoadedProgram>>();
  /** What the tasks of this sidecar may call in this process. */
  readonly tools = new ToolServer();
  /** What the open workflows do when they are revoked, by their handles. */
  readonly workflows = new Map<string, (reason: string, message: string) => void>();
  readonly #rpc: MessageConnection;
  readonly #pending = new Set<(lost: SidecarLost) => void>();
  #lost: string | undefined;

  constructor(
    readonly process: SidecarProcess,
    readonly output: OutputRouter,
  ) {
    const reader = new SidecarReader(process.stdout);
    const logger = { error: log, warn: log, info: log, log };
    this.#rpc = createMessageConnection(reader, new SidecarWriter(process.stdin), logger);
    this.#rpc.onNotification("task/output", (params) => output.output(params));
    this.#rpc.onNotification("task/queued", (params) => output.queued(params));
    this.#rpc.onNotification("task/finished", (params) => output.finished(params));
    this.#rpc.onNotification("program/progress", (params) =>
      log("%s", ProgramProgress(params, "params").message),
    );
    this.#rpc.onNotification("workflow/revoked", (params) => {
      const { workflow, reason, message } = WorkflowRevoked(params, "params");
      const revoke = this.workflows.get(workflow);
      this.workflows.delete(workflow);
      revoke?.(reason, message);
    });
    this.#rpc.onRequest("callTool", async (params, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      if (token.isCancellationRequested) {
        stop.abort(); // a token that was cancelled before tells nobody
      }
      return new RawJson(await this.tools.call(params, stop.signal));
    });
    reader.onError((error) => void this.#end(`it broke the protocol: ${error.message}`));
    reader.onClose(() => void this.#end(undefined));
    this.#rpc.listen();
  }

  /** Whether requests can still be sent. */
  get alive(): boolean {
    return this.#lost === undefined;
  }

  /**
   * Sends a request, whose params are JSON, and reads its result. Rejects with an `RpcError`, with
   * `SidecarError`, `SidecarLost`, `MessageTooLarge`, or, when the signal aborts, with
   * its reason: then the sidecar is told to stop what it does for the request.
   */
  async request<T>(
    method: string,
    params: string,
    read: Reader<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const result = await this.#request(method, params, signal);
    try {
      return read(result, "result");
    } catch (error) {
      if (error instanceof WireError) {
        throw new SidecarError(
          `${this.#name()} answered ${method} with what is no answer: ${error.message}`,
        );
      }
      throw error;
    }
  }

  /** Sends a notification, whose params are JSON. Nothing happens if the sidecar is gone. */
  notify(method: string, params: string): void {
    if (this.#lost === undefined) {
      this.#rpc.sendNotification(method, new RawJson(params)).catch((error: unknown) => {
        log("%s was not told: %o", this.#name(), error);
      });
    }
  }

  async #request(method: string, params: string, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    checkSize(params);
    if (this.#lost !== undefined) {
      throw new SidecarLost(this.#lost, { sent: false });
    }
    const token = signal === undefined ? undefined : new CancellationTokenSource();
    const sent =
      token === undefined
        ? this.#rpc.sendRequest(method, new RawJson(params))
        : this.#rpc.sendRequest(method, new RawJson(params), token.token);
    return new Promise((resolve, reject) => {
      const forget = (): void => {
        this.#pending.delete(fail);
        endListening();
      };
      const fail = (lost: SidecarLost): void => {
        forget();
        reject(lost);
      };
      const endListening = onAbort(signal, () => {
        forget();
        token?.cancel();
        reject(signal?.reason);
      });
      this.#pending.add(fail);
      sent.then(
        (result) => {
          forget();
          resolve(result);
        },
        (error: unknown) => {
          if (isRpcError(error) && error.code === ErrorCodes.PendingResponseRejected) {
            return; // the connection has ended, which `fail` will tell
          }
          forget();
          if (isRpcError(error) && error.code === ErrorCodes.MessageWriteError) {
            void this.#end(undefined); // it takes nothing any more, so it is not asked again
            const gone = `${this.#name()} is gone: ${error.message}`;
            reject(new SidecarLost(gone, { sent: false }));
          } else {
            reject(error);
          }
        },
      );
    });
  }

  #name(): string {
    return `the Capsule sidecar (process ${this.process.pid})`;
  }

  /** The sidecar is gone, or does not make sense any more; `reason` is undefined if it just ended. */
  async #end(reason: string | undefined): Promise<void> {
    if (this.#lost !== undefined) {
      return;
    }
    const what = `${this.#name()} is gone: `;
    this.#lost = what + (reason ?? "its output ended");
    this.tools.close();
    if (reason !== undefined) {
      this.process.kill();
    }
    const ending = await this.process.wait(CLOSE_MILLISECONDS);
    this.process.kill();
    if (reason === undefined && ending !== undefined) {
      const { code, signal } = ending;
      this.#lost = what + (signal ? `killed by ${signal}` : `it exited with ${code}`);
    }
    // Requests that were not written whole are told apart first, as they can be sent again.
    this.process.stdin.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    for (const fail of [...this.#pending]) {
      fail(new SidecarLost(this.#lost));
    }
    this.#rpc.dispose();
  }

  /** Ends the sidecar in good order: shutdown, exit, and a push if it lingers. */
  async close(): Promise<void> {
    if (this.alive) {
      await within(this.request("shutdown", "{}", json), CLOSE_MILLISECONDS);
      await within(this.#rpc.sendNotification("exit"), CLOSE_MILLISECONDS);
    }
    this.tools.close();
    this.process.stdin.end();
    if ((await this.process.wait(CLOSE_MILLISECONDS)) === undefined) {
      this.process.kill("SIGTERM");
      if ((await this.process.wait(CLOSE_MILLISECONDS)) === undefined) {
        this.process.kill();
      }
    }
    await this.process.lastWords(CLOSE_MILLISECONDS);
    await this.#end(undefined);
  }
}
