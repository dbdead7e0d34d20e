package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The {@code data} of an invalid-parameter error.
 *
 * @param field what is wrong, {@code "options.ram"}
 * @param value what was given, as JSON
 * @param allowed what may stand there
 * @param where {@code FILE:LINE} of the decorator that says it, {@code FILE:LINE:COLUMN} of the
 *     configuration; null if the caller does
 */
public record InvalidParamData(
    String field, @Nullable RawJson value, String allowed, @Nullable String where) {}
