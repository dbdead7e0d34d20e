/** setTimeout and its kin, as Node has them. The loop asks when the next one is due. */

type Callback = (...args: unknown[]) => unknown;

const MAX_DELAY = 2 ** 31 - 1;

/** What setTimeout and setInterval return. */
export class Timeout {
  /** When it is due, in `native.monotonic` time; undefined: it is over. */
  due: number | undefined;
  order = 0;
  /** Where it is in the heap. */
  slot = -1;
  refed = true;
  readonly id: number;

  constructor(
    readonly callback: Callback,
    readonly args: unknown[],
    readonly delay: number,
    readonly repeats: boolean,
  ) {
    this.id = ++lastId;
  }

  ref(): this {
    return this.#setRef(true);
  }

  unref(): this {
    return this.#setRef(false);
  }

  hasRef(): boolean {
    return this.refed;
  }

  #setRef(refed: boolean): this {
    count(this, -1);
    this.refed = refed;
    count(this, 1);
    return this;
  }

  refresh(): this {
    if (this.due !== undefined) {
      schedule(this);
    }
    return this;
  }

  close(): this {
    forget(this);
    return this;
  }

  [Symbol.toPrimitive](): number {
    return this.id;
  }

  [Symbol.dispose](): void {
    forget(this);
  }
}

/** What setImmediate returns. */
export class Immediate {
  pending = true;
  refed = true;

  constructor(
    readonly callback: Callback,
    readonly args: unknown[],
  ) {}

  ref(): this {
    this.refed = true;
    return this;
  }

  unref(): this {
    this.refed = false;
    return this;
  }

  hasRef(): boolean {
    return this.refed;
  }

  [Symbol.dispose](): void {
    this.pending = false;
  }
}

let lastId = 0;
let lastOrder = 0;
let clock: () => number = () => 0;
const byId = new Map<number, Timeout>();
/** A binary heap: the one that is due first is first. */
const heap: Timeout[] = [];
let immediates: Immediate[] = [];
/** How many scheduled timers keep the program running: of setTimeout, and of setInterval. */
let timeouts = 0;
let intervals = 0;

function count(timer: Timeout, change: 1 | -1): void {
  if (timer.slot >= 0 && timer.refed) {
    if (timer.repeats) {
      intervals += change;
    } else {
      timeouts += change;
    }
  }
}

function isBefore(one: Timeout, other: Timeout): boolean {
  const a = one.due as number;
  const b = other.due as number;
  return a < b || (a === b && one.order < other.order);
}

function put(index: number, timer: Timeout): void {
  heap[index] = timer;
  timer.slot = index;
}

function up(start: number): void {
  const timer = heap[start] as Timeout;
  let index = start;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent] as Timeout;
    if (!isBefore(timer, above)) {
      break;
    }
    put(index, above);
    index = parent;
  }
  put(index, timer);
}

function down(start: number): void {
  const timer = heap[start] as Timeout;
  let index = start;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) {
      break;
    }
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Timeout, heap[child] as Timeout)) {
      child++;
    }
    if (!isBefore(heap[child] as Timeout, timer)) {
      break;
    }
    put(index, heap[child] as Timeout);
    index = child;
  }
  put(index, timer);
}

function forget(timer: Timeout): void {
  const { slot } = timer;
  if (slot < 0) {
    return;
  }
  count(timer, -1);
  timer.due = undefined;
  timer.slot = -1;
  byId.delete(timer.id);
  const last = heap.pop() as Timeout;
  if (last !== timer) {
    put(slot, last);
    up(slot);
    down(last.slot);
  }
}

function schedule(timer: Timeout): void {
  forget(timer);
  timer.due = clock() + timer.delay;
  timer.order = ++lastOrder;
  byId.set(timer.id, timer);
  timer.slot = heap.length;
  heap.push(timer);
  count(timer, 1);
  up(timer.slot);
}

function start(callback: unknown, delay: unknown, args: unknown[], repeats: boolean): Timeout {
  if (typeof callback !== "function") {
    throw new TypeError('The "callback" argument must be of type function');
  }
  const ms = Number(delay);
  const timer = new Timeout(callback as Callback, args, ms >= 1 && ms <= MAX_DELAY ? Math.trunc(ms) : 1, repeats);
  schedule(timer);
  return timer;
}

export function setTimeout(callback: unknown, delay?: unknown, ...args: unknown[]): Timeout {
  return start(callback, delay, args, false);
}

export function setInterval(callback: unknown, delay?: unknown, ...args: unknown[]): Timeout {
  return start(callback, delay, args, true);
}

export function setImmediate(callback: unknown, ...args: unknown[]): Immediate {
  if (typeof callback !== "function") {
    throw new TypeError('The "callback" argument must be of type function');
  }
  const immediate = new Immediate(callback as Callback, args);
  immediates.push(immediate);
  return immediate;
}

export function clearTimeout(timer?: unknown): void {
  const found = timer instanceof Timeout ? timer : byId.get(Number(timer));
  if (found !== undefined) {
    forget(found);
  }
}

export function clearInterval(timer?: unknown): void {
  clearTimeout(timer);
}

export function clearImmediate(immediate?: unknown): void {
  if (immediate instanceof Immediate) {
    immediate.pending = false;
  }
}

/** Runs what is due, with `drain` after each; whether anything was. */
export function runTimers(drain: () => void): boolean {
  let ran = false;
  const due = immediates;
  immediates = [];
  for (let index = 0; index < due.length; index++) {
    const immediate = due[index] as Immediate;
    if (immediate.pending) {
      immediate.pending = false;
      ran = true;
      try {
        immediate.callback(...immediate.args);
      } catch (error) {
        immediates = [...due.slice(index + 1), ...immediates];
        throw error;
      }
      drain();
    }
  }
  if (heap.length === 0) {
    return ran;
  }
  const now = clock();
  const last = lastOrder;
  for (let first = heap[0]; first !== undefined && (first.due as number) <= now; first = heap[0]) {
    if (first.order > last) {
      break; // made by one of these: its turn comes after what is waited for
    }
    forget(first);
    if (first.repeats) {
      schedule(first);
    }
    ran = true;
    first.callback(...first.args);
    drain();
  }
  return ran;
}

/** When the next timer is due; undefined: there is none. */
export function nextTimer(): number | undefined {
  return heap[0]?.due;
}

/** Whether a timer keeps the program running, or one that is no interval. */
export function hasTimers(withoutIntervals: boolean): boolean {
  return timeouts > 0 || (!withoutIntervals && intervals > 0);
}

/** Sets the clock, in milliseconds. */
export function setClock(now: () => number): void {
  clock = now;
}

/** Forgets all timers. */
export function resetTimers(): void {
  heap.length = 0;
  timeouts = 0;
  intervals = 0;
  byId.clear();
  immediates = [];
}
