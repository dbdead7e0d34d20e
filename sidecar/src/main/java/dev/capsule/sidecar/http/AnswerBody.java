package dev.capsule.sidecar.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.message.MessageSupport;
import org.apache.hc.core5.http.protocol.HttpCoreContext;

/** An answer whose head has come: it is read as it is asked for, and as it was sent, undecoded. */
final class AnswerBody {
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int FIRST_FINAL = 200;

  /** Of a body whose length is not known. */
  private static final int FIRST_BUFFER = 16 << 10;

  /** Read at once: the JDK keeps a buffer of that size a thread. */
  private static final int AT_ONCE = 64 << 10;

  /** What was between the server and this host only. */
  private static final Set<String> OF_THE_CONNECTION =
      Set.of("transfer-encoding", "connection", "keep-alive", "upgrade", "trailer", "te");

  private final HttpConnection connection;
  private final ClassicHttpResponse response;
  private final boolean usableAfter;
  private final InputStream in;
  private final long length;
  private final boolean chunked;
  private long received;
  private boolean over;

  private AnswerBody(
      HttpConnection connection, ClassicHttpRequest request, ClassicHttpResponse response)
      throws HttpFailure, IOException, HttpException {
    this.connection = connection;
    this.response = response;
    this.usableAfter =
        DefaultConnectionReuseStrategy.INSTANCE.keepAlive(
            request, response, HttpCoreContext.create());
    if (MessageSupport.canResponseHaveBody(request.getMethod(), response)) {
      connection.receiveResponseEntity(response);
      in = response.getEntity().getContent();
      length = response.getEntity().getContentLength();
      chunked = response.getEntity().isChunked();
    } else {
      in = InputStream.nullInputStream();
      length = 0;
      chunked = false;
    }
    over = length == 0;
    checkLength(length);
  }

  /** Sends a request and waits for the head of its answer. */
  static AnswerBody to(HttpRequestHead head, RequestBody body, HttpConnection connection)
      throws HttpFailure, IOException, HttpException {
    ClassicHttpRequest request = new BasicClassicHttpRequest(head.method(), head.target().path());
    request.addHeader("Host", head.target().authority());
    head.headers().forEach(header -> request.addHeader(header.name(), header.value()));
    HttpHeader framing = body.framing();
    AbstractHttpEntity entity = body.entity(connection);
    if (framing != null && entity != null) {
      request.addHeader(framing.name(), framing.value());
      request.setEntity(entity);
    }
    connection.sendRequestHeader(request);
    connection.sendRequestEntity(request);
    connection.flush();
    for (int i = 0; i < HttpLimits.MAX_INFORMATIONAL_ANSWERS; i++) {
      ClassicHttpResponse response = connection.receiveResponseHeader();
      if (response.getCode() >= FIRST_FINAL) {
        return new AnswerBody(connection, request, response);
      }
      if (response.getCode() == SWITCHING_PROTOCOLS) {
        throw new ProtocolException("the server changes to another protocol unasked");
      }
    }
    throw new ProtocolException("no final answer");
  }

  private static void checkLength(long bytes) throws HttpFailure {
    if (bytes > HttpLimits.MAX_ANSWER_BYTES) {
      throw HttpFailure.overloaded(
          "the body of an answer may have "
              + HttpLimits.MAX_ANSWER_BYTES
              + " bytes, this one has more");
    }
  }

  HttpConnection connection() {
    return connection;
  }

  int status() {
    return response.getCode();
  }

  String reason() {
    String reason = response.getReasonPhrase();
    return reason == null ? "" : reason;
  }

  List<HttpHeader> headers() {
    List<HttpHeader> headers = new ArrayList<>();
    for (Header header : response.getHeaders()) {
      if (!OF_THE_CONNECTION.contains(header.getName().toLowerCase(Locale.ROOT))) {
        String value = header.getValue();
        headers.add(new HttpHeader(header.getName(), value == null ? "" : value));
      }
    }
    return headers;
  }

  /** Whether all of it was read. */
  boolean isOver() {
    return over;
  }

  /** Whether another request may follow on the connection when this is over. */
  boolean leavesConnectionUsable() {
    return usableAfter && connection.isOpen();
  }

  /** Waits until there is something to read, and returns what there is, within limits. */
  HttpPart next() throws HttpFailure, IOException {
    if (over) {
      return HttpPart.EMPTY;
    }
    long expected = length < 0 ? FIRST_BUFFER : length - received;
    byte[] bytes = new byte[(int) Math.min(expected, HttpLimits.PART_BYTES)];
    int count = 0;
    while (true) {
      int read = in.read(bytes, count, Math.min(bytes.length - count, AT_ONCE));
      if (read < 0) {
        over = true;
        break;
      }
      count += read;
      received += read;
      checkLength(received);
      if (received == length) {
        over = true;
        break;
      }
      if (count == HttpLimits.PART_BYTES) {
        break;
      }
      if (count == bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.min(2 * count, HttpLimits.PART_BYTES));
      }
      if (in.available() == 0 && !connection.hasMore(chunked)) {
        break;
      }
    }
    return new HttpPart(bytes, count);
  }
}
