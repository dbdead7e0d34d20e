package dev.capsule.sidecar.journal;

import org.jspecify.annotations.Nullable;

/**
 * A step that begins.
 *
 * @param key what it is found by when the workflow is run again; unique in the workflow, at most
 *     100 characters
 * @param parent the key of the step that called it; null: the workflow itself did
 * @param kind {@code "task"}, or what else it is, for people
 * @param name of the task, or the step's own
 * @param args JSON text of its arguments, shortened perhaps, for people
 * @param argsHash of its whole arguments
 */
public record StepIntent(
    String key, @Nullable String parent, String kind, String name, String args, String argsHash) {}
