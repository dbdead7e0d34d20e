package dev.capsule.wasmtime;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One function of the C library. Its address is known from the start; its method handle is made at
 * the first call, because making all of them would dominate the start of a short-lived process.
 *
 * <p>Each call shape costs the JVM a millisecond or more to generate, and so there is one for each
 * number of arguments: all are passed as {@code long}, and a {@code long} is returned. Every
 * platform of Wasmtime is 64-bit and passes integers, booleans and pointers in registers or slots
 * of that size, of which the callee looks at as much as it declares. What comes back is likewise
 * defined as far as the function declares a result.
 */
final class Symbol {
  private final String name;
  private final MemorySegment address;
  private final FunctionDescriptor type;

  /** Racy on purpose: threads may each make one, and they are interchangeable. */
  private @Nullable MethodHandle handle;

  Symbol(String name, MemorySegment address, FunctionDescriptor type) {
    this.name = name;
    this.address = address;
    MemoryLayout[] words = new MemoryLayout[type.argumentLayouts().size()];
    Arrays.fill(words, JAVA_LONG);
    this.type = FunctionDescriptor.of(JAVA_LONG, words);
  }

  String name() {
    return name;
  }

  /** Whether it has been called. */
  boolean used() {
    return handle != null;
  }

  private MethodHandle handle() {
    MethodHandle made = handle;
    if (made == null) {
      made = Linker.nativeLinker().downcallHandle(address, type);
      handle = made;
    }
    return made;
  }

  /** Only a mistake of this binding (a wrong signature) or a dying JVM ends up here. */
  private RuntimeException failed(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("cannot call " + name, thrown);
  }

  long get() {
    try {
      return (long) handle().invokeExact();
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  long get(long a) {
    try {
      return (long) handle().invokeExact(a);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  long get(long a, long b) {
    try {
      return (long) handle().invokeExact(a, b);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  long get(long a, long b, long c) {
    try {
      return (long) handle().invokeExact(a, b, c);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  long get(long a, long b, long c, long d) {
    try {
      return (long) handle().invokeExact(a, b, c, d);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  long get(long a, long b, long c, long d, long e, long f) {
    try {
      return (long) handle().invokeExact(a, b, c, d, e, f);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(long a) {
    long _ = get(a);
  }

  void run(long a, long b) {
    long _ = get(a, b);
  }

  void run(long a, int b) {
    long _ = get(a, b);
  }

  void run(long a, boolean b) {
    long _ = get(a, word(b));
  }

  void run(long a, long b, long c, long d) {
    long _ = get(a, b, c, d);
  }

  void run(long a, long b, long c, long d, long e, long f) {
    long _ = get(a, b, c, d, e, f);
  }

  boolean test(long a, long b) {
    return truth(get(a, b));
  }

  boolean test(long a, long b, long c) {
    return truth(get(a, b, c));
  }

  boolean test(long a, long b, long c, long d) {
    return truth(get(a, b, c, d));
  }

  boolean test(long a, long b, long c, boolean d) {
    return truth(get(a, b, c, word(d)));
  }

  private static long word(boolean value) {
    return value ? 1 : 0;
  }

  /** A {@code bool} is the lowest byte of what is returned. */
  private static boolean truth(long word) {
    return (byte) word != 0;
  }
}
