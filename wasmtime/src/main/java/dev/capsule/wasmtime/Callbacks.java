package dev.capsule.wasmtime;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The Java methods that native code calls, and the objects that it calls them for. Native code
 * holds a key as its {@code void *data} and says through the finalizer when it has dropped the last
 * copy, so an object lives exactly as long as native code can call it: a host function outlives its
 * linker while stores use it. The stubs themselves live as long as the library, for ever.
 *
 * <p>A Throwable that left one of these methods would end the process, hence the catch-alls.
 */
final class Callbacks {
  /** What a failed write returns: the C library takes it for minus an {@code errno}. */
  private static final long EIO = -5;

  private final Api api;
  private final Errors errors;
  private final Map<Long, Object> targets = new ConcurrentHashMap<>();
  private final AtomicLong lastKey = new AtomicLong();

  private long hostFunctionStub;
  private long outputStub;
  private long releaseStub;
  private long epochStub;

  Callbacks(Api api, Errors errors) {
    this.api = api;
    this.errors = errors;
  }

  /** Returns the key by which native code will refer to an object; never 0. */
  long register(Object target) {
    long key = lastKey.incrementAndGet();
    targets.put(key, target);
    return key;
  }

  void unregister(long key) {
    targets.remove(key);
  }

  /** How many objects native code may still refer to. */
  int registered() {
    return targets.size();
  }

  /** Address of a {@code wasmtime_component_func_callback_t} for {@link HostCall}s. */
  synchronized long hostFunctionStub() {
    if (hostFunctionStub == 0) {
      hostFunctionStub = stub("hostFunction", long.class, 7);
    }
    return hostFunctionStub;
  }

  /** Address of a write callback for {@link Output}s. */
  synchronized long outputStub() {
    if (outputStub == 0) {
      outputStub = stub("output", long.class, 3);
    }
    return outputStub;
  }

  /** Address of an epoch callback for {@link EpochDeadline}s. */
  synchronized long epochStub() {
    if (epochStub == 0) {
      epochStub = stub("epoch", long.class, 4);
    }
    return epochStub;
  }

  /** Address of the finalizer that unregisters. */
  synchronized long releaseStub() {
    if (releaseStub == 0) {
      releaseStub = stub("release", void.class, 1);
    }
    return releaseStub;
  }

  private long stub(String method, Class<?> result, int parameters) {
    Class<?>[] types = new Class<?>[parameters];
    MemoryLayout[] layouts = new MemoryLayout[parameters];
    Arrays.fill(types, long.class);
    Arrays.fill(layouts, JAVA_LONG);
    FunctionDescriptor descriptor =
        result == void.class
            ? FunctionDescriptor.ofVoid(layouts)
            : FunctionDescriptor.of(JAVA_LONG, layouts);
    try {
      return Linker.nativeLinker()
          .upcallStub(
              MethodHandles.lookup()
                  .findVirtual(Callbacks.class, method, MethodType.methodType(result, types))
                  .bindTo(this),
              descriptor,
              Arena.global())
          .address();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no callback " + method, e);
    }
  }

  @SuppressWarnings("unused") // called by native code
  private long hostFunction(
      long data, long context, long type, long args, long argCount, long results, long count) {
    try {
      HostCall function = (HostCall) target(data);
      Store store = (Store) target(api.contextData.get(context));
      if (function == null || store == null) {
        return errors.create("a host function was called after it was released");
      }
      return function.call(store, args, argCount, results, count);
    } catch (Throwable t) {
      return failSafe();
    }
  }

  /** The stack has been unwound to the stub's frame: there is room again to say so. */
  private long failSafe() {
    try {
      return errors.create("a host function failed");
    } catch (Throwable t) {
      return 0; // the guest goes on with zeros; the store remembers the failure
    }
  }

  @SuppressWarnings("unused") // called by native code
  private long output(long data, long bytes, long count) {
    try {
      Output output = (Output) target(data);
      return output != null && output.write(bytes, count) ? count : EIO;
    } catch (Throwable t) {
      return EIO;
    }
  }

  @SuppressWarnings("unused") // called by native code
  private long epoch(long context, long data, long deltaOut, long kindOut) {
    try {
      EpochDeadline deadline = (EpochDeadline) target(data);
      if (deadline == null) {
        return errors.create("an epoch handler was called after it was released");
      }
      long ticks = deadline.reached();
      if (ticks < 1) {
        return errors.create("the epoch handler ended the guest");
      }
      Memory.putLong(deltaOut, ticks); // the kind is zero already: go on
      return 0;
    } catch (Throwable t) {
      return failSafe();
    }
  }

  @SuppressWarnings("unused") // called by native code
  private void release(long data) {
    try {
      targets.remove(data);
    } catch (Throwable t) {
      // An entry stays in the map.
    }
  }

  private @Nullable Object target(long key) {
    return targets.get(key);
  }

  /** The epoch handler of one store. */
  record EpochDeadline(EpochHandler handler, Store store) {
    /** Returns the epochs to go on for, or 0: then the store knows why not. */
    long reached() {
      store.owner().enterHostFunction();
      try {
        long ticks = handler.onDeadline();
        if (ticks < 1) {
          throw new IllegalStateException("it returned " + ticks + ", which is less than 1");
        }
        end(null);
        return Math.min(ticks, Store.NEVER);
      } catch (Throwable t) {
        end(t);
        if (t instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        return 0;
      }
    }

    private void end(@Nullable Throwable thrown) {
      store.owner().leaveHostFunction();
      store.guestErrors().returned("the epoch handler", thrown);
    }
  }

  /** A stream of one store. */
  record Output(OutputSink sink, Store store) {
    boolean write(long address, long count) {
      try {
        sink.write(Memory.bytes(address, count));
        return true;
      } catch (Throwable t) {
        store.outputFailed(t);
        return false;
      }
    }
  }
}
