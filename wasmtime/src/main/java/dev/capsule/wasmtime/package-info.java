/**
 * The Wasmtime C API 50.0.1 for components, called synchronously through {@code java.lang.foreign}:
 * engines, components, linkers, stores, values, WASI, typed failures. May use the JDK and JSpecify,
 * nothing else; knows nothing of the program that embeds it.
 */
@NullMarked
package dev.capsule.wasmtime;

import org.jspecify.annotations.NullMarked;
