package dev.capsule.sidecar.task;

import com.google.gson.stream.JsonReader;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import java.io.IOException;
import java.io.StringReader;
import org.jspecify.annotations.Nullable;

/** What a guest answers to a request. */
sealed interface GuestReply {
  record Ok(RawJson value) implements GuestReply {
    @Override
    public @Nullable TaskFailure failure() {
      return null;
    }
  }

  record Failed(GuestError error) implements GuestReply {
    @Override
    public @Nullable RawJson value() {
      return null;
    }

    @Override
    public TaskFailure failure() {
      return error.toFailure();
    }
  }

  /** Null if it failed. */
  @Nullable RawJson value();

  /** Null if it did not fail. */
  @Nullable TaskFailure failure();

  /** What a reply holds beside a result, at most: a message and a traceback. */
  int MAX_BESIDE = 4 << 20;

  /**
   * Reads a reply as the hostile input that it may be.
   *
   * @param json what the guest sent
   * @param maxResult length of a result that is worth reading
   */
  static GuestReply parse(String json, long maxResult) {
    if (json.length() > maxResult + MAX_BESIDE) {
      return new Failed(GuestError.malformed());
    }
    try (JsonReader reader = Json.strictReader(new StringReader(json))) {
      reader.beginObject();
      String name = reader.nextName();
      GuestReply reply =
          switch (name) {
            case "ok" -> new Ok(RawJson.read(reader));
            case "error" -> new Failed(GuestError.read(reader));
            default -> throw new IOException("unknown reply");
          };
      reader.endObject();
      Json.requireEnd(reader);
      return reply;
    } catch (IOException | IllegalStateException e) {
      return new Failed(GuestError.malformed());
    }
  }
}
