// Between Node's streams and the web's, both ways.

import stream from "readable-stream/lib/stream.js";
import { ReadableStream, WritableStream } from "../../web/streams.ts";

type Callback = (error?: unknown) => void;
type Any = ReturnType<typeof JSON.parse>;

function readableToWeb(source: Any, options: { strategy?: Any } = {}): ReadableStream {
  const iterator = source[Symbol.asyncIterator]();
  const isBytes = !source.readableObjectMode;
  return new ReadableStream(
    {
      async pull(controller): Promise<void> {
        const { value, done } = await iterator.next();
        if (done) {
          controller.close();
        } else {
          controller.enqueue(isBytes && typeof value !== "string" ? new Uint8Array(value) : value);
        }
      },
      cancel(reason): void {
        source.destroy(reason instanceof Error ? reason : undefined);
      },
    },
    options.strategy ?? { highWaterMark: 0 },
  );
}

function readableFromWeb(source: ReadableStream, options: object = {}): Any {
  const reader = source.getReader();
  const made = new stream.Readable({
    ...options,
    read(this: Any): void {
      reader.read().then(
        ({ value, done }) => this.push(done ? null : value),
        (error: unknown) => this.destroy(error),
      );
    },
    destroy(error: unknown, done: Callback): void {
      const finish = (): void => done(error);
      reader.cancel(error).then(finish, finish);
    },
  });
  return made;
}

function writableToWeb(target: Any): WritableStream {
  const settle = (work: (done: Callback) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      work((error) => (error ? reject(error) : resolve()));
    });
  return new WritableStream({
    start(controller): void {
      target.on("error", (error: unknown) => controller.error(error));
    },
    write: (chunk) => settle((done) => target.write(chunk, done)),
    close: () => settle((done) => target.end(done)),
    abort(reason): void {
      target.destroy(reason instanceof Error ? reason : undefined);
    },
  });
}

function writableFromWeb(target: WritableStream, options: object = {}): Any {
  const writer = target.getWriter();
  const tell = (work: Promise<void>, done: Callback): void => {
    work.then(() => done(), done);
  };
  return new stream.Writable({
    ...options,
    write: (chunk: unknown, _encoding: string, done: Callback) => tell(writer.write(chunk), done),
    final: (done: Callback) => tell(writer.close(), done),
    destroy(error: unknown, done: Callback): void {
      if (error) {
        const finish = (): void => done(error);
        writer.abort(error).then(finish, finish);
      } else {
        done();
      }
    },
  });
}

export const toWeb = {
  readable: readableToWeb,
  writable: writableToWeb,
  duplex: (both: Any) => ({ readable: readableToWeb(both), writable: writableToWeb(both) }),
};

export const fromWeb = {
  readable: readableFromWeb,
  writable: writableFromWeb,
  duplex: (pair: { readable: ReadableStream; writable: WritableStream }, options?: object) =>
    stream.Duplex.from({ readable: readableFromWeb(pair.readable, options), writable: writableFromWeb(pair.writable, options) }),
};
