package dev.capsule.wasmtime;

import java.lang.foreign.Arena;

/** Reads and makes {@code wasmtime_error_t}. */
final class Errors {
  private final Api api;

  Errors(Api api) {
    this.api = api;
  }

  /** A new error, owned by whoever receives it. */
  long create(String message) {
    try (Arena arena = Arena.ofConfined()) {
      return api.errorNew.get(arena.allocateFrom(message).address());
    }
  }

  /** Throws what an error says, and deletes it. Does nothing if there is none. */
  void check(long error) {
    if (error != 0) {
      throw Failures.of(take(error));
    }
  }

  /** Reads an error and deletes it. */
  Failures.Problem take(long error) {
    try (Arena arena = Arena.ofConfined()) {
      long status = arena.allocate(4).address();
      boolean exit = api.errorExitStatus.test(error, status);
      long text = arena.allocate(Memory.VEC, 8).address();
      api.errorMessage.run(error, text);
      try {
        return Failures.parse(Memory.vecText(text), exit ? Memory.getInt(status) : null);
      } finally {
        api.bytesDelete.run(text);
      }
    } finally {
      api.errorDelete.run(error);
    }
  }
}
