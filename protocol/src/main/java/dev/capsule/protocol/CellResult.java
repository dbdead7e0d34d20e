package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * How a cell of a session, or a snippet, ended.
 *
 * @param value of the last expression; null: it has none, or the cell failed
 * @param error why it failed; null if it succeeded
 * @param state {@code "kept"}, or {@code "lost"}: the session begins anew; a snippet's is always
 *     lost
 */
public record CellResult(
    boolean success,
    @Nullable CellValue value,
    @Nullable TaskFailure error,
    Execution execution,
    String state) {
  public static final String KEPT = "kept";
  public static final String LOST = "lost";
}
