package dev.capsule.sidecar.http;

import dev.capsule.sidecar.policy.Host;
import dev.capsule.sidecar.policy.HostPattern;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes, taken from a URL by rules that leave no two readings: what is checked is
 * what is connected to, and the only thing that is sent.
 *
 * @param scheme {@code "http"} or {@code "https"}
 * @param path with the query; begins with a slash
 */
public record HttpTarget(String scheme, Host host, int port, String path) {

  /** Reads a URL of a guest. */
  static HttpTarget parse(String url) throws HttpFailure {
    return parse(url, null);
  }

  /**
   * Reads a URL of a guest.
   *
   * @param known a host that was read before, which need not be read again if it is the URL's
   */
  static HttpTarget parse(String url, @Nullable Host known) throws HttpFailure {
    if (url.length() > HttpLimits.MAX_URL_CHARS) {
      throw HttpFailure.overloaded(
          "a URL may have "
              + HttpLimits.MAX_URL_CHARS
              + " characters, this one has "
              + url.length());
    }
    int colon = url.indexOf(':');
    String scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      if (scheme.matches("[a-z][a-z0-9+.-]{0,30}")) {
        throw new HttpFailure(
            HttpFailure.Kind.DENIED,
            "the scheme " + scheme + " is not available to tasks, only http and https");
      }
      throw HttpFailure.invalid("a URL begins with http:// or https://");
    }
    if (!url.startsWith("//", colon + 1)) {
      throw HttpFailure.invalid("a URL has two slashes after " + scheme + ":");
    }
    int begin = colon + 3;
    int end = begin;
    while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
      end++;
    }
    String authority = url.substring(begin, end);
    if (authority.indexOf('@') >= 0) {
      throw HttpFailure.invalid(
          "a URL must not hold a user or password; send an Authorization header");
    }
    String host = authority;
    int port = HostPattern.defaultPort(scheme);
    try {
      int portAt = authority.lastIndexOf(':');
      if (portAt >= 0 && authority.indexOf(']', portAt) < 0) {
        host = authority.substring(0, portAt);
        if (portAt + 1 < authority.length()) {
          port = HostPattern.port(authority.substring(portAt + 1));
        }
      }
      Host read = known != null && known.text().equals(host) ? known : Host.parse(host);
      return new HttpTarget(scheme, read, port, path(url.substring(end)));
    } catch (IllegalArgumentException e) {
      throw HttpFailure.invalid("a URL " + e.getMessage());
    }
  }

  private static String path(String rest) throws HttpFailure {
    int fragment = rest.indexOf('#');
    String path = fragment < 0 ? rest : rest.substring(0, fragment);
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '\\') {
        throw HttpFailure.invalid(
            "a URL's path and query hold visible ASCII characters only, and no backslash;"
                + " percent-encode others");
      }
    }
    return path.startsWith("/") ? path : "/" + path;
  }

  boolean isTls() {
    return scheme.equals("https");
  }

  /** What the header {@code Host} says. */
  String authority() {
    return port == HostPattern.defaultPort(scheme) ? host.text() : host.text() + ":" + port;
  }

  /** Where it goes, without the path: what may be told to anybody. */
  String origin() {
    return scheme + "://" + authority();
  }

  /** The server's name or address. */
  public String server() {
    return host.text();
  }

  /** The whole URL, in its one canonical form. */
  public String url() {
    return origin() + path;
  }
}
