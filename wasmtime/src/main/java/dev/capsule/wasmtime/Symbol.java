package dev.capsule.wasmtime;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * One function of the C library. Its address is known from the start; its method handle is made at
 * the first call, because making all of them would dominate the start of a short-lived process.
 *
 * <p>Pointers and {@code size_t} are passed as {@code long}: every platform of Wasmtime is 64-bit
 * and passes the two alike, and so functions share few call shapes, each of which costs the JVM
 * about a millisecond to generate.
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
    this.type = type;
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
    try {
      handle().invokeExact(a);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(long a, long b) {
    try {
      handle().invokeExact(a, b);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(long a, int b) {
    try {
      handle().invokeExact(a, b);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(long a, boolean b) {
    try {
      handle().invokeExact(a, b);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(long a, long b, long c, long d) {
    try {
      handle().invokeExact(a, b, c, d);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(long a, long b, long c, long d, long e, long f) {
    try {
      handle().invokeExact(a, b, c, d, e, f);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  boolean test(long a, long b) {
    try {
      return (boolean) handle().invokeExact(a, b);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  boolean test(long a, long b, long c) {
    try {
      return (boolean) handle().invokeExact(a, b, c);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  boolean test(long a, long b, long c, long d) {
    try {
      return (boolean) handle().invokeExact(a, b, c, d);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  boolean test(long a, long b, long c, boolean d) {
    try {
      return (boolean) handle().invokeExact(a, b, c, d);
    } catch (Throwable t) {
      throw failed(t);
    }
  }
}
