import type { AbortSignal } from "../../web/abort.ts";

/** `util.aborted`: a promise for the moment when the signal is aborted. */
export async function aborted(signal: AbortSignal, resource: object): Promise<void> {
  if (typeof resource !== "object" || resource === null) {
    throw new TypeError('The "resource" argument must be an instance of Object');
  }
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
}
