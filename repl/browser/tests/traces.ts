import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "./browser.js";

const LAUNCHER = join(CHECKOUT, "capsule");
const BEGAN = 1_795_291_200_123_456_789n;

interface Details {
  parent?: string;
  kind?: string;
  /** Milliseconds. */
  start?: number;
  duration?: number;
  status?: string;
  attributes?: Record<string, unknown>;
  events?: { at: number; name: string; attributes: Record<string, unknown> }[];
}

/** Spans as a sidecar keeps them, in lines. */
export class Store {
  readonly trace = "0123456789abcdef0123456789abcdef";
  private readonly lines: string[] = [];

  /** Adds a span; returns its id. */
  add(name: string, details: Details = {}): string {
    const id = (this.lines.length + 1).toString(16).padStart(16, "0");
    const { parent, kind = "task", start = 0, duration = 1, status = "ok" } = details;
    const events = (details.events ?? []).map(
      (event) =>
        `{"time":${time(event.at)},"name":${JSON.stringify(event.name)},"attributes":${JSON.stringify(event.attributes)}}`,
    );
    this.lines.push(
      `{"trace_id":"${this.trace}","span_id":"${id}","parent_id":${parent === undefined ? null : `"${parent}"`},` +
        `"kind":"${kind}","name":${JSON.stringify(name)},"start":${time(start)},` +
        `"duration_ns":${Math.round(duration * 1e6)},"status":"${status}",` +
        `"attributes":${JSON.stringify(details.attributes ?? {})},"events":[${events}]}\n`,
    );
    return id;
  }

  /** Makes the page of it, by the command line. */
  page(): string {
    const folder = mkdtempSync(join(tmpdir(), "capsule-page-"));
    const traces = join(folder, ".capsule", "traces");
    mkdirSync(traces, { recursive: true, mode: 0o700 });
    writeFileSync(join(traces, "1795291200123-0123456789abcdef-000001.jsonl"), this.lines.join(""));
    return pageOf(folder, this.trace);
  }
}

function time(milliseconds: number): string {
  return String(BEGAN + BigInt(Math.round(milliseconds * 1e6)));
}

/** Makes the page of a trace of the programs in a folder. */
export function pageOf(folder: string, id: string): string {
  capsule(folder, "trace", "show", id, "--html", "page.html");
  return join(folder, "page.html");
}

/** Runs the command line in a folder; returns what it prints. */
export function capsule(folder: string, ...words: string[]): string {
  return execFileSync(LAUNCHER, words, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
