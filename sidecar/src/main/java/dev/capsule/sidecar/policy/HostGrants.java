package dev.capsule.sidecar.policy;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Decides where HTTP requests may go: first by the URL, then by the addresses that its host has.
 *
 * @param patterns each allows something; nothing is forbidden that one of them allows
 */
public record HostGrants(List<HostPattern> patterns) {
  public HostGrants {
    patterns = List.copyOf(patterns);
  }

  /** Whether a URL may be asked for at all. */
  public boolean allows(String scheme, Host host, int port) {
    for (HostPattern pattern : patterns) { // asked for each request: a stream takes longer
      if (pattern.matches(scheme, host, port)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the host may be reached at an address that it has. Public ones always. One of a private
   * network if the host is named, not by a wildcard: whoever runs its name service has no say in
   * it. One of this machine only if it is named as such, {@code localhost} or an IP address; what
   * is special, metadata services above all, only by its IP address.
   */
  public boolean allows(String scheme, Host host, int port, InetAddress address) {
    boolean named =
        patterns.stream()
            .anyMatch(pattern -> pattern.local() && pattern.matches(scheme, host, port));
    return switch (AddressKind.of(address)) {
      case PUBLIC -> allows(scheme, host, port);
      case PRIVATE -> named;
      case LOOPBACK -> named && (host.isAddress() || host.isLocalhost());
      case SPECIAL -> named && host.isAddress();
    };
  }

  /** The patterns as users write them. */
  @Override
  public String toString() {
    return patterns.stream()
        .limit(20)
        .map(pattern -> "\"" + pattern.text() + "\"")
        .collect(Collectors.joining(", ", "[", patterns.size() > 20 ? ", …]" : "]"));
  }
}
