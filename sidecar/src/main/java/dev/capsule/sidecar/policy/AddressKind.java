package dev.capsule.sidecar.policy;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * Whose an IP address is. Addresses that carry an IPv4 address (IPv4-mapped and -compatible, NAT64,
 * 6to4, ISATAP) are of the kind of what they carry, because something on the way may unpack it.
 */
public enum AddressKind {
  /** Anybody's. */
  PUBLIC("a public address"),

  /** Of a private network: RFC 1918, unique local IPv6, carriers' shared space. */
  PRIVATE("an address of a private network"),

  /** This machine's own. */
  LOOPBACK("an address of this machine"),

  /**
   * Of this link or of no one machine: link-local addresses, where clouds keep the metadata and
   * credentials of a machine, multicast, unspecified and reserved ones.
   */
  SPECIAL("a link-local, metadata, multicast or reserved address");

  private final String text;

  AddressKind(String text) {
    this.text = text;
  }

  /** Whose it is, in words. */
  public String text() {
    return text;
  }

  /** Whose the address is. */
  public static AddressKind of(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 4 ? ofIpv4(bytes, 0) : ofIpv6(bytes);
  }

  private static AddressKind ofIpv4(byte[] bytes, int at) {
    int a = bytes[at] & 0xff;
    int b = bytes[at + 1] & 0xff;
    int c = bytes[at + 2] & 0xff;
    int d = bytes[at + 3] & 0xff;
    return switch (a) {
      case 0 -> SPECIAL;
      case 10 -> PRIVATE;
      case 100 -> b == 100 && c == 100 && d == 200 ? SPECIAL : b >> 6 == 1 ? PRIVATE : PUBLIC;
      case 127 -> LOOPBACK;
      case 168 -> b == 63 && c == 129 && d == 16 ? SPECIAL : PUBLIC; // Azure's host
      case 169 -> b == 254 ? SPECIAL : PUBLIC;
      case 172 -> b >> 4 == 1 ? PRIVATE : PUBLIC;
      case 192 ->
          b == 168
              ? PRIVATE
              : (b == 0 && (c == 0 || c == 2)) || (b == 88 && c == 99) ? SPECIAL : PUBLIC;
      case 198 -> b >> 1 == 9 || (b == 51 && c == 100) ? SPECIAL : PUBLIC;
      case 203 -> b == 0 && c == 113 ? SPECIAL : PUBLIC;
      default -> a >= 224 ? SPECIAL : PUBLIC;
    };
  }

  private static AddressKind ofIpv6(byte[] bytes) {
    int first = word(bytes, 0);
    int second = word(bytes, 1);
    if (isZero(bytes, 0, 12)) { // ::, ::1 and IPv4-compatible addresses
      return isZero(bytes, 12, 15) && bytes[15] == 1 ? LOOPBACK : ofIpv4(bytes, 12);
    }
    boolean mapped = isZero(bytes, 0, 10) && word(bytes, 5) == 0xffff;
    boolean translated = isZero(bytes, 0, 8) && word(bytes, 4) == 0xffff && word(bytes, 5) == 0;
    boolean nat64 = first == 0x64 && second == 0xff9b && isZero(bytes, 4, 12);
    if (mapped || translated || nat64) {
      return ofIpv4(bytes, 12);
    }
    if (first == 0x2002) {
      return ofIpv4(bytes, 2);
    }
    if (first >> 9 == 0xfc >> 1) {
      boolean amazon =
          first == 0xfd00 && second == 0xec2 && isZero(bytes, 4, 14) && word(bytes, 7) == 0x254;
      boolean google = first == 0xfd20 && second == 0xce && isZero(bytes, 4, 14);
      return amazon || google ? SPECIAL : PRIVATE;
    }
    boolean global =
        first >> 13 == 1
            && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
            && !(first == 0x3fff && second < 0x1000);
    if (!global) {
      return SPECIAL;
    }
    boolean isatap = (word(bytes, 4) & 0xfdff) == 0 && word(bytes, 5) == 0x5efe;
    return isatap ? ofIpv4(bytes, 12) : PUBLIC;
  }

  private static int word(byte[] bytes, int index) {
    return ((bytes[2 * index] & 0xff) << 8) | (bytes[2 * index + 1] & 0xff);
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    return Arrays.equals(bytes, from, to, new byte[to - from], 0, to - from);
  }
}
