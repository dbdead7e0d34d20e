// https://dom.spec.whatwg.org/#aborting-ongoing-activities

import { DOMException } from "./dom-exception.ts";
import { Event, EventTarget, defineHandler, trusted } from "./events.ts";

const PRIVATE = Symbol("made by AbortController or AbortSignal");

interface State {
  aborted: boolean;
  reason: unknown;
  /** Signals made of this one by `AbortSignal.any`. */
  readonly dependents: Set<AbortSignal>;
  readonly sources: Set<AbortSignal>;
  readonly isDependent: boolean;
}

const states = new WeakMap<AbortSignal, State>();

function stateOf(signal: AbortSignal): State {
  const state = states.get(signal);
  if (state === undefined) {
    throw new TypeError("Illegal invocation: this is not an AbortSignal");
  }
  return state;
}

export class AbortSignal extends EventTarget {
  declare onabort: ((event: Event) => unknown) | null;

  constructor(token?: symbol, isDependent = false) {
    if (token !== PRIVATE) {
      throw Object.assign(new TypeError("Illegal constructor"), { code: "ERR_ILLEGAL_CONSTRUCTOR" });
    }
    super();
    states.set(this, { aborted: false, reason: undefined, dependents: new Set(), sources: new Set(), isDependent });
  }

  static abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): AbortSignal {
    const signal = new AbortSignal(PRIVATE);
    Object.assign(stateOf(signal), { aborted: true, reason });
    return signal;
  }

  static timeout(milliseconds: number): AbortSignal {
    const delay = Number(milliseconds);
    if (!(delay >= 0 && delay <= Number.MAX_SAFE_INTEGER)) {
      throw new RangeError(`The value of "delay" is out of range. It must be >= 0 && <= 9007199254740991. Received ${delay}`);
    }
    const signal = new AbortSignal(PRIVATE);
    const timer = setTimeout(() => {
      abort(signal, new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    }, delay) as { unref?(): unknown };
    timer.unref?.();
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const made = new AbortSignal(PRIVATE, true);
    const all = [...signals];
    const aborted = all.find((signal) => stateOf(signal).aborted);
    if (aborted !== undefined) {
      Object.assign(stateOf(made), { aborted: true, reason: stateOf(aborted).reason });
      return made;
    }
    for (const signal of all) {
      const state = stateOf(signal);
      for (const source of state.isDependent ? state.sources : [signal]) {
        stateOf(source).dependents.add(made);
        stateOf(made).sources.add(source);
      }
    }
    return made;
  }

  get aborted(): boolean {
    return stateOf(this).aborted;
  }

  get reason(): unknown {
    return stateOf(this).reason;
  }

  throwIfAborted(): void {
    const { aborted, reason } = stateOf(this);
    if (aborted) {
      throw reason;
    }
  }

  override get [Symbol.toStringTag](): string {
    return "AbortSignal";
  }
}

defineHandler(AbortSignal.prototype, "abort");

function abort(signal: AbortSignal, reason: unknown): void {
  const state = stateOf(signal);
  if (state.aborted) {
    return;
  }
  const all = [signal, ...[...state.dependents].filter((dependent) => !stateOf(dependent).aborted)];
  for (const one of all) {
    Object.assign(stateOf(one), { aborted: true, reason });
  }
  for (const one of all) {
    one.dispatchEvent(trusted(new Event("abort")));
  }
}

export class AbortController {
  readonly #signal = new AbortSignal(PRIVATE);

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    abort(this.#signal, reason);
  }

  get [Symbol.toStringTag](): string {
    return "AbortController";
  }
}
