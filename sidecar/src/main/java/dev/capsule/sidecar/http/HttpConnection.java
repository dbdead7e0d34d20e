package dev.capsule.sidecar.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** A connection to one host, made under the grants of one session and used by it alone. */
final class HttpConnection extends DefaultBHttpClientConnection {
  private static final Http1Config CONFIG =
      Http1Config.custom()
          .setBufferSize(16 << 10)
          .setMaxLineLength(HttpLimits.MAX_ANSWER_LINE)
          .setMaxHeaderCount(HttpLimits.MAX_ANSWER_HEADERS)
          .build();
  private static final Timeout A_MOMENT = Timeout.ofMilliseconds(1);

  /** Bytes of the line break after a chunk. */
  private static final int END_OF_CHUNK = 2;

  private final Socket wire;
  private final String origin;
  private final Watch watch = new Watch();
  private @Nullable SessionInputBuffer buffer; // of the body that is being read
  private long idleSince;

  /**
   * @param socket what is spoken over, TLS or not
   * @param wire what it runs over: the same, or what is below TLS
   */
  HttpConnection(Socket socket, Socket wire, String origin) throws IOException {
    // without a factory of its own the parser has the library's bounds, not these
    super(CONFIG, null, null, null, null, null, new DefaultHttpResponseParserFactory(CONFIG));
    this.wire = wire;
    this.origin = origin;
    bind(
        new SocketHolder(socket) {
          @Override
          protected InputStream getInputStream(Socket from) throws IOException {
            return new Watched(from.getInputStream(), watch);
          }
        });
  }

  Socket wire() {
    return wire;
  }

  String origin() {
    return origin;
  }

  /**
   * Reads the head of an answer. The parser takes a head that was cut off for a whole one, and
   * knows no limit for all of it; this does.
   */
  @Override
  public ClassicHttpResponse receiveResponseHeader() throws HttpException, IOException {
    watch.left = HttpLimits.MAX_ANSWER_HEAD_BYTES;
    ClassicHttpResponse response = super.receiveResponseHeader();
    watch.left = Long.MAX_VALUE;
    if (watch.ended) {
      throw new ConnectionClosedException("the connection was closed in the head of the answer");
    }
    return response;
  }

  @Override
  protected InputStream createContentInputStream(
      long length, SessionInputBuffer received, InputStream in) {
    buffer = received;
    return super.createContentInputStream(length, received, in);
  }

  /**
   * Whether reading on in a body would not wait, now or in a moment.
   *
   * @param chunked whether it comes in chunks: then the end of one is nothing to read, and asking
   *     for more would wait for the next, which a stream of events may send much later
   */
  boolean hasMore(boolean chunked) throws IOException {
    return isDataAvailable(A_MOMENT)
        && (!chunked || buffer == null || buffer.length() > END_OF_CHUNK);
  }

  void becomeIdle() {
    idleSince = System.nanoTime();
  }

  /** How long it has been idle, in nanoseconds. */
  long idleNanos() {
    return System.nanoTime() - idleSince;
  }

  /** Ends it at once: neither TLS nor what is still to be sent can hold that up. */
  void abort() {
    abort(wire);
  }

  static void abort(Socket wire) {
    try (wire) {
      wire.setSoLinger(true, 0);
    } catch (IOException e) {
      // it is over anyway
    }
  }

  /** What has come in. */
  private static final class Watch {
    private long left = Long.MAX_VALUE;
    private boolean ended;
  }

  private static final class Watched extends FilterInputStream {
    private final Watch watch;

    Watched(InputStream in, Watch watch) {
      super(in);
      this.watch = watch;
    }

    @Override
    public int read() throws IOException {
      return note(in.read(), 1);
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int count = in.read(bytes, from, length);
      return note(count, count);
    }

    private int note(int result, int count) throws IOException {
      if (result < 0) {
        watch.ended = true;
      } else {
        watch.left -= count;
        if (watch.left < 0) {
          throw new MessageConstraintException("the head of the answer is too long");
        }
      }
      return result;
    }
  }
}
