/** Listening to signals that many calls share, without a listener for each: Node warns of those. */

const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `then` when the signal aborts; returns what ends that. */
export function onAbort(signal: AbortSignal | undefined, then: () => void): () => void {
  if (signal === undefined) {
    return () => {};
  }
  const waiting = listeners.get(signal) ?? new Set();
  if (waiting.size === 0) {
    listeners.set(signal, waiting);
    signal.addEventListener("abort", tell);
  }
  waiting.add(then);
  return () => {
    if (waiting.delete(then) && waiting.size === 0) {
      signal.removeEventListener("abort", tell);
    }
  };
}

function tell(this: AbortSignal): void {
  const waiting = listeners.get(this);
  for (const each of [...(waiting ?? [])]) {
    each();
  }
}

/** A controller that aborts with the signal, too; `release` ends that. */
export function linked(signal: AbortSignal | undefined): {
  controller: AbortController;
  release: () => void;
} {
  const controller = new AbortController();
  if (signal?.aborted) {
    controller.abort(signal.reason);
  }
  const release = onAbort(signal, () => controller.abort(signal?.reason));
  return { controller, release };
}

/** What the promise gives, or the reason of the signal if that comes first. */
export async function unlessAborted<T>(
  promise: Promise<T> | T,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined || !(promise instanceof Promise)) {
    return promise;
  }
  let endListening = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    endListening = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    endListening();
  }
}
