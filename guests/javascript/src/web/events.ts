// Events and their targets: https://dom.spec.whatwg.org/#events. There is no tree of targets here, so an event has one.

import { DOMException } from "./dom-exception.ts";

export interface EventOptions {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

export type Listener = ((this: unknown, event: Event) => unknown) | { handleEvent(event: Event): unknown };

export interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: EventTarget & { readonly aborted: boolean };
}

interface Registration {
  readonly listener: Listener;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  removed: boolean;
}

interface State {
  target: EventTarget | null;
  current: EventTarget | null;
  phase: number;
  stopped: boolean;
  stoppedAtOnce: boolean;
  prevented: boolean;
  dispatching: boolean;
  passive: boolean;
}

const states = new WeakMap<Event, State>();

function stateOf(event: Event): State {
  const state = states.get(event);
  if (state === undefined) {
    throw new TypeError("Illegal invocation: this is not an Event");
  }
  return state;
}

/** What an exception of a listener becomes: it must not stop the others, and must not be lost. */
function report(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

export class Event {
  static readonly NONE = 0;
  static readonly CAPTURING_PHASE = 1;
  static readonly AT_TARGET = 2;
  static readonly BUBBLING_PHASE = 3;

  readonly type: string;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly composed: boolean;
  readonly timeStamp: number;
  readonly isTrusted: boolean = false;

  constructor(type: string, options: EventOptions = {}) {
    // biome-ignore lint/complexity/noArguments: an argument that is undefined is one
    if (arguments.length === 0) {
      throw new TypeError('The "type" argument must be specified');
    }
    this.type = String(type);
    this.bubbles = Boolean(options?.bubbles);
    this.cancelable = Boolean(options?.cancelable);
    this.composed = Boolean(options?.composed);
    this.timeStamp = performance.now();
    states.set(this, {
      target: null,
      current: null,
      phase: Event.NONE,
      stopped: false,
      stoppedAtOnce: false,
      prevented: false,
      dispatching: false,
      passive: false,
    });
  }

  get target(): EventTarget | null {
    return stateOf(this).target;
  }

  get srcElement(): EventTarget | null {
    return stateOf(this).target;
  }

  get currentTarget(): EventTarget | null {
    return stateOf(this).current;
  }

  get eventPhase(): number {
    return stateOf(this).phase;
  }

  get defaultPrevented(): boolean {
    return stateOf(this).prevented;
  }

  get returnValue(): boolean {
    return !stateOf(this).prevented;
  }

  get cancelBubble(): boolean {
    return stateOf(this).stopped;
  }

  set cancelBubble(value: boolean) {
    if (value) {
      this.stopPropagation();
    }
  }

  composedPath(): EventTarget[] {
    const { current } = stateOf(this);
    return current === null ? [] : [current];
  }

  stopPropagation(): void {
    stateOf(this).stopped = true;
  }

  stopImmediatePropagation(): void {
    const state = stateOf(this);
    state.stopped = true;
    state.stoppedAtOnce = true;
  }

  preventDefault(): void {
    const state = stateOf(this);
    if (this.cancelable && !state.passive) {
      state.prevented = true;
    }
  }

  get [Symbol.toStringTag](): string {
    return "Event";
  }
}

export class CustomEvent<T = unknown> extends Event {
  readonly detail: T | null;

  constructor(type: string, options: EventOptions & { detail?: T } = {}) {
    super(type, options);
    this.detail = options?.detail ?? null;
  }

  override get [Symbol.toStringTag](): string {
    return "CustomEvent";
  }
}

const registrations = new WeakMap<EventTarget, Map<string, Registration[]>>();

function listenersOf(target: EventTarget): Map<string, Registration[]> {
  const found = registrations.get(target);
  if (found === undefined) {
    throw new TypeError("Illegal invocation: this is not an EventTarget");
  }
  return found;
}

function optionsOf(options: boolean | ListenerOptions | undefined): ListenerOptions {
  return typeof options === "object" && options !== null ? options : { capture: Boolean(options) };
}

export class EventTarget {
  constructor() {
    registrations.set(this, new Map());
  }

  addEventListener(type: string, listener: Listener | null, options?: boolean | ListenerOptions): void {
    const all = listenersOf(this);
    const { capture = false, once = false, passive = false, signal } = optionsOf(options);
    if (signal?.aborted || listener === null || listener === undefined) {
      return;
    }
    if (typeof listener !== "function" && typeof listener !== "object") {
      throw new TypeError('The "listener" argument must be an instance of EventListener');
    }
    const name = String(type);
    const list = all.get(name) ?? [];
    if (list.some((one) => one.listener === listener && one.capture === Boolean(capture))) {
      return;
    }
    const entry = { listener, capture: Boolean(capture), once: Boolean(once), passive: Boolean(passive), removed: false };
    // A new list: one that is being gone through stays as it was.
    all.set(name, [...list, entry]);
    signal?.addEventListener("abort", () => this.removeEventListener(name, listener, entry.capture), { once: true });
  }

  removeEventListener(type: string, listener: Listener | null, options?: boolean | ListenerOptions): void {
    const all = listenersOf(this);
    const name = String(type);
    const capture = Boolean(optionsOf(options).capture);
    const list = all.get(name) ?? [];
    const found = list.find((one) => one.listener === listener && one.capture === capture);
    if (found !== undefined) {
      found.removed = true;
      all.set(
        name,
        list.filter((one) => one !== found),
      );
    }
  }

  dispatchEvent(event: Event): boolean {
    const all = listenersOf(this);
    if (!(event instanceof Event)) {
      throw new TypeError('The "event" argument must be an instance of Event');
    }
    const state = stateOf(event);
    if (state.dispatching) {
      throw new DOMException("The event is already being dispatched", "InvalidStateError");
    }
    Object.assign(state, { target: this, current: this, phase: Event.AT_TARGET, dispatching: true });
    const list = all.get(event.type) ?? [];
    for (const entry of [...list.filter((one) => one.capture), ...list.filter((one) => !one.capture)]) {
      if (entry.removed || state.stoppedAtOnce) {
        continue;
      }
      if (entry.once) {
        this.removeEventListener(event.type, entry.listener, entry.capture);
      }
      state.passive = entry.passive;
      call(entry.listener, this, event);
      state.passive = false;
    }
    Object.assign(state, { current: null, phase: Event.NONE, dispatching: false, stopped: false, stoppedAtOnce: false });
    return !state.prevented;
  }

  get [Symbol.toStringTag](): string {
    return "EventTarget";
  }
}

function call(listener: Listener, target: EventTarget, event: Event): void {
  try {
    const result: unknown =
      typeof listener === "function" ? listener.call(target, event) : listener.handleEvent(event);
    if (result instanceof Promise) {
      result.catch(report);
    }
  } catch (error) {
    report(error);
  }
}

/** Defines `target.onTYPE`, which holds one listener. */
export function defineHandler(prototype: EventTarget, type: string): void {
  const handlers = new WeakMap<EventTarget, { handler: unknown; listener: Listener }>();
  Object.defineProperty(prototype, `on${type}`, {
    configurable: true,
    enumerable: true,
    get(this: EventTarget): unknown {
      return handlers.get(this)?.handler ?? null;
    },
    set(this: EventTarget, handler: unknown) {
      const old = handlers.get(this);
      if (old !== undefined) {
        this.removeEventListener(type, old.listener);
        handlers.delete(this);
      }
      if (typeof handler === "function") {
        const listener = (event: Event): unknown => handler.call(this, event);
        handlers.set(this, { handler, listener });
        this.addEventListener(type, listener);
      }
    },
  });
}

/** An event of the platform's own. */
export function trusted<E extends Event>(event: E): E {
  return Object.defineProperty(event, "isTrusted", { value: true, enumerable: true });
}
