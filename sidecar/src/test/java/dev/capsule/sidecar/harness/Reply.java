package dev.capsule.sidecar.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Objects;

/** What a request was answered with. */
public record Reply(JsonObject message) {
  /** Whether it is an error. */
  public boolean isError() {
    return message.has("error");
  }

  /** The result; fails if it is an error. */
  public JsonElement result() {
    if (isError() || !message.has("result")) {
      throw new AssertionError("no result but " + shortened());
    }
    return Objects.requireNonNull(message.get("result"));
  }

  /** The error; fails if there is none. */
  public JsonObject error() {
    if (!isError() || message.has("result")) {
      throw new AssertionError("no error but " + shortened());
    }
    return message.getAsJsonObject("error");
  }

  /** The error's code. */
  public int code() {
    return error().get("code").getAsInt();
  }

  /** The error's message. */
  public String errorMessage() {
    return error().get("message").getAsString();
  }

  /** The error's data; fails if it is none. */
  public JsonObject data() {
    return error().getAsJsonObject("data");
  }

  /** The envelope that a run was answered with. */
  public EnvelopeView envelope() {
    return new EnvelopeView(result().getAsJsonObject());
  }

  private String shortened() {
    String text = message.toString();
    return text.length() <= 2000 ? text : text.substring(0, 2000) + "…";
  }
}
