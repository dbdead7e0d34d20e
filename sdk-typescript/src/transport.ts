/**
 * Messages on a byte stream: `Content-Length: N\r\n\r\n` and N bytes of JSON (docs/protocol.md), for
 * vscode-jsonrpc. Its own readers and writers know no caps, lose the digits of large integers, and
 * parse what need not be.
 */

import { Buffer } from "node:buffer";
import type { Readable, Writable } from "node:stream";
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc/node";
import { decode } from "./json/decode.js";
import { isObject } from "./wire.js";

export const MAX_HEADER_BYTES = 8 * 1024;
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

const END_OF_HEADER = "\r\n\r\n";
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** The stream does not follow the protocol; nothing after this point can be trusted. */
export class FramingError extends Error {}

/** A message is larger than the protocol allows. */
export class MessageTooLarge extends Error {}

/** JSON that is already text, in the place of params or of a result. */
export class RawJson {
  constructor(readonly text: string) {}
}

/** Throws `MessageTooLarge` if the text, with what surrounds it in a message, would be. */
export function checkSize(text: string): void {
  const bytes = text.length * 3 < MAX_MESSAGE_BYTES ? 0 : Buffer.byteLength(text);
  if (bytes > MAX_MESSAGE_BYTES - 1024) {
    throw new MessageTooLarge(
      `a message of ${bytes} bytes exceeds the ${MAX_MESSAGE_BYTES} that the protocol allows; ` +
        "pass large data through a folder (mounts, allowedFiles)",
    );
  }
}

/** Splits a byte stream into messages. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes of the body that is being read; undefined: a header is. */
  #missing: number | undefined;

  /** Takes what was read; gives the bodies that are whole now. Throws `FramingError`. */
  *push(data: Buffer): Generator<Buffer> {
    this.#chunks.push(data);
    this.#length += data.length;
    for (;;) {
      if (this.#missing === undefined && !this.#header()) {
        return;
      }
      const wanted = this.#missing ?? 0;
      if (this.#length < wanted) {
        return;
      }
      const all = this.#joined();
      this.#keep(all.subarray(wanted));
      this.#missing = undefined;
      yield all.subarray(0, wanted);
    }
  }

  /** Throws `FramingError` if the stream must not end here. */
  end(): void {
    if (this.#missing !== undefined) {
      const missing = this.#missing - this.#length;
      throw new FramingError(`the stream ended ${missing} bytes before a message did`);
    }
    if (this.#length > 0) {
      throw new FramingError("the stream ended in a header");
    }
  }

  /** Reads a header, if all of it is there. */
  #header(): boolean {
    if (this.#length === 0) {
      return false;
    }
    const all = this.#joined();
    const end = all.indexOf(END_OF_HEADER);
    if (end > MAX_HEADER_BYTES || (end < 0 && all.length > MAX_HEADER_BYTES)) {
      throw new FramingError(`a header exceeds ${MAX_HEADER_BYTES} bytes`);
    }
    if (end < 0) {
      return false;
    }
    this.#missing = contentLength(all.toString("latin1", 0, end));
    this.#keep(all.subarray(end + END_OF_HEADER.length));
    return true;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
  }
}

function contentLength(header: string): number {
  const values = header
    .split("\r\n")
    .map((line) => line.split(":"))
    .filter(([name]) => name?.trim().toLowerCase() === "content-length")
    .map(([, ...value]) => value.join(":").trim());
  const [value = ""] = values;
  if (values.length !== 1) {
    throw new FramingError(`a header has ${values.length} Content-Length`);
  }
  if (!/^\d{1,20}$/.test(value)) {
    throw new FramingError(`Content-Length is ${JSON.stringify(value.slice(0, 40))}, not a number`);
  }
  if (Number(value) > MAX_MESSAGE_BYTES) {
    throw new FramingError(`a message of ${value} bytes exceeds ${MAX_MESSAGE_BYTES}`);
  }
  return Number(value);
}

/** Reads a message's JSON. Throws `FramingError` if it is not a JSON object. */
export function parseMessage(body: Buffer): Message {
  let message: unknown;
  try {
    message = decode(UTF8.decode(body));
  } catch (error) {
    throw new FramingError(`a message is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(message)) {
    throw new FramingError("a message is not a JSON object");
  }
  const { method, params, id } = message;
  if (method !== undefined && !isObject(params)) {
    message.params = {}; // vscode-jsonrpc relies on them
  }
  if (method !== undefined && id !== undefined && !isId(id)) {
    throw new FramingError(`a request has the id ${String(id)}`);
  }
  if (method === undefined && id === null && isObject(message.error)) {
    throw new FramingError(`it could not read a message: ${String(message.error.message)}`);
  }
  return message as unknown as Message;
}

function isId(id: unknown): boolean {
  return typeof id === "string" || Number.isSafeInteger(id);
}

/** vscode-jsonrpc relies on the id's being one. */
function isCancellationOfNothing(message: Message): boolean {
  const { method, params } = message as { method?: unknown; params?: { id?: unknown } };
  return method === "$/cancelRequest" && !isId(params?.id);
}

/** Reads the sidecar's messages. The first error ends it: `onError`, then nothing more. */
export class SidecarReader extends AbstractMessageReader implements MessageReader {
  constructor(readonly stream: Readable) {
    super();
  }

  listen(callback: DataCallback): Disposable {
    const frames = new FrameReader();
    const stop = (): void => {
      this.stream.off("data", onData).off("end", onEnd).off("close", onEnd);
      this.stream.resume(); // what it still says is not waited for
    };
    const fail = (error: unknown): void => {
      stop();
      this.fireError(error);
    };
    const onData = (data: Buffer): void => {
      try {
        for (const body of frames.push(data)) {
          const message = parseMessage(body);
          if (!isCancellationOfNothing(message)) {
            callback(message);
          }
        }
      } catch (error) {
        fail(error);
      }
    };
    const onEnd = (): void => {
      try {
        frames.end();
      } catch (error) {
        fail(error);
        return;
      }
      stop();
      this.fireClose();
    };
    this.stream.on("data", onData).once("end", onEnd).once("close", onEnd);
    return { dispose: stop };
  }
}

/** Writes messages to the sidecar. */
export class SidecarWriter extends AbstractMessageWriter implements MessageWriter {
  constructor(readonly stream: Writable) {
    super();
  }

  write(message: Message): Promise<void> {
    const body = Buffer.from(toJson(message as unknown as Record<string, unknown>));
    const header = Buffer.from(`Content-Length: ${body.length}\r\n\r\n`, "latin1");
    return new Promise((resolve, reject) => {
      this.stream.write(Buffer.concat([header, body]), (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  end(): void {
    this.stream.end();
  }
}

function toJson(message: Record<string, unknown>): string {
  const members = Object.entries(message)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const text = value instanceof RawJson ? value.text : JSON.stringify(value);
      return `${JSON.stringify(name)}:${text}`;
    });
  return `{${members.join(",")}}`;
}
