/** `step()`: a function of this process whose outcome a workflow's journal keeps. */

import { failureOf } from "./failure.js";
import { decode } from "./json/decode.js";
import { encode, InvalidValue } from "./json/encode.js";
import type { OpenWorkflow } from "./openworkflow.js";
import { currentScope, within } from "./scope.js";
import { StepError, WorkflowError } from "./workflowerrors.js";

/**
 * Runs `fn(...args)` here, once, as a step of the current workflow. Its result is written down
 * before the promise gives it. When the workflow runs again, `fn` is not called: the result comes
 * from the journal. A step that was under way when the program or the machine died runs again, with
 * the same `context().stepId`.
 *
 * `name` and the arguments tell the step from others, so the arguments are JSON: use other things
 * inside of the function, `step("save", () => save(connection))`. The result is JSON, and comes as
 * it would from the journal: a `Date` is a string.
 *
 * What `fn` throws is written down, too, and so is a result that is not JSON; the promise rejects,
 * now and when the workflow runs again, with a `StepError` that names it. A step whose failure ended
 * the workflow is run again when the workflow is.
 *
 * Tasks that `fn` calls are parts of this step and not steps of their own. Rejects with
 * `WorkflowError` outside of a workflow, `TypeError` for an argument that is not JSON,
 * `ReplayMismatch`, `WorkflowCancelled` and `JournalError`.
 */
export async function step<A extends unknown[], R>(
  name: string,
  fn: (...args: A) => R,
  ...args: A
): Promise<Awaited<R>> {
  if (typeof name !== "string" || name === "") {
    throw new TypeError("a step's name is a string that is not empty");
  }
  if (typeof fn !== "function") {
    throw new TypeError(
      `the step "${name}": pass the function itself, step("${name}", f, x), and not what it returns`,
    );
  }
  const workflow = currentWorkflow(name);
  const advice = "; what is not JSON goes into the function: step(name, () => f(x))";
  const identity = toJson(`an argument of the step "${name}"`, "args", args, advice);
  const begun = await workflow.beginStep(name, identity);
  const stepId = `${workflow.id}/${begun.step}`;
  if (begun.done) {
    if (begun.success) {
      return begun.result as Awaited<R>;
    }
    const unknown = { type: "task_error", message: "", class: null, traceback: null } as const;
    throw new StepError(name, begun.error ?? unknown, stepId);
  }
  let result: string;
  try {
    const scope = { workflow: undefined, workflowId: workflow.id, stepId };
    const value = await within(scope, () => fn(...args));
    result = toJson(`the result of the step "${name}"`, "result", value);
  } catch (error) {
    workflow.check(); // where it was stopped the step has not failed, and is to be run again
    const failure = failureOf(error);
    await workflow.endStep(begun.step, { error: failure });
    throw new StepError(name, failure, stepId, { cause: error });
  }
  await workflow.endStep(begun.step, { result });
  return decode(result) as Awaited<R>;
}

function currentWorkflow(name: string): OpenWorkflow {
  const scope = currentScope();
  if (scope?.workflow !== undefined) {
    return scope.workflow;
  }
  const what = `the step "${name}" cannot be written down: `;
  if (scope === undefined) {
    throw new WorkflowError(
      `${what}there is no workflow here: call it in that of workflow(id, fn)`,
    );
  }
  const where = scope.stepId === null ? "a tool, which is" : "another step, and is";
  throw new WorkflowError(`${what}it is in ${where} a part of that step: call the function itself`);
}

/** JSON of a value that is to be written down. Throws `TypeError`, which begins with `what`. */
export function toJson(what: string, root: string, value: unknown, advice = ""): string {
  try {
    return encode(value, root);
  } catch (error) {
    throw error instanceof InvalidValue
      ? new TypeError(`${what}: ${error.message}${advice}`)
      : error;
  }
}
