package dev.capsule.sidecar.task;

/** Where the tasks that a run calls are written down. */
interface Steps {
  /** Those of one attempt: each calls its tasks from the first again. */
  StepScope attempt();
}
