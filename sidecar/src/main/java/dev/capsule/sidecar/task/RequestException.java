package dev.capsule.sidecar.task;

import com.google.gson.JsonParser;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.InvalidParamData;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.UnknownProgramData;
import dev.capsule.sidecar.policy.OptionException;
import org.jspecify.annotations.Nullable;

/** A request that cannot be carried out, as the protocol tells it. */
public final class RequestException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final int code;
  private final transient @Nullable Object data;

  /**
   * @param code an {@link ErrorCode}
   * @param data a record of the protocol, or null
   */
  public RequestException(int code, String message, @Nullable Object data) {
    super(message, null, false, false);
    this.code = code;
    this.data = data;
  }

  /**
   * A parameter that cannot be.
   *
   * @param value as JSON; null if it is missing
   */
  public static RequestException invalid(String field, @Nullable String value, String allowed) {
    return new RequestException(
        ErrorCode.INVALID_PARAMS,
        field + (value == null ? "" : "=" + shorten(value)) + ": " + allowed,
        new InvalidParamData(field, value == null ? null : new RawJson(value), allowed, null));
  }

  static RequestException invalidOption(OptionException e) {
    String value = e.value();
    return new RequestException(
        ErrorCode.INVALID_PARAMS,
        String.valueOf(e.getMessage()),
        new InvalidParamData(
            e.field(),
            value == null ? null : new RawJson(JsonParser.parseString(value).toString()),
            e.allowed(),
            e.where()));
  }

  static RequestException source(SourceErrorData error) {
    return new RequestException(ErrorCode.SOURCE_ERROR, error.message(), error);
  }

  static RequestException unknownProgram(String program) {
    return new RequestException(
        ErrorCode.UNKNOWN_PROGRAM,
        "there is no program " + shorten(program) + " here; load it first",
        new UnknownProgramData(program));
  }

  private static String shorten(String text) {
    return text.length() <= 80 ? text : text.substring(0, 79) + "…";
  }

  /** The same as the end of a task: one that calls another gets no errors of requests. */
  TaskFailure toFailure() {
    if (data instanceof SourceErrorData error) {
      return new TaskFailure(
          error.type(), place(error) + error.message(), error.className(), error.traceback());
    }
    return TaskFailure.of(
        code == ErrorCode.CANCELLED ? ErrorType.CANCELLED : ErrorType.SOURCE_ERROR,
        String.valueOf(getMessage()));
  }

  private static String place(SourceErrorData error) {
    return error.file() == null || error.message().contains(error.file())
        ? ""
        : error.file() + (error.line() == null ? "" : ":" + error.line()) + ": ";
  }

  public int code() {
    return code;
  }

  public @Nullable Object data() {
    return data;
  }
}
