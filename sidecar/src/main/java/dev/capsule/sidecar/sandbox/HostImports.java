package dev.capsule.sidecar.sandbox;

import dev.capsule.wasmtime.HostFunction;
import dev.capsule.wasmtime.Linker;
import dev.capsule.wasmtime.Store;
import dev.capsule.wasmtime.Val;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What guests import beyond WASI: the interface {@code host} of guests/wit, and a clock that can be
 * read but not waited on, because Wasmtime's waits cannot be interrupted.
 */
final class HostImports {
  private static final String HOST = "capsule:guest/host@0.1.0";

  /** The versions that guests import; the linker takes each as an interface of its own. */
  static final List<String> CLOCKS =
      List.of(
          "wasi:clocks/monotonic-clock@0.2.0",
          "wasi:clocks/monotonic-clock@0.2.9",
          "wasi:clocks/monotonic-clock@0.2.12");

  /** More than may be open at once; what is not is answered with an error each. */
  private static final int MAX_IDS = 100_000;

  private HostImports() {}

  /** Thrown by a function that no guest of ours calls: whoever does gets a trap. */
  static final class NotForGuests extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotForGuests(String message) {
      super(message, null, false, false);
    }
  }

  static void define(Linker linker) {
    linker.define(HOST, host());
    HostFunction refuse =
        (store, args) -> {
          throw new NotForGuests("the WASI clock cannot be waited on; sleep through the host");
        };
    for (String clock : CLOCKS) {
      linker.define(
          clock,
          Map.of(
              "now",
              (store, args) -> new Val.U64(System.nanoTime()),
              "resolution",
              (store, args) -> new Val.U64(1),
              "subscribe-instant",
              refuse,
              "subscribe-duration",
              refuse));
    }
  }

  private static Map<String, HostFunction> host() {
    Map<String, HostFunction> functions = new HashMap<>();
    functions.put("submit", HostImports::submit);
    functions.put("wait", HostImports::await);
    functions.put("interrupted", (store, args) -> new Val.Bool(attempt(store).takeInterrupt()));
    functions.put("charge", HostImports::charge);
    functions.put("reserve-handles", HostImports::reserveHandles);
    functions.put("may-use", HostImports::mayUse);
    functions.put("granted", HostImports::granted);
    functions.put("opened", HostImports::opened);
    functions.put("streamed", HostImports::streamed);
    functions.put("moved", HostImports::moved);
    functions.put("closed", HostImports::closed);
    return functions;
  }

  private static Val submit(Store store, List<Val> args) {
    if (args.getFirst() instanceof Val.Str(String operation)) {
      return new Val.U64(attempt(store).submit(operation));
    }
    throw new NotForGuests("submit takes a string");
  }

  private static Val await(Store store, List<Val> args) throws InterruptedException {
    if (args.get(0) instanceof Val.ListOf(List<Val> items)
        && args.get(1) instanceof Val.OptionOf(@Nullable Val timeout)) {
      if (items.size() > MAX_IDS) {
        throw new NotForGuests("wait takes at most " + MAX_IDS + " ids");
      }
      List<Long> ids = new ArrayList<>(items.size());
      for (Val item : items) {
        ids.add(((Val.U64) item).value());
      }
      Long timeoutMs = timeout == null ? null : ((Val.U64) timeout).value();
      return new Val.Str(attempt(store).await(ids, timeoutMs));
    }
    throw new NotForGuests("wait takes a list of ids and a timeout");
  }

  private static @Nullable Val charge(Store store, List<Val> args) {
    if (args.getFirst() instanceof Val.U64(long bytes)) {
      attempt(store).meter().charge(bytes);
      return null;
    }
    throw new NotForGuests("charge takes a number");
  }

  private static @Nullable Val reserveHandles(Store store, List<Val> args) {
    if (args.getFirst() instanceof Val.U32(long handles)) {
      attempt(store).meter().reserve(handles);
      return null;
    }
    throw new NotForGuests("reserve-handles takes a number");
  }

  private static Val mayUse(Store store, List<Val> args) {
    if (args.getFirst() instanceof Val.Str(String path)) {
      return new Val.Bool(attempt(store).paths().mayUse(path));
    }
    throw new NotForGuests("may-use takes a path");
  }

  private static @Nullable Val granted(Store store, List<Val> args) {
    if (args.get(0) instanceof Val.U32(long handle) && args.get(1) instanceof Val.U32(long index)) {
      attempt(store).paths().granted(handle, index);
      return null;
    }
    throw new NotForGuests("granted takes a handle and a number");
  }

  private static @Nullable Val opened(Store store, List<Val> args) {
    if (args.get(0) instanceof Val.U32(long folder)
        && args.get(1) instanceof Val.Str(String path)
        && args.get(2) instanceof Val.U32(long flags)
        && args.get(3) instanceof Val.Bool(boolean failed)
        && args.get(4) instanceof Val.U32(long value)) {
      attempt(store).paths().opened(folder, path, flags, failed, value);
      return null;
    }
    throw new NotForGuests("opened takes a folder, a path, flags, and what came of it");
  }

  private static @Nullable Val streamed(Store store, List<Val> args) {
    if (args.get(0) instanceof Val.U32(long file) && args.get(1) instanceof Val.U32(long stream)) {
      attempt(store).paths().streamed(file, stream);
      return null;
    }
    throw new NotForGuests("streamed takes a file and a stream");
  }

  private static @Nullable Val moved(Store store, List<Val> args) {
    if (args.get(0) instanceof Val.U32(long handle)
        && args.get(1) instanceof Val.Bool(boolean written)
        && args.get(2) instanceof Val.U64(long bytes)) {
      attempt(store).paths().moved(handle, written, bytes);
      return null;
    }
    throw new NotForGuests("moved takes a handle, whether it was written to, and a number");
  }

  private static @Nullable Val closed(Store store, List<Val> args) {
    if (args.getFirst() instanceof Val.U32(long handle)) {
      attempt(store).paths().closed(handle);
      return null;
    }
    throw new NotForGuests("closed takes a handle");
  }

  private static GuestAttempt attempt(Store store) {
    if (store.attachment() instanceof GuestAttempt attempt) {
      return attempt;
    }
    throw new NotForGuests("a guest that is not running a task has nothing to ask for");
  }
}
