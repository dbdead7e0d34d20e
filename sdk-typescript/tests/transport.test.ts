import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import {
  checkSize,
  FrameReader,
  FramingError,
  MAX_MESSAGE_BYTES,
  MessageTooLarge,
  parseMessage,
  RawJson,
  SidecarReader,
  SidecarWriter,
} from "../src/transport.js";

function frame(body: string): string {
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function readAll(...chunks: (string | Buffer)[]): string[] {
  const frames = new FrameReader();
  const bodies = chunks.flatMap((chunk) => [...frames.push(Buffer.from(chunk))]);
  frames.end();
  return bodies.map(String);
}

describe("frames", () => {
  const bodies = ["{}", '{"a":"é🙂"}', "", "x".repeat(10_000)];
  const stream = Buffer.from(bodies.map(frame).join(""));

  test("survive any division into pieces", () => {
    for (const size of [1, 2, 3, 7, 19, 100, 4096, stream.length]) {
      const chunks: Buffer[] = [];
      for (let start = 0; start < stream.length; start += size) {
        chunks.push(stream.subarray(start, start + size));
      }
      expect(readAll(...chunks)).toEqual(bodies);
    }
  });

  test("may have other headers, and names have no case", () => {
    const header = "Content-Type: application/json\r\nCONTENT-LENGTH : 2\r\nX:\r\n\r\n";
    expect(readAll(`${header}{}`)).toEqual(["{}"]);
  });

  test.each([
    ["no length", "X: 1\r\n\r\n", "a header has 0 Content-Length"],
    ["no header", "this is none\r\n\r\n", "a header has 0 Content-Length"],
    ["two lengths", "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "has 2 Content-Length"],
    ["a negative length", "Content-Length: -1\r\n\r\n", 'is "-1", not a number'],
    ["a signed length", "Content-Length: +1\r\n\r\n", 'is "+1", not a number'],
    ["a hexadecimal length", "Content-Length: 0x1\r\n\r\n", "not a number"],
    ["another script's digits", "Content-Length: ٣\r\n\r\n", "not a number"],
    ["too long a message", "Content-Length: 67108865\r\n\r\n", "exceeds 67108864"],
    ["very long", `Content-Length: ${"9".repeat(19)}\r\n\r\n`, "exceeds 67108864"],
    ["absurdly long", `Content-Length: ${"9".repeat(400)}\r\n\r\n`, "not a number"],
    ["an end in the header", "Content-Le", "the stream ended in a header"],
    ["an end in the body", "Content-Length: 5\r\n\r\n{", "the stream ended 4 bytes before"],
    ["an endless header", "X".repeat(8193), "a header exceeds 8192 bytes"],
  ])("with %s are refused", (_, text, reason) => {
    expect(() => readAll(text)).toThrow(FramingError);
    expect(() => readAll(text)).toThrow(reason);
  });
});

describe("messages", () => {
  test.each([
    ["[]", "not a JSON object"],
    ["1", "not a JSON object"],
    ["{]}", "not JSON"],
    ["", "not JSON"],
    ['{"method":"m","id":{}}', "a request has the id"],
    ['{"method":"m","id":1.5}', "a request has the id"],
    ['{"id":null,"error":{"code":-32700,"message":"bad"}}', "it could not read a message: bad"],
  ])("%s is refused", (text, reason) => {
    expect(() => parseMessage(Buffer.from(text))).toThrow(FramingError);
    expect(() => parseMessage(Buffer.from(text))).toThrow(reason);
  });

  test("that are not UTF-8 are refused", () => {
    expect(() => parseMessage(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow(FramingError);
  });

  test("are written with their length in bytes, and raw JSON as it is", async () => {
    const stream = new PassThrough();
    const message = { jsonrpc: "2.0", id: 1, params: new RawJson('{"é":1.50}'), error: undefined };
    await new SidecarWriter(stream).write(message);
    const body = '{"jsonrpc":"2.0","id":1,"params":{"é":1.50}}';
    expect(String(stream.read())).toBe(frame(body));
  });

  test("after the first error nothing more is read", async () => {
    const stream = new PassThrough();
    const reader = new SidecarReader(stream);
    const seen: unknown[] = [];
    const failed = new Promise<Error>((resolve) => {
      reader.onError(resolve);
    });
    reader.onClose(() => seen.push("closed"));
    reader.listen((message) => seen.push(message));
    stream.end(`${frame('{"a":1}')}garbage\r\n\r\n${frame('{"a":2}')}`);
    expect((await failed).message).toContain("Content-Length");
    expect(seen).toEqual([{ a: 1 }]);
  });

  test("that are too long are refused before they are sent", () => {
    checkSize("x".repeat(MAX_MESSAGE_BYTES - 1024));
    expect(() => checkSize("x".repeat(MAX_MESSAGE_BYTES))).toThrow(MessageTooLarge);
    expect(() => checkSize("é".repeat(MAX_MESSAGE_BYTES / 2))).toThrow("exceeds");
  });
});
