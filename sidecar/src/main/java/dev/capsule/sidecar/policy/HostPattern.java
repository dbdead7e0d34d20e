package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a task may send HTTP requests: an entry of {@code allowed_hosts}, {@code
 * [SCHEME://]HOST[:PORT]} or {@code *}. Without a port it means the ports that the schemes have by
 * default; {@code *} alone means every port.
 *
 * @param text as it was written
 * @param scheme {@code "http"} or {@code "https"}; null: both
 * @param form which hosts
 * @param host the host, or the one whose subdomains are meant; null for any
 * @param port {@link #DEFAULT_PORTS}, {@link #ANY_PORT} or a number
 * @param local whether the host may have an address of its own network: it is named, and nobody who
 *     narrowed the grant took that back
 */
public record HostPattern(
    String text, @Nullable String scheme, Form form, @Nullable Host host, int port, boolean local) {

  /** The ports that the schemes have by default: 80 and 443. */
  public static final int DEFAULT_PORTS = 0;

  /** All ports. */
  public static final int ANY_PORT = -1;

  private static final String FORMS =
      "must be a host, as in \"api.example.com\", \"*.example.com\", \"localhost:8080\","
          + " \"https://api.example.com\" or \"[::1]:8080\", or \"*\" for every public one";
  private static final List<String> SCHEMES = List.of("http", "https");

  /** Which hosts are meant. */
  public enum Form {
    /** All, {@code *}. */
    ANY,
    /** Those below a name, at any depth, {@code *.example.com}. */
    BELOW,
    /** One. */
    EXACT
  }

  /**
   * Reads an entry.
   *
   * @param field where it stands, {@code "allowed_hosts[0]"}
   */
  public static HostPattern parse(String field, JsonElement value) throws OptionException {
    if (!(value instanceof JsonPrimitive primitive) || !primitive.isString()) {
      throw new OptionException(field, value.toString(), FORMS);
    }
    try {
      return parse(primitive.getAsString());
    } catch (IllegalArgumentException e) {
      throw new OptionException(field, value.toString(), String.valueOf(e.getMessage()));
    }
  }

  private static HostPattern parse(String text) {
    if (text.isEmpty() || text.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new IllegalArgumentException(FORMS + "; without spaces");
    }
    if (text.equals("*")) {
      return new HostPattern(text, null, Form.ANY, null, ANY_PORT, false);
    }
    String rest = text;
    String scheme = null;
    int slashes = text.indexOf("://");
    if (slashes >= 0) {
      scheme = text.substring(0, slashes).toLowerCase(Locale.ROOT);
      if (!SCHEMES.contains(scheme)) {
        throw new IllegalArgumentException("must have the scheme http or https, or none");
      }
      rest = text.substring(slashes + 3);
    }
    if (rest.indexOf('@') >= 0) {
      throw new IllegalArgumentException("must be a host without a user or password");
    }
    if (rest.chars().anyMatch(c -> "/?#\\".indexOf(c) >= 0)) {
      throw new IllegalArgumentException(
          "must be a host without a path: whole hosts are granted; write \""
              + text.substring(0, text.length() - rest.length())
              + rest.split("[/?#\\\\]", 2)[0]
              + "\"");
    }
    int port = DEFAULT_PORTS;
    int colon = rest.lastIndexOf(':');
    if (colon >= 0 && rest.indexOf(']', colon) < 0) {
      if (rest.indexOf(':') < colon && !rest.startsWith("[")) {
        throw new IllegalArgumentException("must have an IPv6 address in brackets: \"[::1]\"");
      }
      port = port(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    if (rest.equals("*")) {
      return new HostPattern(text, scheme, Form.ANY, null, port, false);
    }
    boolean below = rest.startsWith("*.");
    String name = below ? rest.substring(2) : rest;
    if (name.indexOf('*') >= 0) {
      throw new IllegalArgumentException(
          "may have * only for all hosts, \"*\", or for all below a name, \"*.example.com\"");
    }
    Host host = Host.parse(name);
    if (below && host.isAddress()) {
      throw new IllegalArgumentException("must have a name after \"*.\", not an address");
    }
    return new HostPattern(text, scheme, below ? Form.BELOW : Form.EXACT, host, port, !below);
  }

  /**
   * Reads a port.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static int port(String text) {
    if (text.length() <= 5 && !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    }
    throw new IllegalArgumentException("must have a port from 1 to 65535");
  }

  /** The port of a URL that names none. */
  public static int defaultPort(String scheme) {
    return scheme.equals("https") ? 443 : 80;
  }

  /** Whether it allows requests of this scheme to this port of this host. */
  public boolean matches(String urlScheme, Host urlHost, int urlPort) {
    return coversPort(urlScheme, urlPort) && coversHost(urlHost);
  }

  private boolean coversPort(String otherScheme, int otherPort) {
    if (scheme != null && !scheme.equals(otherScheme)) {
      return false;
    }
    return switch (port) {
      case ANY_PORT -> true;
      case DEFAULT_PORTS -> otherPort == defaultPort(otherScheme);
      default -> otherPort == port;
    };
  }

  private boolean coversHost(Host other) {
    return switch (form) {
      case ANY -> true;
      case BELOW -> host != null && !other.isAddress() && other.name().endsWith("." + host.name());
      case EXACT -> host != null && other.name().equals(host.name());
    };
  }

  /**
   * Whether all that another pattern allows is also allowed by this one: what a ceiling asks. A
   * wildcard does not cover what names this machine or another address that is not public.
   */
  public boolean covers(HostPattern other) {
    for (String each : other.scheme == null ? SCHEMES : List.of(other.scheme)) {
      int otherPort = other.port == DEFAULT_PORTS ? defaultPort(each) : other.port;
      if (!coversPort(each, otherPort)) { // that any port is covered by any port only
        return false;
      }
    }
    Host theirs = other.host;
    return switch (form) {
      case ANY -> theirs == null || !other.namesLocal();
      case BELOW ->
          theirs != null
              && !other.namesLocal()
              && (coversHost(theirs) || (other.form == Form.BELOW && theirs.equals(host)));
      case EXACT -> other.form == Form.EXACT && theirs != null && coversHost(theirs);
    };
  }

  private boolean namesLocal() {
    return form == Form.EXACT
        && host != null
        && (host.isLocalhost()
            || (host.address() != null && AddressKind.of(host.address()) != AddressKind.PUBLIC));
  }

  /**
   * This grant as far as a ceiling allows it; null if the ceiling does not cover it. A ceiling of
   * {@code *.example.com} covers {@code db.example.com}, but does not say that this may lead into a
   * private network: for that the ceiling itself must name it.
   */
  public @Nullable HostPattern within(List<HostPattern> ceiling) {
    HostPattern narrowed = null;
    for (HostPattern limit : ceiling) {
      if (limit.covers(this)) {
        if (limit.local || !local) {
          return this;
        }
        narrowed = new HostPattern(text, scheme, form, host, port, false);
      }
    }
    return narrowed;
  }

  @Override
  public String toString() {
    return text;
  }
}
