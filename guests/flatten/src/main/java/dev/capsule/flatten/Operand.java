package dev.capsule.flatten;

/** The shape of one immediate of an instruction. */
enum Operand {
  FUNCTION,
  TABLE,
  MEMORY,
  GLOBAL,
  TYPE,
  ELEMENT,
  DATA,
  LOCAL,
  LABEL,
  /** The labels of {@code br_table}. */
  LABELS,
  /** Nothing, a value type, or the index of a function type. */
  BLOCK_TYPE,
  /** Alignment and offset; with bit 6 of the alignment set, the index of a memory between them. */
  MEMORY_ACCESS,
  I32,
  I64,
  F32,
  F64,
  /** Sixteen bytes: a vector, or the lanes of a shuffle. */
  V128,
  LANE,
  /** The types of a typed {@code select}. */
  VALUE_TYPES,
  REFERENCE_TYPE,
  /** The byte after {@code atomic.fence}, reserved. */
  ZERO
}
