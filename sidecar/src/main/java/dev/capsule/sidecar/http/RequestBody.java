package dev.capsule.sidecar.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Set;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.jspecify.annotations.Nullable;

/** The body of a request, all of it or as it comes; held to what was announced and to the limit. */
final class RequestBody {
  private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

  /** Where the parts after the first come from. */
  interface Source {
    /** Waits for the next part. */
    Exchange.Send next() throws InterruptedException;
  }

  /** A body that is not as it should be; unwinds the library that writes it. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    private final HttpFailure why;

    Refused(HttpFailure why) {
      super(why);
      this.why = why;
    }

    HttpFailure why() {
      return why;
    }
  }

  private final HttpPart first;
  private final boolean complete;
  private final Source source;
  private final @Nullable Long length;
  private volatile long sent;

  RequestBody(HttpRequestHead head, HttpPart first, boolean complete, Source source) {
    this.first = first;
    this.complete = complete;
    this.source = source;
    boolean none = complete && first.length() == 0 && !WITH_BODY.contains(head.method());
    this.length = none ? null : complete ? Long.valueOf(first.length()) : head.length();
  }

  boolean isComplete() {
    return complete;
  }

  /** The header that says where it ends; null if there is no body. */
  @Nullable HttpHeader framing() {
    return length != null
        ? new HttpHeader("Content-Length", Long.toString(length))
        : complete ? null : new HttpHeader("Transfer-Encoding", "chunked");
  }

  /** Bytes that went out. */
  long sent() {
    return sent;
  }

  private void write(OutputStream out, HttpConnection connection) throws IOException {
    try {
      sent = 0;
      HttpPart part = first;
      boolean last = complete;
      while (true) {
        long total = sent + part.length();
        check(total, last);
        part.writeTo(out);
        sent = total;
        if (last) {
          return;
        }
        out.flush();
        Exchange.Send next = source.next();
        part = next.part();
        last = next.last();
      }
    } catch (IOException | RuntimeException e) {
      connection.abort(); // or else what was sent would be finished as if it were whole
      throw e;
    } catch (InterruptedException e) {
      connection.abort();
      throw new InterruptedIOException();
    }
  }

  private void check(long total, boolean last) throws Refused {
    if (total > HttpLimits.MAX_REQUEST_BYTES) {
      throw new Refused(
          HttpFailure.overloaded(
              "the body of a request may have " + HttpLimits.MAX_REQUEST_BYTES + " bytes"));
    }
    if (length != null && (total > length || (last && total < length))) {
      throw new Refused(
          HttpFailure.invalid(
              "the request's body is not as long as its Content-Length says, " + length));
    }
  }

  /** The body in the form of the library; null if there is none. */
  @Nullable AbstractHttpEntity entity(HttpConnection connection) {
    if (framing() == null) {
      return null;
    }
    return new AbstractHttpEntity((String) null, null, length == null) {
      @Override
      public void writeTo(OutputStream out) throws IOException {
        write(out, connection);
      }

      @Override
      public long getContentLength() {
        return length == null ? -1 : length;
      }

      @Override
      public InputStream getContent() {
        throw new UnsupportedOperationException("it is written, not read");
      }

      @Override
      public boolean isStreaming() {
        return !complete;
      }

      @Override
      public void close() {}
    };
  }
}
