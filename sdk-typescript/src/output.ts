/** Where the text that tasks print goes: to whom the call asked for, or to the host's own standard streams. */

import type { OutputEvent } from "./types.js";
import { TaskFinished, TaskOutput, TaskQueued } from "./wire.js";

type Sink = (event: OutputEvent) => void;

/**
 * Writes to `process.stdout` or `process.stderr`. A stream that is closed must not decide over a
 * task's result: what cannot be written is dropped, as `console.log` does.
 */
export function forward(stream: string, text: string): void {
  const target = stream === "stderr" ? process.stderr : process.stdout;
  if (text === "" || target.destroyed || target.writableEnded) {
    return;
  }
  target.once("error", ignore);
  try {
    target.write(text, (error) => {
      if (!error) {
        target.off("error", ignore); // else the event is still to come
      }
    });
  } catch {
    target.off("error", ignore);
  }
}

function ignore(): void {}

/** Brings each `task/output` to the sink of the call that it belongs to, at any depth. */
export class OutputRouter {
  readonly #sinks = new Map<string, Sink>();
  /** The call that each nested run belongs to. */
  readonly #roots = new Map<string, string>();

  constructor(readonly defaultSink: Sink = (event) => forward(event.stream, event.text)) {}

  /** Takes what the run with this id prints, and all that it calls. */
  add(run: string, sink: Sink): void {
    this.#sinks.set(run, sink);
  }

  /** The call is over, and so is all that it started. */
  remove(run: string): void {
    this.#sinks.delete(run);
    for (const [nested, root] of this.#roots) {
      if (root === run) {
        this.#roots.delete(nested);
      }
    }
  }

  /** `task/queued`: says who called whom. Only runs with a sink ask for it. */
  queued(params: unknown): void {
    const { run, parent } = TaskQueued(params, "params");
    if (parent !== null) {
      const root = this.#roots.get(parent) ?? parent;
      if (this.#sinks.has(root)) {
        this.#roots.set(run, root);
      }
    }
  }

  /** `task/finished` */
  finished(params: unknown): void {
    this.#roots.delete(TaskFinished(params, "params").run);
  }

  /** `task/output` */
  output(params: unknown): void {
    const { run, task, stream, text } = TaskOutput(params, "params");
    const sink = this.#sinks.get(this.#roots.get(run) ?? run) ?? this.defaultSink;
    sink({ stream: stream === "stderr" ? "stderr" : "stdout", text, task, run });
  }
}
