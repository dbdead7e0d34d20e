package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import org.jspecify.annotations.Nullable;

/** The {@code data} of a source error: lines and columns count from 1. */
public record SourceErrorData(
    String type,
    String message,
    @SerializedName("class") @Nullable String className,
    @Nullable String traceback,
    @Nullable String file,
    @Nullable Integer line,
    @Nullable Integer column) {}
