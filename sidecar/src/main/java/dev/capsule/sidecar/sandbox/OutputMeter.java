package dev.capsule.sidecar.sandbox;

import java.util.Arrays;

/**
 * Passes a guest's output on as text, up to a limit; says once that the rest is dropped. Wasmtime
 * writes from threads of its own while the guest waits.
 */
final class OutputMeter {
  private final AttemptListener listener;
  private final long limit;
  private final Utf8Stream out = new Utf8Stream();
  private final Utf8Stream err = new Utf8Stream();
  private long left;
  private boolean full;

  OutputMeter(AttemptListener listener, long limitBytes) {
    this.listener = listener;
    this.limit = limitBytes;
    this.left = limitBytes;
  }

  synchronized void write(boolean error, byte[] bytes) {
    if (full) {
      return;
    }
    byte[] taken = bytes.length <= left ? bytes : Arrays.copyOf(bytes, (int) left);
    left -= taken.length;
    pass(error, (error ? err : out).decode(taken, false));
    if (taken.length < bytes.length) {
      finish();
      full = true;
      listener.printed(
          true, "\n[capsule: output beyond " + limit + " bytes (max_output) is dropped]\n");
    }
  }

  /** Passes on what a cut character has left. */
  synchronized void finish() {
    if (!full) {
      pass(false, out.decode(new byte[0], true));
      pass(true, err.decode(new byte[0], true));
    }
  }

  private void pass(boolean error, String text) {
    if (!text.isEmpty()) {
      listener.printed(error, text);
    }
  }
}
