package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import org.jspecify.annotations.Nullable;

/**
 * A trace, in a line.
 *
 * @param runId the run that a client asked for; null: the trace is of a workflow, or has no end yet
 * @param workflowId null: it is of none
 * @param name of the outermost span that has ended
 * @param start nanoseconds since 1970, UTC
 * @param durationNs nanoseconds; null: it still runs, or was ended from outside
 * @param status of the outermost span; {@code "unfinished"} if that has not ended
 * @param spans how many there are
 * @param error what went wrong, {@code "timeout: Task exceeded …"}; null: nothing did
 */
public record TraceSummary(
    @SerializedName("trace_id") String traceId,
    @SerializedName("run_id") @Nullable String runId,
    @SerializedName("workflow_id") @Nullable String workflowId,
    String name,
    long start,
    @SerializedName("duration_ns") @Nullable Long durationNs,
    String status,
    int spans,
    @Nullable String error) {}
