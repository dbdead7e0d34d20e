package dev.capsule.sidecar.task;

import com.google.gson.annotations.SerializedName;
import org.jspecify.annotations.Nullable;

/**
 * What a task is told of its own call, in the form that guests/README.md gives.
 *
 * @param attempt from 0
 * @param workflowId null: it is no part of any
 * @param stepId the same whenever the step is run again; null: it is no step
 */
record CallContext(
    @SerializedName("run_id") String runId,
    int attempt,
    @SerializedName("trace_id") String traceId,
    @SerializedName("workflow_id") @Nullable String workflowId,
    @SerializedName("step_id") @Nullable String stepId) {}
