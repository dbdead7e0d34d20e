package dev.capsule.sidecar.sandbox;

/** What a guest made of a module. */
public sealed interface Compiled {
  /**
   * It compiled.
   *
   * @param code what {@code run} of the same guest build takes
   */
  record Code(String code) implements Compiled {}

  /**
   * It is not valid.
   *
   * @param error an error object, see guests/README.md, unchecked
   */
  record Rejected(String error) implements Compiled {}
}
