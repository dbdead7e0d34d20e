package dev.capsule.sidecar.task;

import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What the host answers to a guest's operations, in the form that guests/README.md gives. */
final class Answers {
  static final String NOTHING = "\"ok\":null";

  private Answers() {}

  /** How a task ended. */
  static String of(Envelope envelope) {
    RawJson result = envelope.result();
    TaskFailure failure = envelope.error();
    return failure == null
        ? "\"ok\":" + (result == null ? "null" : result)
        : failed(failure, envelope.execution().taskName());
  }

  /** The module of that name; null where the program has none. */
  static String module(Modules modules, String name) {
    try {
      Modules.Module module = modules.find(name);
      return module == null ? NOTHING : "\"ok\":" + module.json();
    } catch (Modules.RejectedException e) {
      return failed(e.error.toSourceError(), null);
    } catch (IOException | RuntimeException e) {
      return failed(
          TaskFailure.of(
              ErrorType.SOURCE_ERROR, "cannot read module " + name + ": " + e.getMessage()),
          null);
    }
  }

  /**
   * @param failure a record of the protocol
   * @param task which failed, if one did
   */
  static String failed(Record failure, @Nullable String task) {
    String fields = Json.gson().toJson(failure);
    return "\"error\":"
        + fields.substring(0, fields.length() - 1)
        + ",\"task\":"
        + Json.gson().toJson(task)
        + "}";
  }
}
