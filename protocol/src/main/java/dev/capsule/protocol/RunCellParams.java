package dev.capsule.protocol;

import com.google.gson.JsonElement;
import com.google.gson.annotations.SerializedName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a cell to be run in a session, after those that were asked for before.
 *
 * @param sessionId from {@link OpenSessionResult}
 * @param code its source
 * @param timeout for this cell, instead of the session's
 * @param fuel for this cell, instead of the session's {@code compute}, and as that is given
 * @param run the run's id in notifications; null: a new one
 * @param events which notifications to send, as in {@link RunTaskParams}; null: output
 * @param traceparent the trace that it is a part of, as in {@link RunTaskParams}
 * @param tracestate what goes with it
 */
public record RunCellParams(
    @SerializedName("session_id") String sessionId,
    String code,
    @Nullable JsonElement timeout,
    @Nullable JsonElement fuel,
    @Nullable String run,
    @Nullable List<String> events,
    @Nullable String traceparent,
    @Nullable String tracestate) {}
