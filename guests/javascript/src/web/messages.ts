// https://html.spec.whatwg.org/multipage/web-messaging.html#message-channels, within the one thread that there is.

import { structuredClone } from "./clone.ts";
import { Event, type EventOptions, EventTarget, defineHandler, trusted } from "./events.ts";

export class MessageEvent extends Event {
  readonly data: unknown;
  readonly origin: string;
  readonly lastEventId: string;
  readonly source: unknown;
  readonly ports: readonly MessagePort[];

  constructor(
    type: string,
    options: EventOptions & { data?: unknown; origin?: string; lastEventId?: string; source?: unknown; ports?: MessagePort[] } = {},
  ) {
    super(type, options);
    this.data = options?.data ?? null;
    this.origin = String(options?.origin ?? "");
    this.lastEventId = String(options?.lastEventId ?? "");
    this.source = options?.source ?? null;
    this.ports = Object.freeze([...(options?.ports ?? [])]);
  }

  override get [Symbol.toStringTag](): string {
    return "MessageEvent";
  }
}

const PRIVATE = Symbol("made by MessageChannel");

interface State {
  other: MessagePort | null;
  started: boolean;
  readonly waiting: unknown[];
}

const states = new WeakMap<MessagePort, State>();
const stateOf = (port: MessagePort): State => states.get(port) as State;

export class MessagePort extends EventTarget {
  declare onmessage: ((event: MessageEvent) => unknown) | null;

  constructor(token?: symbol) {
    if (token !== PRIVATE) {
      throw new TypeError("Illegal constructor");
    }
    super();
    states.set(this, { other: null, started: false, waiting: [] });
  }

  postMessage(message: unknown, options?: ArrayBuffer[] | { transfer?: ArrayBuffer[] }): void {
    const transfer = Array.isArray(options) ? options : (options?.transfer ?? []);
    const data = structuredClone(message, { transfer });
    const { other } = stateOf(this);
    if (other !== null) {
      stateOf(other).waiting.push(data);
      deliver(other);
    }
  }

  start(): void {
    stateOf(this).started = true;
    deliver(this);
  }

  close(): void {
    const { other } = stateOf(this);
    stateOf(this).other = null;
    if (other !== null) {
      stateOf(other).other = null;
    }
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override get [Symbol.toStringTag](): string {
    return "MessagePort";
  }
}

defineHandler(MessagePort.prototype, "message");
const handler = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage") as PropertyDescriptor;
Object.defineProperty(MessagePort.prototype, "onmessage", {
  ...handler,
  set(this: MessagePort, value: unknown) {
    handler.set?.call(this, value);
    this.start();
  },
});

/** Each message is a task of its own. */
function deliver(port: MessagePort): void {
  if (!stateOf(port).started) {
    return;
  }
  for (const data of stateOf(port).waiting.splice(0)) {
    setImmediate(() => port.dispatchEvent(trusted(new MessageEvent("message", { data }))));
  }
}

export class MessageChannel {
  readonly port1 = new MessagePort(PRIVATE);
  readonly port2 = new MessagePort(PRIVATE);

  constructor() {
    stateOf(this.port1).other = this.port2;
    stateOf(this.port2).other = this.port1;
  }

  get [Symbol.toStringTag](): string {
    return "MessageChannel";
  }
}
