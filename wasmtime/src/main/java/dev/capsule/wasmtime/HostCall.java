package dev.capsule.wasmtime;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A host function under its name in a linker, between native values and Java ones. */
final class HostCall {
  private final String description;
  private final HostFunction function;
  private final Values values;
  private final Errors errors;

  HostCall(String name, HostFunction function, Values values, Errors errors) {
    description = "host function " + name;
    this.function = function;
    this.values = values;
    this.errors = errors;
  }

  /** Returns 0, or an error that ends the guest; what led to it is left with the store. */
  long call(Store store, long args, long argCount, long results, long resultCount) {
    store.owner().enterHostFunction();
    try {
      List<Val> in = values.readAll(args, argCount);
      Val out = function.call(store, in);
      if ((out != null) != (resultCount == 1)) {
        throw new IllegalStateException(
            "it returned %s, but its type has %s"
                .formatted(
                    out == null ? "null" : "a value", resultCount == 1 ? "a result" : "no result"));
      }
      if (out != null) {
        Values.blank(results);
        values.write(out, results);
      }
      end(store, null);
      return 0;
    } catch (Throwable t) {
      end(store, t);
      if (t instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      return errors.create("a host function failed");
    }
  }

  private void end(Store store, @Nullable Throwable thrown) {
    store.owner().leaveHostFunction();
    store.guestErrors().returned(description, thrown);
  }
}
