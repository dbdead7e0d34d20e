package dev.capsule.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The value of a cell's last expression.
 *
 * @param text as its language shows it
 * @param json the value itself; null: it is null, or has no form in JSON
 * @param parts its rich forms
 */
public record CellValue(String text, @Nullable RawJson json, List<MimePart> parts) {
  public CellValue {
    parts = List.copyOf(parts);
  }
}
