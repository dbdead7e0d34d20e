// In place of undici's global dispatcher: what carries out the requests of its fetch is the host, by the operations
// `http`, `http_send`, `http_read` and `http_close` of guests/README.md. Redirections are undici's, each a request of its own.

import { cancel, perform, post } from "../loop.ts";
import { native } from "../native.ts";
import { DOMException } from "./dom-exception.ts";
import { networkError } from "./network-error.ts";

interface RequestOptions {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array> | null;
}

interface Handler {
  onConnect(abort: (reason?: unknown) => void): void;
  onHeaders(status: number, headers: string[], resume: () => void, reason: string): boolean;
  onData(chunk: Uint8Array): boolean;
  onComplete(trailers: string[]): void;
  onError(error: unknown): void;
}

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly stream: unknown;
}

/** Bytes of a request's body that go to the host at once; what is longer goes in parts. */
const PART = 256 * 1024;

/** What fetch asks for by itself: to unpack an answer costs a sandbox more than to receive it as it is. */
const ENCODINGS_OF_FETCH = new Set(["gzip, deflate", "br, gzip, deflate"]);

class Exchange {
  #operation: Promise<unknown> | undefined;
  /** Of the request's body, then of the answer's; null when all has been sent, or has come. */
  #stream: unknown = null;
  #ended = false;
  #resume: (() => void) | undefined;

  constructor(
    readonly options: RequestOptions,
    readonly handler: Handler,
  ) {}

  /** Ends without an answer, or without the rest of it. */
  abort(reason: unknown): void {
    if (this.#end()) {
      this.handler.onError(reason ?? new DOMException("The operation was aborted.", "AbortError"));
    }
  }

  async run(): Promise<void> {
    try {
      const answer = await this.#send();
      this.#stream = answer.stream;
      if (this.#ended) {
        return;
      }
      this.handler.onHeaders(answer.status, answer.headers.flat(), () => this.#resume?.(), answer.reason);
      await this.#receive(answer.body);
      if (this.#end()) {
        this.handler.onComplete([]);
      }
    } catch (error) {
      if (this.#end()) {
        this.handler.onError(networkError(error));
      }
    }
  }

  #end(): boolean {
    if (this.#ended) {
      return false;
    }
    this.#ended = true;
    if (this.#operation !== undefined) {
      cancel(this.#operation);
    }
    if (this.#stream !== null) {
      post({ op: "http_close", stream: this.#stream });
    }
    this.#resume?.();
    return true;
  }

  async #perform(operation: Record<string, unknown>): Promise<Answer> {
    const running = perform(operation);
    this.#operation = running;
    try {
      return (await running) as Answer;
    } finally {
      this.#operation = undefined;
    }
  }

  async #send(): Promise<Answer> {
    const { origin, path, method, headers, body } = this.options;
    const request = { op: "http", method, url: origin + path, headers: headersOf(headers) };
    if (body === null) {
      return this.#perform({ ...request, complete: true });
    }
    let pending: Uint8Array[] = [];
    let size = 0;
    const flush = async (complete: boolean): Promise<Answer> => {
      const part = { body: native.toBase64(joined(pending, size)), complete };
      pending = [];
      size = 0;
      const operation = this.#stream === null ? { ...request, ...part } : { op: "http_send", stream: this.#stream, ...part };
      return this.#perform(operation);
    };
    for await (const chunk of body) {
      pending.push(chunk);
      size += chunk.byteLength;
      if (size >= PART) {
        this.#stream = (await flush(false)).stream;
      }
      if (this.#ended) {
        break;
      }
    }
    if (this.#ended) {
      throw new DOMException("The operation was aborted.", "AbortError");
    }
    return flush(true);
  }

  async #receive(first: string): Promise<void> {
    let body = first;
    for (;;) {
      if (body !== "" && !this.handler.onData(new Uint8Array(native.fromBase64(body) ?? new ArrayBuffer(0)))) {
        await new Promise<void>((resolve) => {
          this.#resume = resolve;
        });
        this.#resume = undefined;
      }
      if (this.#stream === null || this.#ended) {
        return;
      }
      const part = await this.#perform({ op: "http_read", stream: this.#stream });
      this.#stream = part.stream;
      body = part.body;
    }
  }
}

function headersOf(headers: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(headers).filter(
    ([name, value]) => name.toLowerCase() !== "accept-encoding" || !ENCODINGS_OF_FETCH.has(value),
  );
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  if (parts.length === 1) {
    return parts[0] as Uint8Array;
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

const dispatcher = {
  dispatch(options: RequestOptions, handler: Handler): boolean {
    const exchange = new Exchange(options, handler);
    let aborted = false;
    handler.onConnect((reason) => {
      aborted = true;
      exchange.abort(reason);
    });
    if (!aborted) {
      void exchange.run();
    }
    return true;
  },
};

export function getGlobalDispatcher(): typeof dispatcher {
  return dispatcher;
}

export const installedExports = [];
