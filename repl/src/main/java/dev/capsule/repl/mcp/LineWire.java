package dev.capsule.repl.mcp;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** A message a line. */
final class LineWire implements Wire {
  private final OutputStream out;

  LineWire(OutputStream out) {
    this.out = out;
  }

  @Override
  public void tell(byte[] message) {
    write(message);
  }

  @Override
  public void answer(byte[] message, int error) {
    write(message);
  }

  @Override
  public void leaveUnanswered() {}

  private void write(byte[] message) {
    // Gson escapes every line end inside of strings, so a message is one line.
    byte[] line = Arrays.copyOf(message, message.length + 1);
    line[message.length] = '\n';
    synchronized (out) {
      try {
        out.write(line);
        out.flush();
      } catch (IOException e) {
        // The end of its input is what tells that a client has gone.
      }
    }
  }
}
