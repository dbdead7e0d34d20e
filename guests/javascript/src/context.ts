/** `context()`: where the running task stands. */

/** What does not apply is null. */
export interface Context {
  readonly runId: string | null;
  readonly attempt: number | null;
  readonly traceId: string | null;
  readonly workflowId: string | null;
  readonly stepId: string | null;
}

type Told = Readonly<Record<string, unknown>>;

let told: Told = {};

/** Notes what the host has told of the task. */
export function tell(fields: Told): void {
  told = fields;
}

/** Which run, attempt (from 0) and trace this is, and which step of which workflow. */
export function context(): Context {
  const { run_id, attempt, trace_id, workflow_id, step_id } = told;
  return {
    runId: (run_id ?? null) as string | null,
    attempt: (attempt ?? null) as number | null,
    traceId: (trace_id ?? null) as string | null,
    workflowId: (workflow_id ?? null) as string | null,
    stepId: (step_id ?? null) as string | null,
  };
}
