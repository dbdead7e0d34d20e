package dev.capsule.sidecar.policy;

import org.jspecify.annotations.Nullable;

/** Where options are written: named as their origin, and in what is said of their faults. */
public interface Source {
  /** Where an option is written, {@code "main.py:5"}. */
  String origin(String option);

  /** The same fault, with the place where it stands. */
  OptionException at(OptionException fault);

  /** The options of whoever runs a task, who knows them without a place. */
  static Source caller() {
    return new Place("the caller", null, "");
  }

  /** The ceiling of whoever runs a task. */
  static Source callersCeiling() {
    return new Place("the caller", null, "ceiling.");
  }

  /**
   * The options of a task's declaration.
   *
   * @param file as shown to users
   * @param line from 1
   */
  static Source declaration(String file, int line) {
    return new Place(file + ":" + line, file + ":" + line, "");
  }

  /**
   * One place for all options.
   *
   * @param where null: not worth saying in an error
   * @param prefix of the options' names
   */
  record Place(String origin, @Nullable String where, String prefix) implements Source {
    @Override
    public String origin(String option) {
      return origin;
    }

    @Override
    public OptionException at(OptionException fault) {
      return fault.at(prefix, where);
    }
  }
}
