// https://compression.spec.whatwg.org

import { Deflate, Inflate } from "pako";
import { TransformStream } from "./streams.ts";

type Format = "deflate" | "deflate-raw" | "gzip";

interface Engine {
  onData: (chunk: Uint8Array) => void;
  readonly err: number;
  readonly msg: string;
  readonly ended?: boolean;
  push(data: Uint8Array, last: boolean): boolean;
}

const FORMATS: readonly string[] = ["deflate", "deflate-raw", "gzip"];

function formatOf(format: unknown): Format {
  const name = String(format);
  if (!FORMATS.includes(name)) {
    throw new TypeError(`The argument 'format' must be one of: 'deflate', 'deflate-raw', 'gzip'. Received '${name}'`);
  }
  return name as Format;
}

function bytesOf(chunk: unknown): Uint8Array {
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (chunk instanceof ArrayBuffer) {
    return new Uint8Array(chunk);
  }
  throw new TypeError("A chunk must be an ArrayBuffer or a view of one");
}

function transformOf(engine: Engine, finish: () => void): TransformStream<unknown, Uint8Array> {
  let enqueue: (chunk: Uint8Array) => void;
  engine.onData = (chunk) => enqueue(chunk);
  const push = (data: Uint8Array, last: boolean): void => {
    engine.push(data, last);
    if (engine.err !== 0) {
      throw new TypeError(engine.msg === "" ? "The compressed data was not valid" : engine.msg);
    }
  };
  return new TransformStream({
    start(controller): void {
      enqueue = (chunk): void => controller.enqueue(chunk);
    },
    transform(chunk): void {
      push(bytesOf(chunk), false);
    },
    flush(): void {
      finish();
    },
  });
}

class Pair {
  readonly #stream: TransformStream<unknown, Uint8Array>;

  protected constructor(stream: TransformStream<unknown, Uint8Array>) {
    this.#stream = stream;
  }

  get readable(): unknown {
    return this.#stream.readable;
  }

  get writable(): unknown {
    return this.#stream.writable;
  }
}

const EMPTY = new Uint8Array();

export class CompressionStream extends Pair {
  constructor(format: string) {
    const kind = formatOf(format);
    const engine = new Deflate({ gzip: kind === "gzip", raw: kind === "deflate-raw" }) as unknown as Engine;
    super(transformOf(engine, () => engine.push(EMPTY, true)));
  }
}

export class DecompressionStream extends Pair {
  constructor(format: string) {
    const kind = formatOf(format);
    const engine = new Inflate({ raw: kind === "deflate-raw", windowBits: kind === "gzip" ? 31 : 15 }) as unknown as Engine;
    super(
      transformOf(engine, () => {
        if (engine.ended !== true) {
          throw new TypeError("The compressed data ended too early");
        }
      }),
    );
  }
}
