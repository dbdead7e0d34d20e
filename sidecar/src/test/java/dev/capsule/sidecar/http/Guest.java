package dev.capsule.sidecar.http;

import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.policy.HostGrants;
import dev.capsule.sidecar.policy.HostPattern;
import dev.capsule.sidecar.policy.OptionException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Uses a session as the task of an attempt does. */
final class Guest implements HttpListener, AutoCloseable {
  /** A request as it was written down. */
  record Noted(
      String method, String url, @Nullable Integer status, long bytes, @Nullable String error) {}

  private final HttpSession session;
  private final Map<Long, HttpAnswer> answers = new ConcurrentHashMap<>();
  private final List<Noted> noted = new CopyOnWriteArrayList<>();
  private final AtomicLong last = new AtomicLong();

  private Guest(HttpShare share, String... hosts) {
    session = share.open(new HostGrants(Arrays.stream(hosts).map(Guest::pattern).toList()), this);
  }

  /** One with a gate of its own. */
  static Guest with(String... hosts) {
    return new Guest(new HttpGate().share(), hosts);
  }

  /** One of several at a gate, each of a run of its own. */
  static Guest at(HttpGate gate, String... hosts) {
    return new Guest(gate.share(), hosts);
  }

  /** One of several of a run. */
  static Guest of(HttpShare share, String... hosts) {
    return new Guest(share, hosts);
  }

  /** A gate that takes names from here. */
  static HttpGate resolving(Resolver resolver) {
    return new HttpGate(
        resolver,
        () -> {
          throw new IllegalStateException("no TLS here");
        });
  }

  /** A gate that trusts other authorities than the system's. */
  static HttpGate trusting(SSLContext context) {
    return new HttpGate(new SystemResolver(), () -> context);
  }

  static InetAddress address(String text) {
    return InetAddress.ofLiteral(text);
  }

  private static HostPattern pattern(String text) {
    try {
      return HostPattern.parse("allowed_hosts", new JsonPrimitive(text));
    } catch (OptionException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void answered(long id, HttpAnswer answer) {
    if (answers.put(id, answer) != null) {
      throw new AssertionError("a second answer to " + id);
    }
  }

  @Override
  public void requested(long id, HttpOutcome outcome) {
    noted.add(
        new Noted(
            outcome.method(),
            outcome.target().url(),
            outcome.status(),
            outcome.sent() + outcome.received(),
            outcome.error()));
  }

  List<Noted> noted() {
    return noted;
  }

  HttpSession session() {
    return session;
  }

  long begin(String method, String url, String... headers) {
    return begin(method, url, null, true, headers);
  }

  long begin(
      String method, String url, @Nullable String body, boolean complete, String... headers) {
    List<HttpHeader> all = new ArrayList<>();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(new HttpHeader(headers[i], headers[i + 1]));
    }
    long id = last.incrementAndGet();
    work(session.request(id, method, url, all, body == null ? null : base64(body), complete));
    return id;
  }

  /** Asks, on the calling thread. */
  long beginHere(String method, String url) {
    long id = last.incrementAndGet();
    run(session.request(id, method, url, List.of(), null, true));
    return id;
  }

  /** Reads, on the calling thread. */
  void readHere(long stream) {
    run(session.read(last.incrementAndGet(), stream));
  }

  private static void run(@Nullable Runnable work) {
    if (work != null) {
      work.run();
    }
  }

  long send(long stream, String body, boolean complete) {
    long id = last.incrementAndGet();
    session.send(id, stream, base64(body), complete);
    return id;
  }

  long read(long stream) {
    long id = last.incrementAndGet();
    work(session.read(id, stream));
    return id;
  }

  HttpAnswer drop(long stream) {
    long id = last.incrementAndGet();
    session.drop(id, stream);
    return answer(id);
  }

  private static void work(@Nullable Runnable work) {
    Thread.ofVirtual().start(() -> run(work));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  static String text(HttpPart part) {
    return new String(Base64.getDecoder().decode(part.base64()), StandardCharsets.ISO_8859_1);
  }

  boolean isAnswered(long id) {
    return answers.containsKey(id);
  }

  HttpAnswer answer(long id) {
    Deadline.await("an answer to " + id, () -> isAnswered(id));
    HttpAnswer answer = answers.get(id);
    if (answer == null) {
      throw new AssertionError();
    }
    return answer;
  }

  /** Waits for an answer's head. */
  HttpAnswer.Head head(long id) {
    if (answer(id) instanceof HttpAnswer.Head head) {
      return head;
    }
    throw new AssertionError("no head but " + answer(id));
  }

  /** Waits for a failure. */
  HttpFailure failure(long id) {
    if (answer(id) instanceof HttpAnswer.Failed(HttpFailure why)) {
      return why;
    }
    throw new AssertionError("no failure but " + answer(id));
  }

  HttpFailure refused(String method, String url, String... headers) {
    return failure(begin(method, url, headers));
  }

  /** Waits for the stream of a request whose body is to come. */
  long opened(long id) {
    if (answer(id) instanceof HttpAnswer.Opened(long stream)) {
      return stream;
    }
    throw new AssertionError("no stream but " + answer(id));
  }

  /** Asks, and reads the answer to its end. */
  String get(String url) {
    return rest(head(begin("GET", url)));
  }

  /** All of an answer's body. */
  String rest(HttpAnswer.Head head) {
    StringBuilder body = new StringBuilder(text(head.body()));
    Long stream = head.stream();
    while (stream != null) {
      long id = read(stream);
      if (!(answer(id) instanceof HttpAnswer.More more)) {
        throw new AssertionError("no more but " + answer(id));
      }
      body.append(text(more.body()));
      stream = more.stream();
    }
    return body.toString();
  }

  @Override
  public void close() {
    session.close();
  }
}
