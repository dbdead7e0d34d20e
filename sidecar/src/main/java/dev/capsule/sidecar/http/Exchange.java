package dev.capsule.sidecar.http;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, in steps: to the head of the answer, then part by part. Each step is
 * done by whichever thread is there for it, one at a time; between them it has none. It is ended
 * from outside in one way: its socket is closed and the thread of its step interrupted.
 */
final class Exchange {
  /** More of the request's body. */
  record Send(long id, HttpPart part, boolean last) {}

  /** What a thread does for it. */
  private interface Step {
    void take() throws HttpFailure, IOException, HttpException, InterruptedException;
  }

  private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");

  /** A server may have closed a connection that was idle; one that was not is hardly ever so. */
  private static final long SURELY_OPEN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final HttpSession session;
  private final long operation;
  private final long stream;
  private final HttpRequestHead head;
  private final RequestBody body;
  private final BlockingQueue<Send> parts = new LinkedBlockingQueue<>(); // of one at most
  private final long begun = System.nanoTime();

  // guarded by this
  private @Nullable Thread thread;
  private @Nullable Long waiting;
  private @Nullable AnswerBody answer;
  private @Nullable HttpFailure cut;
  private @Nullable HttpFailure failure;
  private @Nullable Socket wire;
  private boolean hasPlace;
  private boolean recorded;

  private volatile @Nullable Integer status;
  private final AtomicLong answerBytes = new AtomicLong();

  /**
   * @param operation the id of the one that began it
   */
  Exchange(
      HttpSession session,
      long operation,
      long stream,
      HttpRequestHead head,
      HttpPart body,
      boolean complete) {
    this.session = session;
    this.operation = operation;
    this.stream = stream;
    this.head = head;
    this.body = new RequestBody(head, body, complete, this::nextPart);
  }

  long stream() {
    return stream;
  }

  /**
   * The first step.
   *
   * @param id the operation that waits for the answer; null if its body is still to come
   */
  synchronized Runnable begin(@Nullable Long id) {
    waiting = id;
    return () -> take(this::exchange);
  }

  /** Takes more of the request's body, for the thread that waits for it. */
  void send(Send part) throws HttpFailure {
    submit(
        part.id(),
        () -> {
          if (answer != null) {
            throw HttpFailure.invalid("the request's body was sent already");
          }
          parts.add(part);
        });
  }

  /** The step that reads the next part of the answer's body. */
  Runnable read(long id) throws HttpFailure {
    submit(
        id,
        () -> {
          if (answer == null) {
            throw HttpFailure.invalid("the request's body was not sent to its end");
          }
        });
    return () -> take(this::readOn);
  }

  /** What holds of an operation when it is taken. */
  private interface Check {
    void pass() throws HttpFailure;
  }

  /** Takes an operation, which is answered sooner or later. */
  private void submit(long id, Check check) throws HttpFailure {
    HttpFailure over;
    synchronized (this) {
      over = failure;
      if (over == null) {
        if (waiting != null) {
          throw HttpFailure.invalid("another operation of this stream is still going on");
        }
        check.pass();
        waiting = id;
      }
    }
    if (over != null) {
      session.over(this);
      throw over;
    }
  }

  synchronized boolean isWaiting(long id) {
    return waiting != null && waiting == id;
  }

  /** Ends it at once; it is recorded when this returns. */
  void cut(HttpFailure why) {
    Socket open;
    synchronized (this) {
      if (failure != null || cut != null) {
        return;
      }
      cut = why;
      open = wire;
    }
    if (open != null) {
      HttpConnection.abort(open);
    }
    record(why.text());
    synchronized (this) {
      if (thread != null) {
        thread.interrupt(); // it ends it
        return;
      }
    }
    end(why);
  }

  // ---- on the thread of a step

  private void take(Step step) {
    synchronized (this) {
      if (failure != null) {
        return; // it was cut before
      }
      thread = Thread.currentThread();
    }
    HttpFailure end = null;
    try {
      step.take();
    } catch (HttpFailure e) {
      end = e;
    } catch (RequestBody.Refused e) {
      end = e.why();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end = stopped();
    } catch (IOException | HttpException | RuntimeException e) {
      end = Thread.currentThread().isInterrupted() ? stopped() : Faults.of(e, head.target());
    }
    synchronized (this) {
      if (Thread.currentThread()
          .equals(thread)) { // the guest may have begun the next step meanwhile
        thread = null;
      }
      end = cut == null ? end : cut; // which may have come when the step was done
    }
    if (end != null) {
      end(end);
    }
  }

  private static HttpFailure stopped() {
    return new HttpFailure(HttpFailure.Kind.CANCELLED, "the task ended before it did");
  }

  private void exchange() throws HttpFailure, IOException, HttpException, InterruptedException {
    session.room().take();
    synchronized (this) {
      hasPlace = true;
    }
    AnswerBody begins = answerOverIdle();
    if (begins == null) {
      begins = answer(session.connect(head.target(), this::own));
    }
    HttpPart part = next(begins);
    synchronized (this) {
      answer = begins;
    }
    reply(
        begins.isOver(),
        new HttpAnswer.Head(
            begins.status(), begins.reason(), begins.headers(), part, continuation(begins)));
  }

  private void readOn() throws HttpFailure, IOException {
    AnswerBody goesOn;
    synchronized (this) {
      goesOn = Objects.requireNonNull(answer);
    }
    HttpPart part = next(goesOn);
    reply(goesOn.isOver(), new HttpAnswer.More(part, continuation(goesOn)));
  }

  /** Tries a connection that was used before; null if there is none that still works. */
  private @Nullable AnswerBody answerOverIdle()
      throws HttpFailure, IOException, HttpException, InterruptedException {
    HttpConnection idle = session.idle().take(head.target().origin());
    if (idle == null) {
      return null;
    }
    own(idle.wire());
    boolean repeatable = body.isComplete() && IDEMPOTENT.contains(head.method());
    if ((!repeatable || idle.idleNanos() > SURELY_OPEN_NANOS) && idle.isStale()) {
      idle.abort();
      return null;
    }
    try {
      return answer(idle);
    } catch (NoHttpResponseException | SocketException | ConnectionClosedException e) {
      idle.abort();
      if (!repeatable || isCut()) {
        throw e;
      }
      return null; // the server had closed it, as it may; it has not answered anything
    }
  }

  private AnswerBody answer(HttpConnection connection)
      throws HttpFailure, IOException, HttpException, InterruptedException {
    AnswerBody answer = AnswerBody.to(head, body, connection);
    status = answer.status();
    return answer;
  }

  private synchronized boolean isCut() {
    return cut != null;
  }

  private synchronized void own(Socket socket) throws HttpFailure {
    wire = socket;
    if (cut != null) {
      HttpConnection.abort(socket);
      throw cut;
    }
  }

  /** The next part of the body; when it was the last, the connection is free for others. */
  private HttpPart next(AnswerBody answer) throws HttpFailure, IOException {
    HttpPart part = answer.next();
    answerBytes.addAndGet(part.length());
    if (answer.isOver()) {
      synchronized (this) {
        if (cut != null) {
          throw cut;
        }
        wire = null;
      }
      if (answer.leavesConnectionUsable()) {
        session.idle().put(answer.connection());
      } else {
        answer.connection().abort();
      }
      record(null);
      givePlace();
    }
    return part;
  }

  private @Nullable Long continuation(AnswerBody answer) {
    return answer.isOver() ? null : stream;
  }

  /** Called while the request's body is sent: what was sent so far has gone out. */
  private Send nextPart() throws InterruptedException {
    Send send = parts.take();
    if (!send.last()) {
      // it goes out before the guest sends more, so that at most two parts are held
      reply(false, new HttpAnswer.Done());
    }
    return send;
  }

  private void reply(boolean last, HttpAnswer answer) {
    Long id;
    synchronized (this) {
      id = waiting;
      waiting = null;
    }
    if (last) {
      session.over(this);
    }
    if (id != null) {
      session.answer(id, answer);
    }
  }

  private void end(HttpFailure why) {
    Socket open;
    boolean told;
    synchronized (this) {
      if (failure != null) {
        return;
      }
      failure = why;
      open = wire;
      wire = null;
      told = waiting != null;
    }
    if (open != null) {
      HttpConnection.abort(open);
    }
    record(why.text());
    givePlace();
    reply(told, new HttpAnswer.Failed(why)); // if nobody waits, the next operation hears of it
  }

  private void givePlace() {
    synchronized (this) {
      if (!hasPlace) {
        return;
      }
      hasPlace = false;
    }
    session.room().give();
  }

  private void record(@Nullable String error) {
    synchronized (this) {
      if (recorded) {
        return;
      }
      recorded = true;
    }
    session
        .listener()
        .requested(
            operation,
            new HttpOutcome(
                head.method(),
                head.target(),
                status,
                body.sent(),
                answerBytes.get(),
                System.nanoTime() - begun,
                error));
  }
}
