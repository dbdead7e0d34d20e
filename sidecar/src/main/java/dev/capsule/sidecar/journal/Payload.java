package dev.capsule.sidecar.journal;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A text in a row, or in a file that the row names.
 *
 * @param text null only if it is in a file that was not read
 * @param file the file's name: the SHA-256 of its content; null: the text is in the row
 */
record Payload(@Nullable String text, @Nullable String file) {
  /** A text that is to be written, where it will be. */
  static Payload of(String json, @Nullable ResultFiles files) {
    String text = Texts.json(json);
    boolean large = files != null && text.length() > ResultFiles.LARGE;
    return new Payload(text, large ? ResultFiles.nameOf(text) : null);
  }

  /** As a column and the one of its file have it; null: neither has anything. */
  static @Nullable Payload read(ResultSet rows, String column) throws SQLException {
    String text = rows.getString(column);
    String file = rows.getString(column + "_file");
    return text == null && file == null ? null : new Payload(text, file);
  }

  /** What the row itself holds of the text. */
  @Nullable String inRow() {
    return file == null ? text : null;
  }

  /** Writes the file, if there is to be one and is not. */
  void write(ResultFiles files) {
    if (file != null && text != null) {
      files.write(file, text);
    }
  }

  /** The same with its text. */
  Payload whole(@Nullable ResultFiles files) {
    return text != null || file == null || files == null
        ? this
        : new Payload(files.read(file), file);
  }
}
