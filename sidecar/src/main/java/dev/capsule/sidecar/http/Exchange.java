package dev.capsule.sidecar.http;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
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
 * One request and its answer, on a virtual thread of its own. The guest's operations come to it one
 * at a time; between them it waits. It is ended from outside in one way: its socket is closed and
 * its thread interrupted.
 */
final class Exchange {
  /** What a guest wants of it next. */
  sealed interface Command {
    long id();
  }

  /** More of the request's body. */
  record Send(long id, HttpPart part, boolean last) implements Command {}

  /** More of the answer's body. */
  record Read(long id) implements Command {}

  private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");

  /** A server may have closed a connection that was idle; one that was not is hardly ever so. */
  private static final long SURELY_OPEN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final HttpSession session;
  private final long stream;
  private final HttpRequestHead head;
  private final RequestBody body;
  private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>(); // of one at most
  private final long begun = System.nanoTime();
  private final Thread thread;

  // guarded by this
  private @Nullable Long waiting;
  private @Nullable HttpFailure cut;
  private @Nullable HttpFailure failure;
  private @Nullable Socket wire;
  private boolean recorded;

  private volatile @Nullable Integer status;
  private final AtomicLong answerBytes = new AtomicLong();

  Exchange(
      HttpSession session, long stream, HttpRequestHead head, HttpPart body, boolean complete) {
    this.session = session;
    this.stream = stream;
    this.head = head;
    this.body = new RequestBody(head, body, complete, this::nextPart);
    this.thread = Thread.ofVirtual().name("http").unstarted(this::run);
  }

  long stream() {
    return stream;
  }

  /**
   * @param id the operation that waits for the answer; null if its body is still to come
   */
  synchronized void start(@Nullable Long id) {
    waiting = id;
    thread.start();
  }

  /** Takes an operation, which is answered sooner or later. */
  void submit(Command command) throws HttpFailure {
    HttpFailure over;
    synchronized (this) {
      over = failure;
      if (over == null) {
        if (waiting != null) {
          throw HttpFailure.invalid("another operation of this stream is still going on");
        }
        waiting = command.id();
        commands.add(command);
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
    thread.interrupt();
    record(why.text());
  }

  // ---- on its thread

  private void run() {
    boolean placed = false;
    try {
      session.room().take();
      placed = true;
      exchange();
    } catch (HttpFailure e) {
      over(e);
    } catch (RequestBody.Refused e) {
      over(e.why());
    } catch (InterruptedException e) {
      over(new HttpFailure(HttpFailure.Kind.CANCELLED, "the request was stopped"));
    } catch (IOException | HttpException | RuntimeException e) {
      over(Faults.of(e, head.target()));
    } finally {
      if (placed) {
        session.room().give();
      }
    }
  }

  private void exchange() throws HttpFailure, IOException, HttpException, InterruptedException {
    AnswerBody answer = answerOverIdle();
    if (answer == null) {
      answer = answer(session.connect(head.target(), this::own));
    }
    HttpPart part = next(answer);
    reply(
        answer.isOver(),
        new HttpAnswer.Head(
            answer.status(), answer.reason(), answer.headers(), part, continuation(answer)));
    while (!answer.isOver()) {
      switch (commands.take()) {
        case Read ignored -> {
          part = next(answer);
          reply(answer.isOver(), new HttpAnswer.More(part, continuation(answer)));
        }
        case Send ignored ->
            reply(
                false,
                new HttpAnswer.Failed(HttpFailure.invalid("the request's body was sent already")));
      }
    }
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
    }
    return part;
  }

  private @Nullable Long continuation(AnswerBody answer) {
    return answer.isOver() ? null : stream;
  }

  /** Called while the request's body is sent: what was sent so far has gone out. */
  private Send nextPart() throws InterruptedException {
    while (true) {
      switch (commands.take()) {
        case Send send -> {
          if (!send.last()) {
            // it goes out before the guest sends more, so that at most two parts are held
            reply(false, new HttpAnswer.Done());
          }
          return send;
        }
        case Read ignored ->
            reply(
                false,
                new HttpAnswer.Failed(
                    HttpFailure.invalid("the request's body was not sent to its end")));
      }
    }
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

  private void over(HttpFailure why) {
    HttpFailure reason;
    Socket open;
    boolean told;
    synchronized (this) {
      reason = cut == null ? why : cut;
      failure = reason;
      open = wire;
      wire = null;
      told = waiting != null;
    }
    if (open != null) {
      HttpConnection.abort(open);
    }
    record(reason.text());
    reply(told, new HttpAnswer.Failed(reason)); // if nobody waits, the next operation hears of it
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
            head.method(),
            head.target(),
            status,
            body.sent() + answerBytes.get(),
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun),
            error);
  }
}
