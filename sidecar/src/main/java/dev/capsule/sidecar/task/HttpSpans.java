package dev.capsule.sidecar.task;

import dev.capsule.sidecar.http.HttpHeader;
import dev.capsule.sidecar.http.HttpOutcome;
import dev.capsule.sidecar.trace.ActiveSpan;
import dev.capsule.sidecar.trace.Kind;
import dev.capsule.sidecar.trace.Names;
import dev.capsule.sidecar.trace.Status;
import dev.capsule.sidecar.trace.TraceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The spans of an attempt's HTTP requests, and the headers that take the trace on. */
final class HttpSpans {
  private static final String PARENT = "traceparent";
  private static final String STATE = "tracestate";

  /** Others are not taken into names: a sandbox may think of thousands. */
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY");

  private final AttemptSpans attempt;
  private final Map<Long, ActiveSpan> open = new ConcurrentHashMap<>();

  HttpSpans(AttemptSpans attempt) {
    this.attempt = attempt;
  }

  /**
   * A request begins.
   *
   * @param id of its operation
   * @return its headers. Where the client's caller is traced, the server hears of it; where not,
   *     nothing goes out that the task has not said itself
   */
  List<HttpHeader> begin(long id, String method, List<HttpHeader> headers) {
    ActiveSpan span = attempt.span();
    if (span.isRecorded()) {
      span = span.child(Kind.HTTP, METHODS.contains(method) ? method : "HTTP");
      open.put(id, span);
    }
    boolean own =
        headers.stream()
            .anyMatch(header ->
                header.name().equalsIgnoreCase(PARENT) || header.name().equalsIgnoreCase(STATE));
    if (own || !span.trace().isContinued()) {
      return headers;
    }
    TraceContext context = span.context();
    List<HttpHeader> all = new ArrayList<>(headers);
    all.add(new HttpHeader(PARENT, context.parent()));
    if (context.state() != null) {
      all.add(new HttpHeader(STATE, context.state()));
    }
    return all;
  }

  /** A request is over, or was refused. */
  void end(long id, HttpOutcome outcome) {
    ActiveSpan span = open.remove(id);
    if (span == null) {
      return;
    }
    Redaction redaction = attempt.redaction();
    String method = outcome.method();
    boolean known = METHODS.contains(method);
    span.set(Names.HTTP_METHOD, known ? method : "_OTHER")
        .set(Names.URL, redaction.url(Texts.cut(outcome.target().url(), Redaction.MAX_TEXT)))
        .set(Names.SERVER_ADDRESS, redaction.text(outcome.target().server()))
        .set(Names.SERVER_PORT, outcome.target().port())
        .set(Names.HTTP_SENT, outcome.sent())
        .set(Names.HTTP_RECEIVED, outcome.received());
    if (!known) {
      span.set(Names.HTTP_METHOD_ORIGINAL, redaction.text(method));
    }
    Integer status = outcome.status();
    if (status != null) {
      span.set(Names.HTTP_STATUS, status);
    }
    fail(span, outcome.error(), status);
  }

  private void fail(ActiveSpan span, @Nullable String error, @Nullable Integer status) {
    if (error != null) {
      span.set(Names.ERROR_TYPE, "_OTHER")
          .set(Names.ERROR_MESSAGE, attempt.redaction().shortText(error));
      span.end(Status.ERROR);
    } else if (status != null && status >= 400) {
      span.set(Names.ERROR_TYPE, status.toString());
      span.end(Status.ERROR);
    } else {
      span.end(Status.OK);
    }
  }

  /** A request came to nothing, because it was none. */
  void invalid(long id, String why) {
    ActiveSpan span = open.remove(id);
    if (span != null) {
      fail(span, why, null);
    }
  }
}
