/**
 * Standard output and error. Lines are written as they end, so that output streams; when a program prints many, they are
 * gathered for a few milliseconds, since crossing to the host costs much more than keeping a line.
 */

import { native } from "./native.ts";

type Stream = 1 | 2;

/** Lines that are each written as they end. */
const LINES_AT_ONCE = 1000;
const LINES_AFTER_A_PAUSE = 10;
const PAUSE_MS = 5;
const MAX_PENDING = 64 * 1024;

let pending = "";
let stream: Stream = 1;
let atOnce = LINES_AT_ONCE;
let flushedAt = 0;

/** Prints text, which may be parts of lines. The two streams keep their order. */
export function print(fd: Stream, text: string): void {
  if (fd !== stream) {
    flush();
    stream = fd;
  }
  pending += text;
  if (pending.length >= MAX_PENDING) {
    flush();
  } else if (text.endsWith("\n")) {
    endLine();
  }
}

function endLine(): void {
  if (atOnce > 0) {
    atOnce--;
    flush();
    return;
  }
  const now = native.monotonic();
  if (now - flushedAt >= PAUSE_MS) {
    flushedAt = now;
    atOnce = LINES_AFTER_A_PAUSE;
    flush();
  }
}

/** Writes out all that has been printed. */
export function flush(): void {
  if (pending !== "") {
    const text = pending;
    pending = "";
    native.write(stream, text);
  }
}
