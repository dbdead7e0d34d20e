package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Asks for the traces in the store, newest first.
 *
 * @param root absolute path of the folder that decides which store it is
 * @param config as in {@link LoadProgramParams}
 * @param limit how many at most; null: 20
 * @param failed whether only those that failed; null: no
 */
public record ListTracesParams(
    String root, @Nullable String config, @Nullable Integer limit, @Nullable Boolean failed) {}
