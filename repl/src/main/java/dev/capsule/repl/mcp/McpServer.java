package dev.capsule.repl.mcp;

import com.google.gson.JsonObject;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.RawJson;
import dev.capsule.repl.client.Sidecars;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Serves one client, a message a line. */
public final class McpServer {
  static final int MAX_MESSAGE = 32 * 1024 * 1024;

  private final Lines lines;
  private final Outbox outbox;
  private final Conversation conversation;

  /**
   * @param programs whose tasks are tools
   * @param grants what sandboxes of snippets may use, and files that the client may read
   * @param version ours
   */
  public McpServer(
      InputStream in,
      OutputStream out,
      Sidecars sidecars,
      Programs programs,
      Grants grants,
      String version) {
    this.lines = new Lines(in, MAX_MESSAGE);
    this.outbox = new Outbox(new LineWire(out));
    this.conversation =
        new Conversation(
            new Backend(sidecars),
            new Features(grants, programs, true, this::tellOfOtherTools),
            new Greeting(version, true));
  }

  /** Serves until the client has gone. */
  public void run() throws IOException {
    try {
      for (Lines.Line line = lines.next(); line != null; line = lines.next()) {
        switch (line) {
          case Lines.Line.Bad bad ->
              outbox.error(RawJson.NULL, ErrorCode.INVALID_REQUEST, bad.problem(), null);
          case Lines.Line.Text text -> receive(text);
        }
      }
    } finally {
      conversation.cancelAll();
    }
  }

  private void receive(Lines.Line.Text line) {
    try {
      conversation.take(Message.parse(line.text()), line.bytes(), outbox);
    } catch (Message.Malformed e) {
      outbox.error(e.id(), e.code(), String.valueOf(e.getMessage()), null);
    }
  }

  private void tellOfOtherTools() {
    if (conversation.isInitialized()) {
      outbox.notify("notifications/tools/list_changed", new JsonObject());
    }
  }
}
