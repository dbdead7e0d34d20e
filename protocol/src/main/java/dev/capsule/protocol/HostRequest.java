package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request that a task made through the host; never with credentials.
 *
 * @param url without user and password, and with values of the task's environment blotted out
 * @param status the answer's; null if there was none
 * @param bytes of both bodies, sent and received
 * @param durationMs milliseconds from the request to the end of the answer, or to its failure
 * @param error why there was no answer, or no whole one; null if there was
 */
public record HostRequest(
    String method,
    String url,
    @Nullable Integer status,
    long bytes,
    @SerializedName("duration_ms") long durationMs,
    @Nullable String error) {}
