/**
 * What one sidecar has of an open workflow: its handle there, and the finished steps it hands over.
 *
 * A request for each of ten thousand finished steps would take seconds. So their outcomes come in
 * bulk when the workflow is opened, and what the program asks for again is answered here. The
 * sidecar is told, because it waits for finished steps to come by before it lets the program begin
 * a new one.
 *
 * Nothing is answered here that the sidecar would answer otherwise. Of calls that are alike but for
 * their arguments the first is always the sidecar's to judge: the program may have gone, or a
 * ceiling may forbid today what was allowed when the step was run.
 */

import { setImmediate } from "node:timers/promises";
import { type Connection, replyUnlessAborted, type Sent } from "./connection.js";
import { decode } from "./json/decode.js";
import type { Envelope } from "./types.js";
import type { Of, Reader } from "./wire.js";
import { ReplayStepsResult } from "./workflowwire.js";

/** Of what is kept. Steps beyond are asked for one by one. */
const MAX_CHARS = 32 << 20;
const MAX_STEPS = 100_000;

/** Steps in one notification. */
const BATCH = 100;

type Page = Of<typeof ReplayStepsResult>;

export class Replay {
  /** By the steps' keys, as JSON until they are asked for. */
  readonly #replies = new Map<string, string>();
  readonly #untold: string[] = [];
  #inFlight = 0;
  /** Of each sort of call whether the sidecar has let one through. */
  readonly #admitted = new Map<string, Promise<boolean>>();

  constructor(
    readonly connection: Connection,
    readonly handle: string,
  ) {}

  /**
   * Has the finished steps handed over. Where that fails there are fewer: the others are asked for
   * one by one.
   */
  async fetch(): Promise<void> {
    try {
      let chars = 0;
      let page = this.#page(null);
      while (page !== undefined) {
        const { steps, next } = await page;
        chars += steps.reduce((sum, { reply }) => sum + reply.length, 0);
        const more = next !== null && chars < MAX_CHARS && this.#replies.size < MAX_STEPS;
        page = more ? this.#page(next) : undefined; // while this one is put away
        for (const { key, reply } of steps) {
          this.#replies.set(key, reply);
        }
      }
    } catch {
      // the next request tells it
    }
  }

  #page(after: number | null): Promise<Page> | undefined {
    const params = JSON.stringify({ workflow: this.handle, after });
    return this.connection.request("replaySteps", params, ReplayStepsResult);
  }

  /** Whether there is nothing that could be answered here. */
  get isEmpty(): boolean {
    return this.#replies.size === 0;
  }

  /** The reply to the request that begins that step; undefined: ask the sidecar. */
  async take<T>(key: string | undefined, read: Reader<T>): Promise<T | undefined> {
    const text = key === undefined ? undefined : this.#replies.get(key);
    if (key === undefined || text === undefined) {
      return undefined;
    }
    this.#replies.delete(key);
    const reply = readReply(text, read);
    if (reply === undefined) {
      return undefined;
    }
    this.#untold.push(key);
    const due = this.#untold.length >= BATCH;
    if (due || this.#inFlight > 0) {
      this.#tell(); // a request that waits for this step may be in flight
    }
    if (due) {
      await setImmediate(); // timers and what the sidecar sends get their turn
    }
    return reply;
  }

  #tell(): void {
    while (this.#untold.length > 0) {
      const steps = this.#untold.splice(0, BATCH);
      const params = JSON.stringify({ workflow: this.handle, steps });
      this.connection.notify("workflow/replayed", params);
    }
  }

  /** Sends a request that concerns the workflow; as the connection's `request`. */
  async request<T>(
    method: string,
    params: string,
    read: Reader<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const sent = this.begin(method, params, read);
    return signal === undefined ? sent.reply : replyUnlessAborted(sent, signal);
  }

  /** As the connection's `begin`. */
  begin<T>(method: string, params: string, read: Reader<T>): Sent<T> {
    this.#inFlight++;
    this.#tell();
    const sent = this.connection.begin(method, params, read);
    const ended = (): void => {
      this.#inFlight--;
    };
    sent.reply.then(ended, ended);
    return sent;
  }

  /**
   * The envelope of a task's call, which is here, or which `send` asks for.
   *
   * @param sort all of the request but the arguments
   */
  async call(
    key: string | undefined,
    sort: string,
    read: Reader<Envelope>,
    send: () => Promise<Envelope>,
  ): Promise<Envelope> {
    if (key === undefined || !this.#replies.has(key)) {
      return send();
    }
    const admitted = this.#admitted.get(sort);
    if (admitted !== undefined && (await admitted)) {
      return (await this.take(key, read)) ?? send();
    }
    this.#replies.delete(key);
    const sent = send();
    if (admitted === undefined) {
      this.#admitted.set(sort, this.#judged(sort, sent));
    }
    return sent;
  }

  async #judged(sort: string, sent: Promise<Envelope>): Promise<boolean> {
    const admits = await sent.then(
      ({ execution }) => execution.replayed,
      () => false,
    );
    if (!admits) {
      this.#admitted.delete(sort); // the next one is the sidecar's to judge again
    }
    return admits;
  }
}

/** Undefined if it is not what it should be, which is told where the sidecar is asked. */
function readReply<T>(text: string, read: Reader<T>): T | undefined {
  try {
    return read(decode(text), "reply");
  } catch {
    return undefined;
  }
}
