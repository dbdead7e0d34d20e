package dev.capsule.sidecar.http;

import dev.capsule.sidecar.http.HttpFailure.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;

/** Says in users' terms what went wrong on the network. */
final class Faults {
  private Faults() {}

  static HttpFailure of(Exception e, HttpTarget target) {
    Kind kind = e instanceof SocketTimeoutException ? Kind.TIMEOUT : Kind.CONNECTION;
    return new HttpFailure(kind, target.origin() + ": " + what(e));
  }

  private static String what(Exception e) {
    return switch (e) {
      case SocketTimeoutException ignored ->
          "no connection within " + HttpLimits.CONNECT_MS / 1000 + " seconds";
      case UnknownHostException ignored -> "there is no host of this name";
      case NoRouteToHostException ignored -> "there is no way to this host";
      case ConnectException ignored -> "the connection was refused";
      case SSLException tls -> "no secure connection: " + tls.getMessage();
      case NoHttpResponseException ignored -> "the connection was closed without an answer";
      case ConnectionClosedException ignored ->
          "the connection was closed before the end of the answer";
      case MessageConstraintException ignored ->
          "the headers of the answer are too long: at most "
              + HttpLimits.MAX_ANSWER_HEADERS
              + " of "
              + HttpLimits.MAX_ANSWER_LINE
              + " bytes, "
              + HttpLimits.MAX_ANSWER_HEAD_BYTES
              + " together";
      case HttpException http -> "the answer is not HTTP/1.1: " + http.getMessage();
      case IOException io -> "the connection broke: " + io.getMessage();
      default -> "the request failed: " + e;
    };
  }
}
