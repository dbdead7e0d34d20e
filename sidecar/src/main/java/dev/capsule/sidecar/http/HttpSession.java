package dev.capsule.sidecar.http;

import dev.capsule.sidecar.http.HttpFailure.Kind;
import dev.capsule.sidecar.policy.Host;
import dev.capsule.sidecar.policy.HostGrants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one attempt. Operations return at once; what becomes of them is told to the
 * listener. Streams have numbers that mean something in this session only.
 */
public final class HttpSession implements AutoCloseable {
  private final Connector connector;
  private final HttpRoom room;
  private final HostGrants grants;
  private final HttpListener listener;
  private final IdleConnections idle = new IdleConnections();
  private final Map<Long, Exchange> exchanges = new HashMap<>();
  private int requests;
  private volatile @Nullable Host lastHost;
  private boolean closed;

  HttpSession(Connector connector, HttpRoom room, HostGrants grants, HttpListener listener) {
    this.connector = connector;
    this.room = room;
    this.grants = grants;
    this.listener = listener;
  }

  /**
   * Begins a request.
   *
   * @param id the operation's
   * @param body in base64, all of it or the beginning; null: none
   * @param complete whether that is all of the body
   * @return what is to be done for it; null: nothing, or a thread does it. It may block, until it
   *     is cut or its thread is interrupted
   */
  public @Nullable Runnable request(
      long id,
      String method,
      String url,
      List<HttpHeader> headers,
      @Nullable String body,
      boolean complete) {
    long number;
    synchronized (exchanges) {
      number = ++requests;
    }
    HttpTarget target = null;
    try {
      if (number > HttpLimits.MAX_REQUESTS) {
        throw HttpFailure.overloaded(
            "an attempt may make " + HttpLimits.MAX_REQUESTS + " HTTP requests");
      }
      target = HttpTarget.parse(url, lastHost);
      lastHost = target.host();
      HttpRequestHead head = HttpRequestHead.of(method, target, headers);
      HttpFailure refusal = Connector.refusal(target, grants);
      if (refusal != null) {
        throw refusal;
      }
      return begin(
          new Exchange(this, id, number, head, HttpPart.ofBase64(body), complete), id, complete);
    } catch (HttpFailure e) {
      if (target != null) {
        String word = HttpRequestHead.isMethod(method) ? method : "";
        listener.requested(id, new HttpOutcome(word, target, null, 0, 0, 0, e.text()));
      }
      answer(id, new HttpAnswer.Failed(e));
      return null;
    }
  }

  private @Nullable Runnable begin(Exchange exchange, long id, boolean complete) {
    synchronized (exchanges) {
      if (closed) {
        return null;
      }
      exchanges.put(exchange.stream(), exchange);
    }
    Runnable work = exchange.begin(complete ? id : null);
    if (complete) {
      return work;
    }
    Thread.ofVirtual().name("http").start(work); // it waits for what the guest sends meanwhile
    answer(id, new HttpAnswer.Opened(exchange.stream()));
    return null;
  }

  /** Sends more of a request's body. */
  public void send(long id, long stream, String body, boolean complete) {
    try {
      find(stream).send(new Exchange.Send(id, HttpPart.ofBase64(body), complete));
    } catch (HttpFailure e) {
      answer(id, new HttpAnswer.Failed(e));
    }
  }

  /**
   * Asks for more of an answer's body.
   *
   * @return what is to be done for it, as for a request
   */
  public @Nullable Runnable read(long id, long stream) {
    try {
      return find(stream).read(id);
    } catch (HttpFailure e) {
      answer(id, new HttpAnswer.Failed(e));
      return null;
    }
  }

  /** Gives up a stream. */
  public void drop(long id, long stream) {
    try {
      Exchange exchange = find(stream);
      exchange.cut(new HttpFailure(Kind.CANCELLED, "the task closed it before its end"));
      over(exchange);
      answer(id, new HttpAnswer.Done());
    } catch (HttpFailure e) {
      answer(id, new HttpAnswer.Failed(e));
    }
  }

  /** Stops the operation of that id if it is one of this session, and what it is a part of. */
  public void cancel(long id) {
    for (Exchange exchange : all()) {
      if (exchange.isWaiting(id)) {
        exchange.cut(new HttpFailure(Kind.CANCELLED, "the operation was cancelled"));
      }
    }
  }

  /** Cuts all that is going on, at once. Nothing is answered any more. */
  @Override
  public void close() {
    synchronized (exchanges) {
      closed = true;
    }
    for (Exchange exchange : all()) {
      exchange.cut(new HttpFailure(Kind.CANCELLED, "the task ended before it did"));
    }
    idle.close();
  }

  private List<Exchange> all() {
    synchronized (exchanges) {
      return new ArrayList<>(exchanges.values());
    }
  }

  private Exchange find(long stream) throws HttpFailure {
    synchronized (exchanges) {
      Exchange exchange = exchanges.get(stream);
      if (exchange == null) {
        throw HttpFailure.invalid("there is no open stream of this id");
      }
      return exchange;
    }
  }

  // ---- for exchanges, on their threads

  HttpRoom room() {
    return room;
  }

  HttpConnection connect(HttpTarget target, Connector.Owner owner)
      throws HttpFailure, IOException, InterruptedException {
    return connector.connect(target, grants, owner);
  }

  IdleConnections idle() {
    return idle;
  }

  void answer(long id, HttpAnswer answer) {
    synchronized (exchanges) {
      if (closed) {
        return;
      }
    }
    listener.answered(id, answer);
  }

  HttpListener listener() {
    return listener;
  }

  /** There is nothing more to be had of it. */
  void over(Exchange exchange) {
    synchronized (exchanges) {
      exchanges.remove(exchange.stream());
    }
  }
}
