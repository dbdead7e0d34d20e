package dev.capsule.wasmtime;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells the kinds of errors apart. The C API gives no code for a component's error, only its text,
 * so the texts of 50.0.1 are all here; a test provokes each.
 */
final class Failures {
  private static final String FUEL = "wasm trap: all fuel consumed by WebAssembly";
  private static final String EPOCH = "wasm trap: interrupt";
  private static final String STACK = "wasm trap: call stack exhausted";
  private static final String TRAP = "wasm trap: ";
  private static final Pattern MEMORY =
      Pattern.compile("memory minimum size of \\d+ pages exceeds memory limits");
  private static final String GROW_MEMORY = "forcing trap when growing memory to ";

  /** An earlier call failed. */
  private static final String POISONED = "wasm trap: cannot enter component instance";

  /** What lowering says about a {@link Val} that does not fit its type. */
  private static final Pattern MISFIT =
      Pattern.compile(
          "type mismatch: expected .*, found .*"
              + "|expected \\d+ (fields|types), got \\d+"
              + "|expected field `.*`, got `.*`"
              + "|payload (provided|expected) to `(ok|err)` but not (expected|provided)"
              + "|(did not expect|expected) a payload for case `.*`"
              + "|unknown flag: `.*`"
              + "|enum variant name `.*` is not valid"
              + "|unknown variant case: `.*`");

  private static final String BACKTRACE = "error while executing at wasm backtrace:\n";
  private static final String CAUSED_BY = "\n\nCaused by:\n";
  private static final Pattern NUMBERED = Pattern.compile("^ *\\d+: (.*)");

  private Failures() {}

  /**
   * An error's parts.
   *
   * @param causes what happened, the outermost first, without the backtrace; not empty
   */
  record Problem(List<String> causes, String backtrace, @Nullable Integer exitCode) {
    /** The innermost cause: the only text that names the kind of a trap. */
    String root() {
      return causes.getLast();
    }

    String message() {
      return String.join(": ", causes);
    }
  }

  /**
   * Takes a text of the form {@code context\n\nCaused by:\n cause} apart, where the backtrace is
   * one of the contexts. The causes are what follows the last heading: a guest chooses the names in
   * the backtrace, not what is after it.
   */
  static Problem parse(String text, @Nullable Integer exitCode) {
    int heading = text.lastIndexOf(CAUSED_BY);
    String context = heading < 0 ? text : text.substring(0, heading);
    List<String> causes = new ArrayList<>();
    String backtrace = "";
    if (context.startsWith(BACKTRACE)) {
      backtrace = context.substring(BACKTRACE.length()).stripIndent();
    } else {
      causes.add(context.strip());
    }
    if (heading >= 0) {
      for (String line : text.substring(heading + CAUSED_BY.length()).lines().toList()) {
        Matcher numbered = NUMBERED.matcher(line);
        causes.add(numbered.matches() ? numbered.group(1) : line.strip());
      }
    }
    return new Problem(causes, backtrace, exitCode);
  }

  /** What an error means outside a guest's call. */
  static RuntimeException of(Problem problem) {
    WasmFailure failure = known(problem);
    return failure != null ? failure : new WasmtimeException(problem.message());
  }

  /** What an error means that ended a call. */
  static RuntimeException ofCall(Problem problem) {
    WasmFailure failure = known(problem);
    if (failure != null) {
      return failure;
    }
    String root = problem.root();
    if (root.equals(POISONED) || MISFIT.matcher(root).matches()) {
      return new WasmtimeException(problem.message());
    }
    // What remains is what the guest did, such as a result that points outside its memory.
    return new WasmFailure.GuestTrap(problem.message(), problem.backtrace());
  }

  /** Whether the value that did not fit its type was a host function's result. */
  static boolean isMisfitOfHostFunction(Problem problem) {
    return !problem.backtrace().isEmpty() && MISFIT.matcher(problem.root()).matches();
  }

  private static @Nullable WasmFailure known(Problem problem) {
    Integer exit = problem.exitCode();
    String message = problem.message();
    String backtrace = problem.backtrace();
    if (exit != null) {
      return new WasmFailure.Exit(exit, backtrace);
    }
    String root = problem.root();
    return switch (root) {
      case FUEL -> new WasmFailure.OutOfFuel(message, backtrace);
      case EPOCH -> new WasmFailure.Interrupted(message, backtrace);
      case STACK -> new WasmFailure.StackOverflow(message, backtrace);
      case POISONED -> null;
      default -> {
        if (MEMORY.matcher(root).matches() || root.startsWith(GROW_MEMORY)) {
          yield new WasmFailure.OutOfMemory(message, backtrace);
        }
        yield root.startsWith(TRAP) || !backtrace.isEmpty()
            ? new WasmFailure.GuestTrap(message, backtrace)
            : null;
      }
    };
  }
}
