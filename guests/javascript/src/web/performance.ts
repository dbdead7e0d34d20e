// https://w3c.github.io/hr-time/ and https://w3c.github.io/user-timing/

import { native } from "../native.ts";
import { structuredClone } from "./clone.ts";
import { DOMException } from "./dom-exception.ts";
import { EventTarget } from "./events.ts";

export class PerformanceEntry {
  constructor(
    readonly name: string,
    readonly entryType: string,
    readonly startTime: number,
    readonly duration: number,
    readonly detail: unknown,
  ) {}

  toJSON(): object {
    return { ...this };
  }

  get [Symbol.toStringTag](): string {
    return this.constructor.name;
  }
}

export class PerformanceMark extends PerformanceEntry {
  constructor(name: string, options: { startTime?: number; detail?: unknown } = {}) {
    const { startTime = performance.now(), detail = null } = options ?? {};
    if (startTime < 0) {
      throw new TypeError(`The "startTime" option must not be negative. Received ${startTime}`);
    }
    super(String(name), "mark", Number(startTime), 0, detail === null ? null : structuredClone(detail));
  }
}

export class PerformanceMeasure extends PerformanceEntry {}

type Point = string | number | undefined;

interface MeasureOptions {
  start?: Point;
  end?: Point;
  duration?: number;
  detail?: unknown;
}

/** Monotonic time of the first use in this sandbox: the snapshot has none of its own. */
let origin: number | undefined;

export class Performance extends EventTarget {
  #entries: PerformanceEntry[] = [];

  get timeOrigin(): number {
    return native.now() - this.now();
  }

  now(): number {
    const time = native.monotonic();
    origin ??= time;
    return time - origin;
  }

  mark(name: string, options?: { startTime?: number; detail?: unknown }): PerformanceMark {
    return this.#add(new PerformanceMark(name, options));
  }

  measure(name: string, from?: Point | MeasureOptions, to?: Point): PerformanceMeasure {
    const options: MeasureOptions = typeof from === "object" && from !== null ? from : { start: from, end: to };
    const { duration } = options;
    const known = (point: Point): number => this.#timeOf(point);
    let end = options.end === undefined ? undefined : known(options.end);
    let start = options.start === undefined ? undefined : known(options.start);
    if (duration !== undefined) {
      start ??= end === undefined ? 0 : end - duration;
      end ??= start + duration;
    }
    start ??= 0;
    end ??= this.now();
    const detail = options.detail === undefined ? null : structuredClone(options.detail);
    return this.#add(new PerformanceMeasure(String(name), "measure", start, end - start, detail));
  }

  clearMarks(name?: string): void {
    this.#clear("mark", name);
  }

  clearMeasures(name?: string): void {
    this.#clear("measure", name);
  }

  getEntries(): PerformanceEntry[] {
    return [...this.#entries].sort((one, other) => one.startTime - other.startTime);
  }

  getEntriesByName(name: string, type?: string): PerformanceEntry[] {
    return this.getEntries().filter((entry) => entry.name === name && (type === undefined || entry.entryType === type));
  }

  getEntriesByType(type: string): PerformanceEntry[] {
    return this.getEntries().filter((entry) => entry.entryType === type);
  }

  /** There are no entries of resources here: nothing to mark, to clear or to bound. */
  markResourceTiming(): void {}

  clearResourceTimings(): void {}

  setResourceTimingBufferSize(): void {}

  toJSON(): object {
    return { timeOrigin: this.timeOrigin };
  }

  override get [Symbol.toStringTag](): string {
    return "Performance";
  }

  #add<E extends PerformanceEntry>(entry: E): E {
    this.#entries.push(entry);
    return entry;
  }

  #clear(type: string, name: string | undefined): void {
    this.#entries = this.#entries.filter((entry) => entry.entryType !== type || (name !== undefined && entry.name !== name));
  }

  #timeOf(point: Point): number {
    if (typeof point === "number") {
      return point;
    }
    const marks = this.#entries.filter((entry) => entry.entryType === "mark" && entry.name === String(point));
    const last = marks.at(-1);
    if (last === undefined) {
      throw new DOMException(`The "${String(point)}" performance mark has not been set`, "SyntaxError");
    }
    return last.startTime;
  }
}

export const performance = new Performance();
