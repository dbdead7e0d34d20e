package dev.capsule.sidecar.http;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request without its body, checked: nothing in it can end a line or a header, or change how the
 * message is framed.
 *
 * @param headers those of the guest that are its own to decide
 * @param length of the body, as the guest announced it; null if it did not
 */
record HttpRequestHead(
    String method, HttpTarget target, List<HttpHeader> headers, @Nullable Long length) {

  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,15}");

  /** Make of a connection something else than the way of one request, or reflect it. */
  private static final Set<String> REFUSED_METHODS = Set.of("CONNECT", "TRACE", "TRACK");

  /** What the host decides, from the URL, the body and the connection. */
  private static final Set<String> DECIDED_BY_THE_HOST =
      Set.of(
          "host",
          "content-length",
          "transfer-encoding",
          "connection",
          "keep-alive",
          "upgrade",
          "http2-settings",
          "te",
          "trailer",
          "expect");

  HttpRequestHead {
    headers = List.copyOf(headers);
  }

  /** Whether it is a word that a request may begin with. */
  static boolean isMethod(String method) {
    return method.length() <= HttpLimits.MAX_METHOD_CHARS && TOKEN.matcher(method).matches();
  }

  /** Checks what a guest sent. */
  static HttpRequestHead of(String method, HttpTarget target, List<HttpHeader> headers)
      throws HttpFailure {
    if (!isMethod(method)) {
      throw HttpFailure.invalid("a method is a word such as GET or POST");
    }
    if (REFUSED_METHODS.contains(method.toUpperCase(Locale.ROOT))) {
      throw new HttpFailure(
          HttpFailure.Kind.DENIED, "the method " + method + " is not available to tasks");
    }
    if (headers.size() > HttpLimits.MAX_HEADERS) {
      throw HttpFailure.overloaded(
          "a request may have "
              + HttpLimits.MAX_HEADERS
              + " headers, this one has "
              + headers.size());
    }
    int chars = 0;
    for (HttpHeader header : headers) {
      chars += header.name().length() + header.value().length();
      if (chars > HttpLimits.MAX_HEADERS_CHARS) {
        throw HttpFailure.overloaded(
            "the headers of a request may have "
                + HttpLimits.MAX_HEADERS_CHARS
                + " characters together");
      }
      check(header);
    }
    return new HttpRequestHead(
        method,
        target,
        headers.stream().filter(header -> !isDecidedByTheHost(header.name())).toList(),
        length(headers));
  }

  private static void check(HttpHeader header) throws HttpFailure {
    if (!TOKEN.matcher(header.name()).matches()) {
      throw HttpFailure.invalid("a header's name is a word such as Content-Type");
    }
    String value = header.value();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
        throw HttpFailure.invalid(
            "the value of the header "
                + header.name()
                + " holds a line break, a control character"
                + " or one that is not of Latin-1");
      }
    }
  }

  private static boolean isDecidedByTheHost(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return DECIDED_BY_THE_HOST.contains(lower) || lower.startsWith("proxy-");
  }

  private static @Nullable Long length(List<HttpHeader> headers) {
    Long length = null;
    for (HttpHeader header : headers) {
      if (header.name().equalsIgnoreCase("content-length")) {
        if (length != null || !NUMBER.matcher(header.value()).matches()) {
          return null; // the body then says itself where it ends
        }
        length = Long.valueOf(header.value());
      }
    }
    return length;
  }
}
