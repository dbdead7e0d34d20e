package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run took.
 *
 * @param durationMs milliseconds from acceptance to the end, waiting and retries included
 * @param retries attempts beyond the first
 * @param fuelConsumed units of fuel of all attempts; null if none began
 * @param ramUsed the sandbox's highest memory size in bytes; null if none began
 * @param hostRequests the HTTP requests it made
 * @param limits what it was held to; null if it never came to that
 * @param stepId of a workflow's step: the same whenever the step is run again; else null
 * @param replayed whether the outcome was written down in an earlier run, and nothing was run now
 */
public record Execution(
    @SerializedName("task_name") String taskName,
    @SerializedName("duration_ms") long durationMs,
    int retries,
    @SerializedName("fuel_consumed") @Nullable Long fuelConsumed,
    @SerializedName("ram_used") @Nullable Long ramUsed,
    @SerializedName("host_requests") List<HostRequest> hostRequests,
    @Nullable Limits limits,
    @SerializedName("run_id") String runId,
    @SerializedName("trace_id") String traceId,
    @SerializedName("step_id") @Nullable String stepId,
    boolean replayed) {
  public Execution {
    hostRequests = List.copyOf(hostRequests);
  }
}
