package dev.capsule.sidecar.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A step as it is written down.
 *
 * @param number its place in the order in which the workflow's steps began, from 0
 * @param outcome how it ended; null: it has not, or (for {@link Journal#find}) its result is large
 * @param details JSON text that was written down with its outcome; null: there is none
 * @param ended when; null: it has not
 */
public record StepRecord(
    StepIntent intent,
    long number,
    StepState state,
    @Nullable Outcome outcome,
    @Nullable String details,
    Instant began,
    @Nullable Instant ended) {}
