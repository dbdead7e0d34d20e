package dev.capsule.sidecar.http;

import org.jspecify.annotations.Nullable;

/**
 * What became of a request.
 *
 * @param method empty if it is no word
 * @param status the answer's; null if there was none
 * @param sent bytes of the request's body
 * @param received bytes of the answer's body
 * @param durationNs nanoseconds
 * @param error why there was no answer, or no whole one; null if there was
 */
public record HttpOutcome(
    String method,
    HttpTarget target,
    @Nullable Integer status,
    long sent,
    long received,
    long durationNs,
    @Nullable String error) {}
