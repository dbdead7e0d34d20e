package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Asks for the spans of a trace in the store.
 *
 * @param root absolute path of the folder that decides which store it is
 * @param config as in {@link LoadProgramParams}
 * @param run id of a run, a trace or a workflow, or the beginning of one if it is the only one
 */
public record ReadTraceParams(String root, @Nullable String config, String run) {}
