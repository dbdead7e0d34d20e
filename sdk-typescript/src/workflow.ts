/** `workflow()`: a piece of a program whose finished steps are not repeated when it runs again. */

import { randomBytes, randomUUID } from "node:crypto";
import { debuglog } from "node:util";
import { callerOf } from "./caller.js";
import { type Capsule, defaultClient } from "./client.js";
import { SidecarError } from "./errors.js";
import { failureOf, stepsOf } from "./failure.js";
import { decode } from "./json/decode.js";
import { OpenWorkflow } from "./openworkflow.js";
import { currentScope, within } from "./scope.js";
import { toJson } from "./step.js";
import { whereabouts } from "./whereabouts.js";
import { JournalError, WorkflowCancelled, WorkflowError } from "./workflowerrors.js";

const log = debuglog("capsule");

export interface WorkflowOptions {
  /**
   * What follows where the program no longer does what is recorded: `"fail"` (default; it rejects
   * with `ReplayMismatch`), `"restart"` (what is recorded is dropped, and it starts from the
   * beginning), `"continue"` (recorded steps that nobody asks for stay unused).
   */
  onChange?: "fail" | "restart" | "continue";
  /**
   * `"full"`: a step is safe from a power cut when the program has its result; `"relaxed"`: from a
   * crash of the program and of Capsule; `"off"`: nothing is written. Default: as the project's
   * configuration says.
   */
  durability?: "full" | "relaxed" | "off";
  /** Stops what runs in it, and leaves it to be gone on with; it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** The sidecar to run it in; its tasks run there, too. Default: one that all calls share. */
  client?: Capsule;
}

/** A workflow that runs. */
export interface Workflow {
  readonly id: string;
  /** Whether an earlier run had begun it. */
  readonly resumed: boolean;
  /** Aborts when it must stop: it was cancelled, is run elsewhere, or its own `signal` has aborted. */
  readonly signal: AbortSignal;
  /** The time; the same when the workflow runs again. */
  now(): Promise<Date>;
  /** A random number, at least 0 and less than 1; the same when the workflow runs again. */
  random(): Promise<number>;
  /** A random UUID; the same when the workflow runs again. */
  uuid(): Promise<string>;
}

/**
 * Runs `fn` as a workflow, and gives its result: `await workflow("research-42", async () => …)`.
 *
 * Each call of a task in it, and each `step`, is a step of the workflow: its outcome is written down
 * before the program has it. When the program runs again with the same id, finished steps are not
 * repeated: their outcomes come from the journal, and the program goes on from there. A step that
 * was under way when something died runs again, with the same `context().stepId`. When the workflow
 * has finished, its result is given without calling `fn`.
 *
 * `id` has 1 to 200 characters, the same for runs that belong together. The result is JSON. When
 * `fn` throws the workflow has failed, and may be run again.
 *
 * Rejects with what `fn` throws, with `WorkflowBusy` if the workflow runs elsewhere,
 * `WorkflowCancelled` if it is cancelled, `WorkflowError` inside of another workflow,
 * `ReplayMismatch`, `TypeError` for a result that is not JSON, `OptionError` for a parameter that is
 * refused, `JournalError` and `SidecarError`.
 */
export async function workflow<R>(
  id: string,
  fn: (workflow: Workflow) => R,
  options: WorkflowOptions = {},
): Promise<Awaited<R>> {
  if (typeof id !== "string" || typeof fn !== "function") {
    throw new TypeError("use workflow(id, fn) or workflow(id, fn, { onChange, … })");
  }
  const outer = currentScope()?.workflow;
  if (outer !== undefined) {
    throw new WorkflowError(
      `the workflow "${id}" is inside of the workflow "${outer.id}": let the one end before the ` +
        "other begins, or run it inside of a step",
    );
  }
  const { client = defaultClient, onChange = "fail", durability } = options;
  const where = whereabouts(callerOf(workflow)?.file);
  const params = { ...where, onChange, replay: false, ...(durability && { durability }) };
  for (let restarted = false; ; restarted = true) {
    options.signal?.throwIfAborted();
    const opened = new OpenWorkflow(id, client, params, options.signal);
    try {
      return (await run(opened, fn, options)) as Awaited<R>;
    } catch (error) {
      if (restarted || !restarts(opened, options)) {
        throw error;
      }
    }
  }
}

/** Whether what was recorded has been dropped, because the program is another one. */
function restarts(opened: OpenWorkflow, { onChange }: WorkflowOptions): boolean {
  return onChange === "restart" && opened.mismatch;
}

async function run<R>(
  opened: OpenWorkflow,
  fn: (workflow: Workflow) => R,
  options: WorkflowOptions,
): Promise<unknown> {
  const answer = await opened.open();
  if (answer.workflow === null) {
    return answer.result;
  }
  const resumed = answer.state !== "new";
  if (resumed) {
    log("the workflow %s goes on after %d finished steps", opened.id, answer.steps);
  }
  let result: string;
  try {
    const scope = { workflow: opened, workflowId: opened.id, stepId: null };
    const value = await within(scope, () => fn(handed(opened, resumed)));
    opened.check();
    result = toJson(`the result of the workflow "${opened.id}"`, "result", value);
  } catch (error) {
    await leave(opened, error, options);
    throw opened.revoked ?? error;
  }
  await opened.close({ outcome: "finished", result });
  return decode(result);
}

/** Says how it has ended with an error. */
async function leave(
  opened: OpenWorkflow,
  error: unknown,
  options: WorkflowOptions,
): Promise<void> {
  try {
    if (opened.revoked instanceof WorkflowCancelled) {
      await opened.close({ outcome: "cancelled" });
    } else if (
      // not the workflow's failures: it goes on where it was when it is run again
      opened.signal.aborted ||
      error instanceof JournalError ||
      error instanceof SidecarError ||
      restarts(opened, options)
    ) {
      await opened.close({ outcome: "released" });
    } else {
      const steps = stepsOf(error);
      const failedSteps = steps.length > 0 ? steps : null;
      await opened.close({ outcome: "failed", error: failureOf(error), failedSteps });
    }
  } catch (problem) {
    log("how the workflow %s ended could not be written down: %o", opened.id, problem);
  }
}

function handed(opened: OpenWorkflow, resumed: boolean): Workflow {
  return {
    id: opened.id,
    resumed,
    signal: opened.signal,
    now: async () => new Date(String(await opened.recordStep("now", new Date()))),
    random: async () => Number(await opened.recordStep("random", draw())),
    uuid: async () => String(await opened.recordStep("uuid", randomUUID())),
  };
}

/** 53 random bits, as a fraction; not of `Math.random`, whose numbers can be foretold. */
function draw(): number {
  return Number(randomBytes(8).readBigUInt64LE() >> 11n) / 2 ** 53;
}
