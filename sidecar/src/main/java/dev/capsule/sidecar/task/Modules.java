package dev.capsule.sidecar.task;

import dev.capsule.protocol.Json;
import dev.capsule.sidecar.sandbox.Compiled;
import dev.capsule.sidecar.sandbox.Engine;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The modules of one program: every task of it runs the same ones. Safe to use from any thread. */
sealed interface Modules permits FileModules, BundledModule, CellModules {
  /** The module that declares the tasks. */
  Module entry();

  /**
   * What a guest asks for by name, or null if the program has nothing of that name.
   *
   * @param name as a guest sends it, unchecked
   */
  @Nullable Module find(String name) throws RejectedException, IOException;

  /** Whether the files still hold what was read from them; the entry does not count. */
  boolean isCurrent();

  /**
   * A module as guests take it.
   *
   * @param name dotted
   * @param file as shown to users, relative to the program's folder
   * @param isPackage whether it has modules of its own
   * @param source its text
   * @param json what a guest is given of it; made once, since every run of a task sends it
   */
  record Module(String name, String file, boolean isPackage, String source, String json) {
    /**
     * Puts a module into the form that guests take.
     *
     * @param code compiled; empty for a folder without a package file
     */
    static Module of(String name, String file, boolean isPackage, String source, String code) {
      String json =
          "{\"name\":"
              + Json.gson().toJson(name)
              + ",\"file\":"
              + Json.gson().toJson(file)
              + ",\"package\":"
              + isPackage
              + ",\"code\":"
              + Json.gson().toJson(code)
              + "}";
      return new Module(name, file, isPackage, source, json);
    }
  }

  /** A module that cannot be compiled. */
  final class RejectedException extends Exception {
    private static final long serialVersionUID = 1;
    final transient GuestError error;

    RejectedException(GuestError error) {
      super("the module is not valid", null, false, false);
      this.error = error;
    }
  }

  /** Has a guest compile a module; what it returns runs in no other guest. */
  static String compile(Engine engine, String language, String name, String file, String source)
      throws RejectedException {
    String request =
        "{\"module\":"
            + Json.gson().toJson(name)
            + ",\"file\":"
            + Json.gson().toJson(file)
            + ",\"source\":"
            + Json.gson().toJson(source)
            + "}";
    return switch (engine.compile(language, request)) {
      case Compiled.Code(String code) -> code;
      case Compiled.Rejected(String error) -> throw new RejectedException(GuestError.parse(error));
    };
  }
}
