/** What is written down of an error: its class, its message, the user's frames. */

import { OWN_FILES, TaskError } from "./errors.js";
import type { TaskFailure } from "./types.js";
import { StepError } from "./workflowerrors.js";

const MAX_MESSAGE = 10_000;
const MAX_TRACEBACK = 30_000;
const MAX_CHAIN = 1000;

/** What was thrown, as the protocol's failure. */
export function failureOf(thrown: unknown): TaskFailure {
  if (!(thrown instanceof Error)) {
    const message = plainText(String(thrown));
    return { type: "task_error", message, class: null, traceback: null };
  }
  const isTask = thrown instanceof TaskError;
  return {
    type: isTask ? thrown.type : "task_error",
    message: plainText(isTask ? thrown.summary : String(thrown.message)),
    class: plainText((isTask && thrown.className) || String(thrown.name)),
    traceback: plainText(tracebackOf(thrown), MAX_TRACEBACK),
  };
}

/** The text without halves of surrogate pairs, and cut if it is too long. */
export function plainText(text: string, longest = MAX_MESSAGE): string {
  const cut =
    text.length <= longest
      ? text
      : `${text.slice(0, longest)}… (${text.length - longest} more characters)`;
  return cut.toWellFormed();
}

function tracebackOf(error: Error): string {
  const texts: string[] = [];
  const seen = new Set<unknown>();
  let at: unknown = error;
  while (at instanceof Error && !seen.has(at) && seen.size < MAX_CHAIN) {
    seen.add(at);
    const lines = String(at.stack ?? at).split("\n");
    texts.push(lines.filter((line) => !isOurs(line)).join("\n"));
    at = at.cause;
  }
  return texts.join("\n\nCaused by:\n");
}

function isOurs(line: string): boolean {
  return /^ {4}at /.test(line) && (line.includes(OWN_FILES) || line.includes("(node:internal/"));
}

/** Ids of the steps whose failure this is: its own, its members', its causes'. */
export function stepsOf(thrown: unknown): string[] {
  const steps = new Set<string>();
  const seen = new Set<unknown>();
  const waiting = [thrown];
  while (waiting.length > 0 && seen.size < MAX_CHAIN) {
    const at = waiting.pop();
    if (!(at instanceof Error) || seen.has(at)) {
      continue;
    }
    seen.add(at);
    if (at instanceof StepError) {
      steps.add(at.stepId);
    } else if (at instanceof TaskError && at.envelope.execution.step_id !== null) {
      steps.add(at.envelope.execution.step_id);
    }
    waiting.push(at.cause, ...(at instanceof AggregateError ? at.errors : []));
  }
  return [...steps];
}
