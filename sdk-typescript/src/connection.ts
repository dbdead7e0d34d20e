/** One connection to one sidecar: JSON-RPC requests as promises. */

import { debuglog } from "node:util";
import {
  type CancellationToken,
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
  ResponseError,
} from "vscode-jsonrpc/node";
import { onAbort } from "./abort.js";
import { OptionError, SidecarError, SidecarLost } from "./errors.js";
import type { OutputRouter } from "./output.js";
import { type SidecarProcess, within } from "./process.js";
import type { LoadedProgram, Program } from "./program.js";
import { ToolServer } from "./toolserver.js";
import { checkSize, RawJson, SidecarReader, SidecarWriter } from "./transport.js";
import { InvalidParamData, json, ProgramProgress, type Reader, readOr, WireError } from "./wire.js";
import { WorkflowRevoked } from "./workflowwire.js";

const CLOSE_MILLISECONDS = 1000;
const log = debuglog("capsule");

/** A JSON-RPC error reply: the request could not be carried out. */
export type RpcError = ResponseError<Record<string, unknown> | undefined>;

export function isRpcError(error: unknown): error is RpcError {
  return error instanceof ResponseError;
}

/** The error for whoever made the request: it names the parameter that is wrong. */
export function refusalOf(error: RpcError): OptionError | SidecarError {
  return error.code === ErrorCodes.InvalidParams
    ? new OptionError(error.message, readOr(InvalidParamData, error.data, {}))
    : new SidecarError(`the sidecar refused the request: ${error.message} (${error.code})`);
}

/** A request that is under way. */
export interface Sent<T> {
  readonly reply: Promise<T>;
  /** Tells the sidecar to stop what it does for the request, which is still answered. */
  cancel(): void;
}

/** The reply; when the signal aborts, its reason: then the request is cancelled. */
export function replyUnlessAborted<T>(sent: Sent<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const endListening = onAbort(signal, () => {
      endListening();
      sent.cancel();
      reject(signal.reason);
    });
    sent.reply.then(resolve, reject).finally(endListening);
  });
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
    if (signal === undefined) {
      return this.#send(method, params, read);
    }
    signal.throwIfAborted();
    return replyUnlessAborted(this.begin(method, params, read), signal);
  }

  /** As `request`, of one that can be cancelled and is answered nevertheless. */
  begin<T>(method: string, params: string, read: Reader<T>): Sent<T> {
    const source = new CancellationTokenSource();
    return {
      reply: this.#send(method, params, read, source.token),
      cancel: () => source.cancel(),
    };
  }

  /** Sends a notification, whose params are JSON. Nothing happens if the sidecar is gone. */
  notify(method: string, params: string): void {
    if (this.#lost === undefined) {
      this.#rpc.sendNotification(method, new RawJson(params)).catch((error: unknown) => {
        log("%s was not told: %o", this.#name(), error);
      });
    }
  }

  async #send<T>(
    method: string,
    params: string,
    read: Reader<T>,
    token?: CancellationToken,
  ): Promise<T> {
    const result = await this.#sendRaw(method, params, token);
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

  async #sendRaw(method: string, params: string, token?: CancellationToken): Promise<unknown> {
    checkSize(params);
    if (this.#lost !== undefined) {
      throw new SidecarLost(this.#lost, { sent: false });
    }
    const sent =
      token === undefined
        ? this.#rpc.sendRequest(method, new RawJson(params))
        : this.#rpc.sendRequest(method, new RawJson(params), token);
    return new Promise((resolve, reject) => {
      const forget = (): void => {
        this.#pending.delete(fail);
      };
      const fail = (lost: SidecarLost): void => {
        forget();
        reject(lost);
      };
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
