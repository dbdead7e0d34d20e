package dev.capsule.flatten;

/**
 * What a function or a type is called that the component imports.
 *
 * @param instance the interface, with its version; empty if it is imported by itself
 */
record ImportName(String instance, String name) {
  /** Of what is not imported. */
  static final ImportName NONE = new ImportName("", "");

  /** The interface without its version. */
  String interfaceName() {
    int at = instance.indexOf('@');
    return at < 0 ? instance : instance.substring(0, at);
  }

  @Override
  public String toString() {
    return instance.isEmpty() ? name : instance + "#" + name;
  }
}
