package dev.capsule.flatten;

/** Ids of the sections of a component, and the codes of sorts in them. */
final class ComponentSection {
  static final int CUSTOM = 0;
  static final int CORE_MODULE = 1;
  static final int CORE_INSTANCE = 2;
  static final int CORE_TYPE = 3;
  static final int COMPONENT = 4;
  static final int INSTANCE = 5;
  static final int ALIAS = 6;
  static final int TYPE = 7;
  static final int CANONICAL = 8;
  static final int IMPORT = 10;
  static final int EXPORT = 11;

  static final int CORE_SORT = 0x00;
  static final int FUNCTION_SORT = 0x01;
  static final int TYPE_SORT = 0x03;
  static final int COMPONENT_SORT = 0x04;
  static final int INSTANCE_SORT = 0x05;

  /** The core sort of an instance; the ones below it are those of {@link ExternKind}. */
  static final int CORE_INSTANCE_SORT = 0x12;

  static final byte[] PREAMBLE = {0, 'a', 's', 'm', 0x0D, 0, 1, 0};

  private ComponentSection() {}
}
