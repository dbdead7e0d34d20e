package dev.capsule.sidecar.task;

import com.google.gson.stream.JsonReader;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.http.HttpAnswer;
import dev.capsule.sidecar.http.HttpFailure;
import dev.capsule.sidecar.http.HttpHeader;
import dev.capsule.sidecar.http.HttpListener;
import dev.capsule.sidecar.http.HttpOutcome;
import dev.capsule.sidecar.http.HttpPart;
import dev.capsule.sidecar.http.HttpSession;
import dev.capsule.sidecar.policy.HostGrants;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The HTTP requests of one attempt, between the guest's JSON and the gate. */
final class HttpCalls {
  /** Takes what an operation ended with. */
  interface Answered {
    /**
     * Passes it on to the guest.
     *
     * @param apart the body, if it comes apart from the JSON; else ""
     */
    void answer(long id, String completion, String apart);
  }

  private final HttpSession session;
  private final Answered answers;
  private final HostRequests requests;
  private final HttpSpans spans;

  /** Operations whose answer's body is to come apart. */
  private final Set<Long> apart = ConcurrentHashMap.newKeySet();

  /** Opens what the attempt may use. */
  HttpCalls(TaskRun run, AttemptSpans attempt, Answered answers) {
    this.answers = answers;
    this.spans = new HttpSpans(attempt);
    this.requests = run.hostRequests();
    this.session = run.context().http().open(new HostGrants(run.policy().hosts()), new Listener());
  }

  /**
   * Takes an operation.
   *
   * @return what is still to be done for it; null: nothing, or somebody does it
   */
  @Nullable Runnable submit(long id, Operation.OfHttp operation) {
    return switch (operation) {
      case Operation.Http http -> {
        List<HttpHeader> headers;
        try {
          headers = headers(http.headers().text());
        } catch (IOException | IllegalStateException e) {
          TaskFailure failure =
              TaskFailure.of(
                  ErrorType.INVALID_ARGUMENTS, "headers are arrays of a name and a value");
          answers.answer(id, Answers.failed(failure, null), "");
          yield null;
        }
        note(id, http.apart());
        headers = spans.begin(id, http.method(), headers);
        yield session.request(id, http.method(), http.url(), headers, http.body(), http.complete());
      }
      case Operation.HttpSend(long stream, String body, boolean complete, boolean bodyApart) -> {
        note(id, bodyApart);
        session.send(id, stream, body, complete);
        yield null;
      }
      case Operation.HttpRead(long stream, boolean bodyApart) -> {
        note(id, bodyApart);
        yield session.read(id, stream);
      }
      case Operation.HttpClose(long stream) -> {
        session.drop(id, stream);
        yield null;
      }
    };
  }

  private void note(long id, boolean bodyApart) {
    if (bodyApart) {
      apart.add(id);
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
      boolean bodyApart = apart.remove(id);
      switch (answer) {
        case HttpAnswer.Head(
                int status,
                String reason,
                var headers,
                HttpPart body,
                Long stream) -> {
          String head =
              "\"status\":"
                  + status
                  + ",\"reason\":"
                  + Json.gson().toJson(reason)
                  + ",\"headers\":"
                  + text(headers)
                  + ",";
          answer(id, head, body, stream, bodyApart);
        }
        case HttpAnswer.More(HttpPart body, Long stream) -> answer(id, "", body, stream, bodyApart);
        case HttpAnswer.Opened(long stream) ->
            answers.answer(id, "\"ok\":{\"stream\":" + stream + "}", "");
        case HttpAnswer.Done ignored -> answers.answer(id, Answers.NOTHING, "");
        case HttpAnswer.Failed(HttpFailure why) -> {
          spans.invalid(id, why.text()); // unless it was over before
          answers.answer(id, Answers.failed(failure(why), null), "");
        }
      }
    }

    private void answer(
        long id, String head, HttpPart body, @Nullable Long stream, boolean bodyApart) {
      HttpPart.Text text = bodyApart ? body.text() : new HttpPart.Text("base64", body.base64());
      answers.answer(
          id,
          "\"ok\":{"
              + head
              + "\"body\":\""
              + (bodyApart ? text.encoding() : text.chars())
              + "\",\"stream\":"
              + stream
              + "}",
          bodyApart ? text.chars() : "");
    }

    @Override
    public void requested(long id, HttpOutcome outcome) {
      requests.add(outcome);
      spans.end(id, outcome);
    }
  }

  private static String text(List<HttpHeader> headers) {
    StringBuilder text = new StringBuilder("[");
    for (HttpHeader header : headers) {
      text.append(text.length() == 1 ? "[" : ",[")
          .append(Json.gson().toJson(header.name()))
          .append(',')
          .append(Json.gson().toJson(header.value()))
          .append(']');
    }
    return text.append(']').toString();
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
