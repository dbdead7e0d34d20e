package dev.capsule.sidecar.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** An envelope as a client sees it. */
public record EnvelopeView(JsonObject json) {
  /** Whether the task succeeded. */
  public boolean success() {
    return json.get("success").getAsBoolean();
  }

  /** The task's value; fails, with what is in the envelope, if it did not succeed. */
  public JsonElement value() {
    if (!success() || !json.get("error").isJsonNull()) {
      throw new AssertionError("the task failed: " + json.get("error"));
    }
    return json.get("result");
  }

  /** Why it failed; fails if it did not. */
  public JsonObject error() {
    if (success() || !json.get("result").isJsonNull()) {
      String text = json.toString();
      throw new AssertionError(
          "the task succeeded: " + text.substring(0, Math.min(text.length(), 2000)));
    }
    return json.getAsJsonObject("error");
  }

  /** What kind of failure it is. */
  public String errorType() {
    return error().get("type").getAsString();
  }

  /** What the failure says. */
  public String message() {
    return error().get("message").getAsString();
  }

  /** What the run took. */
  public JsonObject execution() {
    return json.getAsJsonObject("execution");
  }
}
