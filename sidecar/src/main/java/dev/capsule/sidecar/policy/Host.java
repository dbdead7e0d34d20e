package dev.capsule.sidecar.policy;

import java.net.IDN;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A host in its one canonical form, so that patterns and URLs can be compared as text: names in
 * lower-case ASCII without the trailing dot, IP addresses in the notation of {@link InetAddress}.
 *
 * @param name the name, or the address without brackets
 * @param address what an IP literal stands for; null for a name
 */
public record Host(String name, @Nullable InetAddress address) {
  private static final int MAX_NAME = 253;

  /** Underscores are not of host names, but names of containers and services have them. */
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");

  /** A name whose last label is a number is an IPv4 address or nothing, as in the URL standard. */
  private static final Pattern ENDS_IN_NUMBER =
      Pattern.compile("(.*\\.)?([0-9]+|0[xX][0-9a-fA-F]*)");

  /** What IDNA 2003 maps to other names than IDNA 2008 does. */
  private static final String AMBIGUOUS = "\u00df\u03c2\u200c\u200d";

  /**
   * Reads a host as URLs write it. An IPv4 address may be in any notation that resolvers take (
   * {@code 127.1}, {@code 0x7f000001}, {@code 2130706433}); it becomes the same host.
   *
   * @throws IllegalArgumentException whose message says what a host must or must not be
   */
  public static Host parse(String text) {
    if (text.startsWith("[")) {
      return bracketed(text);
    }
    if (text.isEmpty() || text.length() > MAX_NAME + 1) {
      throw new IllegalArgumentException("must be a host of 1 to " + MAX_NAME + " characters");
    }
    if (text.indexOf('%') >= 0) {
      throw new IllegalArgumentException("must be a host without '%'");
    }
    String name = ascii(text);
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    if (ENDS_IN_NUMBER.matcher(name).matches()) {
      try {
        return of(Inet4Address.ofPosixLiteral(name));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "must be a host name, or an IPv4 address such as 127.0.0.1");
      }
    }
    for (String label : name.split("\\.", -1)) {
      if (!LABEL.matcher(label).matches()) {
        throw new IllegalArgumentException(
            "must be a host name: letters, digits and '-', in parts of 1 to 63 joined by '.'");
      }
    }
    if (name.length() > MAX_NAME) {
      throw new IllegalArgumentException("must be a host of at most " + MAX_NAME + " characters");
    }
    return new Host(name, null);
  }

  private static String ascii(String text) {
    if (text.chars().allMatch(c -> c < 0x80)) {
      return text.toLowerCase(Locale.ROOT);
    }
    if (text.chars().anyMatch(c -> AMBIGUOUS.indexOf(c) >= 0)) {
      throw new IllegalArgumentException(
          "holds a character that clients read in different ways; write the name in its ASCII form"
              + " (xn--…)");
    }
    try {
      return IDN.toASCII(text, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "is no international host name; write it in its ASCII form (xn--…)");
    }
  }

  private static Host bracketed(String text) {
    String inner = text.endsWith("]") ? text.substring(1, text.length() - 1) : "";
    if (inner.indexOf('%') >= 0) {
      throw new IllegalArgumentException("must be an IPv6 address without a zone (%)");
    }
    if (inner.indexOf(':') >= 0 && inner.length() <= 45) {
      try {
        return of(InetAddress.ofLiteral(inner));
      } catch (IllegalArgumentException e) {
        // told below
      }
    }
    throw new IllegalArgumentException("must be an IPv6 address in brackets, such as [::1]");
  }

  private static Host of(InetAddress address) {
    return new Host(address.getHostAddress(), address);
  }

  /** Whether it is an IP address rather than a name. */
  public boolean isAddress() {
    return address != null;
  }

  /** Whether it is the name that every system has for itself (RFC 6761). */
  public boolean isLocalhost() {
    return name.equals("localhost") || name.endsWith(".localhost");
  }

  /** As a URL writes it: IPv6 addresses in brackets. */
  public String text() {
    return name.indexOf(':') >= 0 ? "[" + name + "]" : name;
  }
}
