package dev.capsule.sidecar.rpc;

import java.io.PrintStream;

/** Says on stderr what people may want to know. Faults show their stack only where asked for. */
final class Log {
  private static final boolean DEBUG = Boolean.getBoolean("capsule.debug");

  private Log() {}

  static void info(String message) {
    System.err.println("capsule: " + message);
  }

  static void fault(String message, Throwable cause) {
    PrintStream err = System.err;
    synchronized (err) {
      err.println("capsule: " + message + ": " + cause);
      if (DEBUG) {
        cause.printStackTrace(err);
      }
    }
  }
}
