// https://streams.spec.whatwg.org

export {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from "web-streams-polyfill";

import { ReadableStream, WritableStream } from "web-streams-polyfill";

/** How node:stream and fetch ask a web stream for its state. */
interface State {
  _disturbed?: boolean;
  _state?: "readable" | "writable" | "erroring" | "errored" | "closed";
}

const QUESTIONS: Readonly<Record<string, (stream: State) => boolean>> = {
  disturbed: (stream) => stream._disturbed === true,
  errored: (stream) => stream._state === "errored",
  readable: (stream) => stream._state === "readable",
  writable: (stream) => stream._state === "writable",
};

for (const [name, answer] of Object.entries(QUESTIONS)) {
  for (const { prototype } of [ReadableStream, WritableStream]) {
    Object.defineProperty(prototype, Symbol.for(`nodejs.stream.${name}`), {
      configurable: true,
      get(this: State): boolean {
        return answer(this);
      },
    });
  }
}
