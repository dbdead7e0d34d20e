package dev.capsule.sidecar.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Binds threads to processors, on Linux; elsewhere it does nothing.
 *
 * <p>Creating, running and freeing a sandbox is mostly page faults, and each of them that happens
 * while another thread of the process runs on another processor has to interrupt that one to keep
 * its translation buffer right. So short tasks run on the processor that sandboxes are made on:
 * three times as many then get done as on two processors. A task that computes for longer is let
 * go, see {@link GuestAttempt#onEpoch}.
 */
final class CpuAffinity {
  private static final int SET_BYTES = 128; // cpu_set_t: 1024 processors

  private final @Nullable MethodHandle setAffinity;
  private final @Nullable MethodHandle currentCpu;
  private final MemorySegment all = Arena.ofAuto().allocate(SET_BYTES, 8);
  private final ThreadLocal<Integer> bound = ThreadLocal.withInitial(() -> -1);

  CpuAffinity() {
    Linker linker = Linker.nativeLinker();
    MethodHandle set = null;
    MethodHandle cpu = null;
    if (System.getProperty("os.name").equals("Linux")) {
      try {
        MethodHandle get = affinity(linker, "sched_getaffinity");
        if ((int) (long) get.invokeExact(0L, (long) SET_BYTES, all.address()) >= 0) {
          set = affinity(linker, "sched_setaffinity");
          cpu =
              linker.downcallHandle(
                  linker.defaultLookup().findOrThrow("sched_getcpu"),
                  FunctionDescriptor.of(JAVA_LONG));
        }
      } catch (Throwable e) {
        set = null; // a C library without them: threads run where they like
      }
    }
    this.setAffinity = set;
    this.currentCpu = cpu;
  }

  /** All as longs: the shapes that the binding of Wasmtime has too, another takes milliseconds. */
  private static MethodHandle affinity(Linker linker, String name) {
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  }

  /** The processor that the calling thread is on, or -1. */
  int current() {
    MethodHandle cpu = currentCpu;
    try {
      return cpu == null ? -1 : (int) (long) cpu.invokeExact();
    } catch (Throwable e) {
      return -1;
    }
  }

  /** Keeps the calling thread on a processor; -1 lets it go. */
  void bind(int cpu) {
    MethodHandle set = setAffinity;
    if (set == null || bound.get() == cpu || cpu >= SET_BYTES * 8) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = all;
      if (cpu >= 0) {
        mask = arena.allocate(SET_BYTES, 8);
        mask.setAtIndex(JAVA_LONG, cpu / Long.SIZE, 1L << (cpu % Long.SIZE));
      }
      long _ = (long) set.invokeExact(0L, (long) SET_BYTES, mask.address());
      bound.set(cpu);
    } catch (Throwable e) {
      throw new IllegalStateException("sched_setaffinity", e);
    }
  }
}
