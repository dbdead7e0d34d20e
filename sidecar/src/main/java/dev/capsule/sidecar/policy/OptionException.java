package dev.capsule.sidecar.policy;

import org.jspecify.annotations.Nullable;

/** An option that cannot be: which, what it says, what it may say, and where it stands. */
public final class OptionException extends Exception {
  private final String field;
  private final @Nullable String value;
  private final String allowed;
  private final @Nullable String where;

  /**
   * @param field the option's name, {@code "ram"} or {@code "allowed_files[0].mode"}
   * @param value what was given, as JSON; null if nothing was
   * @param allowed what may stand there
   */
  public OptionException(String field, @Nullable String value, String allowed) {
    this(field, value, allowed, null);
  }

  /**
   * @param where it stands, {@code "capsule.toml:12:1"}; null: it is not worth saying
   */
  OptionException(String field, @Nullable String value, String allowed, @Nullable String where) {
    super(message(field, value, allowed, where));
    this.field = field;
    this.value = value;
    this.allowed = allowed;
    this.where = where;
  }

  private static String message(
      String field, @Nullable String value, String allowed, @Nullable String where) {
    return (where == null ? "" : where + ": ")
        + shorten(field)
        + (value == null ? (field.isEmpty() ? "" : ": ") : "=" + shorten(value) + ": ")
        + allowed;
  }

  private static String shorten(String value) {
    return value.length() <= 80 ? value : value.substring(0, 79) + "…";
  }

  /**
   * The same fault, with the place where it stands.
   *
   * @param prefix what the option's name is preceded by there, {@code "tasks.default_"}
   * @param where null: it is not worth saying
   */
  OptionException at(String prefix, @Nullable String where) {
    return new OptionException(prefix + field, value, allowed, where);
  }

  public String field() {
    return field;
  }

  public @Nullable String value() {
    return value;
  }

  public String allowed() {
    return allowed;
  }

  public @Nullable String where() {
    return where;
  }
}
