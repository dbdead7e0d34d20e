package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import org.jspecify.annotations.Nullable;

/**
 * A run ended.
 *
 * @param errorType an {@link ErrorType} in its wire form; null on success
 */
public record TaskFinished(
    String run,
    @Nullable String parent,
    String task,
    boolean success,
    @SerializedName("error_type") @Nullable String errorType,
    @SerializedName("duration_ms") long durationMs) {}
