import type { AbortSignal } from "../../web/abort.ts";
import errors from "node-lib:internal/errors";

interface TimerOptions {
  ref?: boolean;
  signal?: AbortSignal;
}

interface Timer {
  unref?(): unknown;
}

/** A promise for a timer's moment; it fails with an AbortError if the signal comes first. */
function wait<T>(start: (done: () => void) => Timer, stop: (timer: Timer) => void, value: T, options: TimerOptions): Promise<T> {
  const { ref = true, signal } = options ?? {};
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new errors.AbortError(undefined, { cause: signal?.reason }));
    if (signal?.aborted) {
      abort();
      return;
    }
    const onAbort = (): void => {
      stop(timer);
      abort();
    };
    const timer = start(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve(value);
    });
    if (!ref) {
      timer.unref?.();
    }
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

export function setTimeout<T>(delay?: number, value?: T, options: TimerOptions = {}): Promise<T> {
  const start = (done: () => void): Timer => globalThis.setTimeout(done, delay) as unknown as Timer;
  return wait(start, (timer) => globalThis.clearTimeout(timer as never), value as T, options);
}

export function setImmediate<T>(value?: T, options: TimerOptions = {}): Promise<T> {
  const start = (done: () => void): Timer => globalThis.setImmediate(done) as unknown as Timer;
  return wait(start, (timer) => globalThis.clearImmediate(timer as never), value as T, options);
}

export async function* setInterval<T>(delay?: number, value?: T, options: TimerOptions = {}): AsyncGenerator<T> {
  for (;;) {
    yield await setTimeout(delay, value as T, options);
  }
}

export const scheduler = {
  wait: (delay: number, options?: TimerOptions): Promise<undefined> => setTimeout(delay, undefined, options),
  yield: (): Promise<undefined> => setImmediate(undefined),
};

export default { scheduler, setImmediate, setInterval, setTimeout };
