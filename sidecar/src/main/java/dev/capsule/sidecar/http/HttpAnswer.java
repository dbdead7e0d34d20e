package dev.capsule.sidecar.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an operation on the network ends with. */
public sealed interface HttpAnswer {
  /**
   * The head of an answer and the beginning of its body.
   *
   * @param stream where more is to be had; null if that was all
   */
  record Head(
      int status, String reason, List<HttpHeader> headers, HttpPart body, @Nullable Long stream)
      implements HttpAnswer {
    public Head {
      headers = List.copyOf(headers);
    }
  }

  /**
   * More of an answer's body.
   *
   * @param stream where more is to be had; null if that was all
   */
  record More(HttpPart body, @Nullable Long stream) implements HttpAnswer {}

  /** A request whose body is to come. */
  record Opened(long stream) implements HttpAnswer {}

  /** It is done. */
  record Done() implements HttpAnswer {}

  /** It failed. */
  record Failed(HttpFailure why) implements HttpAnswer {}
}
