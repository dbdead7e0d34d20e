package dev.capsule.sidecar.task;

import com.google.gson.stream.JsonReader;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.http.HttpAnswer;
import dev.capsule.sidecar.http.HttpFailure;
import dev.capsule.sidecar.http.HttpHeader;
import dev.capsule.sidecar.http.HttpListener;
import dev.capsule.sidecar.http.HttpSession;
import dev.capsule.sidecar.http.HttpTarget;
import dev.capsule.sidecar.policy.HostGrants;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The HTTP requests of one attempt, between the guest's JSON and the gate. */
final class HttpCalls {
  private final HttpSession session;
  private final BiConsumer<Long, String> answers;
  private final HostRequests requests;

  /**
   * Opens what the attempt may use.
   *
   * @param answers takes an operation's id and what it ended with
   */
  HttpCalls(TaskRun run, BiConsumer<Long, String> answers) {
    this.answers = answers;
    this.requests = run.hostRequests();
    this.session = run.context().http().open(new HostGrants(run.policy().hosts()), new Listener());
  }

  void submit(long id, Operation.OfHttp operation) {
    switch (operation) {
      case Operation.Http http -> {
        List<HttpHeader> headers;
        try {
          headers = headers(http.headers().text());
        } catch (IOException | IllegalStateException e) {
          answers.accept(
              id,
              Answers.failed(
                  TaskFailure.of(
                      ErrorType.INVALID_ARGUMENTS, "headers are arrays of a name and a value"),
                  null));
          return;
        }
        session.request(id, http.method(), http.url(), headers, http.body(), http.complete());
      }
      case Operation.HttpSend(long stream, String body, boolean complete) ->
          session.send(id, stream, body, complete);
      case Operation.HttpRead(long stream) -> session.read(id, stream);
      case Operation.HttpClose(long stream) -> session.drop(id, stream);
    }
  }

  private static List<HttpHeader> headers(String json) throws IOException {
    List<HttpHeader> headers = new ArrayList<>();
    try (JsonReader reader = Json.strictReader(new StringReader(json))) {
      reader.beginArray();
      while (reader.hasNext()) {
        reader.beginArray();
        headers.add(new HttpHeader(Operation.string(reader), Operation.string(reader)));
        reader.endArray();
      }
      reader.endArray();
    }
    return headers;
  }

  /** Stops the operation of that id if it is a request. */
  void cancel(long id) {
    session.cancel(id);
  }

  /** Cuts all that is going on. */
  void close() {
    session.close();
  }

  private final class Listener implements HttpListener {
    @Override
    public void answered(long id, HttpAnswer answer) {
      answers.accept(id, text(answer));
    }

    @Override
    public void requested(
        String method,
        HttpTarget target,
        @Nullable Integer status,
        long bytes,
        long durationMs,
        @Nullable String error) {
      requests.add(method, target.url(), status, bytes, durationMs, error);
    }
  }

  private static String text(HttpAnswer answer) {
    return switch (answer) {
      case HttpAnswer.Head head -> head(head);
      case HttpAnswer.More more ->
          "\"ok\":{\"body\":\"" + more.body().base64() + "\",\"stream\":" + more.stream() + "}";
      case HttpAnswer.Opened(long stream) -> "\"ok\":{\"stream\":" + stream + "}";
      case HttpAnswer.Done ignored -> Answers.NOTHING;
      case HttpAnswer.Failed(HttpFailure why) -> Answers.failed(failure(why), null);
    };
  }

  private static String head(HttpAnswer.Head head) {
    StringBuilder headers = new StringBuilder();
    for (HttpHeader header : head.headers()) {
      headers
          .append(headers.isEmpty() ? "[" : ",[")
          .append(Json.gson().toJson(header.name()))
          .append(',')
          .append(Json.gson().toJson(header.value()))
          .append(']');
    }
    return "\"ok\":{\"status\":"
        + head.status()
        + ",\"reason\":"
        + Json.gson().toJson(head.reason())
        + ",\"headers\":["
        + headers
        + "],\"body\":\""
        + head.body().base64()
        + "\",\"stream\":"
        + head.stream()
        + "}";
  }

  private static TaskFailure failure(HttpFailure why) {
    return switch (why.kind()) {
      case DENIED -> TaskFailure.of(ErrorType.POLICY_DENIED, why.text());
      case INVALID -> TaskFailure.of(ErrorType.INVALID_ARGUMENTS, why.text());
      case OVERLOADED -> TaskFailure.of(ErrorType.OVERLOADED, why.text());
      case CANCELLED -> TaskFailure.of(ErrorType.CANCELLED, why.text());
      case CONNECTION -> raised("ConnectionError", why);
      case TIMEOUT -> raised("TimeoutError", why);
    };
  }

  private static TaskFailure raised(String className, HttpFailure why) {
    return new TaskFailure(ErrorType.TASK_ERROR.wireName(), why.text(), className, null);
  }
}
