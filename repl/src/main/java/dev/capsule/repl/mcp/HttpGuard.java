package dev.capsule.repl.mcp;

import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Set;

/**
 * Who may ask by HTTP at all: those who know the token, and no web page. A page of another site can
 * make a browser send requests to this machine, and by a name that it has pointed here even read
 * the answers; such requests name another host, or where they come from.
 */
final class HttpGuard {
  private static final String SCHEME = "Bearer ";

  private final byte[] token;
  private final Set<String> hosts;
  private final Set<String> origins;

  HttpGuard(String token, int port) {
    this.token = token.getBytes(StandardCharsets.UTF_8);
    this.hosts = Set.of("127.0.0.1:" + port, "localhost:" + port);
    this.origins = Set.of("http://127.0.0.1:" + port, "http://localhost:" + port);
  }

  void check(HttpExchange exchange) throws Http.Refused {
    List<String> host = exchange.getRequestHeaders().getOrDefault("Host", List.of());
    if (host.size() != 1 || !hosts.contains(host.getFirst())) {
      throw new Http.Refused(Http.FORBIDDEN, "this host is not served");
    }
    if (!origins.containsAll(exchange.getRequestHeaders().getOrDefault("Origin", List.of()))) {
      throw new Http.Refused(Http.FORBIDDEN, "pages of other sites may not ask");
    }
    List<String> given = exchange.getRequestHeaders().getOrDefault("Authorization", List.of());
    if (given.size() != 1 || !isToken(given.getFirst())) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      throw new Http.Refused(Http.UNAUTHORIZED, "the token is needed: Authorization: Bearer TOKEN");
    }
  }

  private boolean isToken(String given) {
    return given.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && MessageDigest.isEqual(
            given.substring(SCHEME.length()).getBytes(StandardCharsets.UTF_8), token);
  }
}
