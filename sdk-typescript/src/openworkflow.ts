/**
 * An open workflow: what the sidecar, or the one that replaces it, is told of it.
 *
 * Its handle is of one connection. When a sidecar dies the next one opens the workflow again, and
 * what was in flight is sent again: each step has its number among those of the same name and
 * arguments, so that it is the same step there.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { linked } from "./abort.js";
import type { Capsule } from "./client.js";
import { type Connection, isRpcError, refusalOf } from "./connection.js";
import { SidecarLost } from "./errors.js";
import { Replay } from "./replay.js";
import { Occurrences, stepKey } from "./stepkeys.js";
import { currentTrace } from "./tracecontext.js";
import type { TaskFailure } from "./types.js";
import { json, type Of, type Reader } from "./wire.js";
import {
  JournalError,
  ofKind,
  ofReply,
  ReplayMismatch,
  WorkflowBusy,
  WorkflowCancelled,
  WorkflowError,
} from "./workflowerrors.js";
import {
  BeginStepResult,
  type Opened,
  OpenWorkflowResult,
  RecordStepResult,
} from "./workflowwire.js";

/** Of sending one request. */
export const MAX_ATTEMPTS = 3;

/** How long the workflow may be taken for the dead sidecar's: longer than a lease lasts. */
const BUSY_MILLISECONDS = 30_000;
const BUSY_PAUSE_MILLISECONDS = 200;

/** So many finished steps are asked for one by one. */
const FEW = 8;

/** How a workflow ends. `result` is JSON. */
export type Ending =
  | { outcome: "finished"; result: string }
  | { outcome: "failed"; error: TaskFailure; failedSteps: string[] | null }
  | { outcome: "cancelled" | "released" };

/** What a sidecar has answered; `replay` is undefined of one that has ended, and is not open. */
interface Attached {
  opened: Opened;
  replay: Replay | undefined;
}

/** A workflow that this process has. */
export class OpenWorkflow {
  /** Whether the program was found to do something else than what is recorded. */
  mismatch = false;
  readonly occurrences = new Occurrences();
  readonly #params: Readonly<Record<string, unknown>>;
  readonly #stop: AbortController;
  readonly #release: () => void;
  #revoked: WorkflowError | undefined;
  #connection: Connection | undefined;
  #opening: Promise<Attached> | undefined;
  #wasFinished: boolean | undefined;
  #closed = false;

  /**
   * @param params the request's, except for the id
   * @param signal stops what runs in it
   */
  constructor(
    readonly id: string,
    readonly client: Capsule,
    params: Readonly<Record<string, unknown>>,
    signal: AbortSignal | undefined,
  ) {
    this.#params = { id, ...params, ...currentTrace() };
    const { controller, release } = linked(signal);
    this.#stop = controller;
    this.#release = release;
  }

  /** Aborts when it must stop; its reason says why. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Why it is no longer this process's. */
  get revoked(): WorkflowError | undefined {
    return this.#revoked;
  }

  /** Opens it. */
  open(): Promise<Opened> {
    return this.#reliably(async (connection) => (await this.#openedOn(connection)).opened);
  }

  /** What there is of it on that connection; opens it there if need be. */
  async on(connection: Connection): Promise<Replay> {
    const { opened, replay } = await this.#openedOn(connection);
    if (replay === undefined || this.#endedElsewhere(opened)) {
      throw new JournalError(
        `another process has taken the workflow "${this.id}" over, and ended it`,
        "lost",
      );
    }
    return replay;
  }

  #endedElsewhere({ state }: Opened): boolean {
    return state === "finished" && !this.#wasFinished;
  }

  #openedOn(connection: Connection): Promise<Attached> {
    if (this.#opening === undefined || this.#connection !== connection) {
      const again = this.#connection !== undefined;
      this.#connection = connection;
      const opening = this.#openOn(connection, again);
      this.#opening = opening;
      opening.catch(() => {
        if (this.#opening === opening) {
          this.#opening = undefined;
        }
      });
    }
    return this.#opening;
  }

  async #openOn(connection: Connection, again: boolean): Promise<Attached> {
    // steps that the program has had already are not asked for again
    const params = again ? { ...this.#params, onChange: "continue" } : this.#params;
    const text = JSON.stringify(params);
    const deadline = performance.now() + BUSY_MILLISECONDS;
    for (;;) {
      try {
        const opened = await connection.request("openWorkflow", text, OpenWorkflowResult);
        this.#wasFinished ??= opened.state === "finished";
        if (opened.workflow === null) {
          return { opened, replay: undefined };
        }
        connection.workflows.set(opened.workflow, (kind, why) => this.#revoke(ofKind(kind, why)));
        const replay = new Replay(connection, opened.workflow);
        if (opened.steps > FEW) {
          await replay.fetch();
        }
        return { opened, replay };
      } catch (error) {
        const explained = this.explained(error);
        // the dead sidecar's, until its end is noticed or its lease has expired
        if (!again || !(explained instanceof WorkflowBusy) || performance.now() > deadline) {
          throw explained;
        }
        await sleep(BUSY_PAUSE_MILLISECONDS);
      }
    }
  }

  /** Begins a step that this process runs, told by its name and arguments, which are JSON. */
  beginStep(name: string, args: string): Promise<Of<typeof BeginStepResult>> {
    this.check();
    const occurrence = this.occurrences.next("step", name, args);
    const fields = `"name":${JSON.stringify(name)},"args":${args},"occurrence":${occurrence}`;
    const key = () => stepKey("step", name, args, occurrence);
    return this.#request("beginStep", fields, BeginStepResult, key);
  }

  /** Writes down how the step has ended: with a result, which is JSON, or an error. */
  async endStep(step: string, ended: { result: string } | { error: TaskFailure }): Promise<void> {
    const success = "result" in ended;
    const outcome = success ? `"result":${ended.result}` : `"error":${JSON.stringify(ended.error)}`;
    const fields = `"step":${JSON.stringify(step)},"success":${success},${outcome}`;
    await this.#request("endStep", fields, json);
  }

  /** Writes down a value; gives the one that counts. */
  async recordStep(name: string, value: unknown): Promise<unknown> {
    this.check();
    const occurrence = this.occurrences.next("value", name);
    const text = JSON.stringify(value);
    const fields = `"name":${JSON.stringify(name)},"result":${text},"occurrence":${occurrence}`;
    const key = () => stepKey("value", name, "null", occurrence);
    return (await this.#request("recordStep", fields, RecordStepResult, key)).result;
  }

  /** @param key gives that of the step that is begun */
  #request<T>(method: string, fields: string, read: Reader<T>, key?: () => string): Promise<T> {
    return this.#reliably(async (connection) => {
      const replay = await this.on(connection);
      const reply = replay.isEmpty ? undefined : await replay.take(key?.(), read);
      return reply ?? ask(replay, method, fields, read);
    });
  }

  /** Makes a request of the sidecar, and again of the next one if that dies. */
  async #reliably<T>(request: (connection: Connection) => Promise<T>): Promise<T> {
    this.client.hold();
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await request(await this.client.connection());
        } catch (error) {
          if (!(error instanceof SidecarLost) || attempt >= MAX_ATTEMPTS) {
            throw this.explained(error);
          }
        }
      }
    } finally {
      this.client.release();
    }
  }

  /** Throws if it must stop, or has ended. */
  check(): void {
    this.signal.throwIfAborted();
    if (this.#closed) {
      throw new WorkflowError(
        `the workflow "${this.id}" has ended, and code that it has started goes on: await it ` +
          "before the workflow's function returns",
      );
    }
  }

  /** Ends it, or gives it back. */
  async close(ending: Ending): Promise<void> {
    this.#closed = true;
    this.#release();
    const lost = this.#revoked !== undefined && !(this.#revoked instanceof WorkflowCancelled);
    if (lost || (ending.outcome === "released" && !this.#connection?.alive)) {
      return;
    }
    let fields = `"outcome":"${ending.outcome}"`;
    if (ending.outcome === "finished") {
      fields += `,"result":${ending.result}`;
    } else if (ending.outcome === "failed") {
      const { error, failedSteps } = ending;
      fields += `,"error":${JSON.stringify(error)},"failedSteps":${JSON.stringify(failedSteps)}`;
    }
    await this.#reliably(async (connection) => {
      const { opened, replay } = await this.#openedOn(connection);
      if (replay !== undefined) {
        // else it has ended: the answer to an earlier request was lost
        connection.workflows.delete(replay.handle);
        const told = this.#endedElsewhere(opened) ? '"outcome":"released"' : fields;
        await ask(replay, "closeWorkflow", told, json);
      }
    });
  }

  #revoke(why: WorkflowError): void {
    this.#revoked ??= why;
    this.#stop.abort(why); // of no effect if something has stopped it before
  }

  /** What is thrown for an error reply to a request that concerns it; other errors as they are. */
  explained(error: unknown): unknown {
    if (!isRpcError(error)) {
      return error;
    }
    const found = ofReply(error.code, error.message, error.data);
    this.mismatch ||= found instanceof ReplayMismatch;
    if (
      found instanceof WorkflowCancelled ||
      (found instanceof JournalError && found.kind === "lost")
    ) {
      this.#revoke(found);
    }
    return found ?? refusalOf(error);
  }
}

function ask<T>(replay: Replay, method: string, fields: string, read: Reader<T>): Promise<T> {
  return replay.request(method, `{"workflow":${JSON.stringify(replay.handle)},${fields}}`, read);
}
