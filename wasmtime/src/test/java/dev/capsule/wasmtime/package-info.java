/**
 * Tests of the binding against the real library. {@link dev.capsule.wasmtime.Kit} loads it and
 * makes components from text; programs named {@code ...Main} run in a JVM of their own.
 */
@NullMarked
package dev.capsule.wasmtime;

import org.jspecify.annotations.NullMarked;
