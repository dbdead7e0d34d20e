package dev.capsule.flatten;

/** What an index in an instruction counts. */
enum IndexSpace {
  FUNCTION,
  TABLE,
  MEMORY,
  GLOBAL,
  TYPE,
  ELEMENT,
  DATA
}
