package dev.capsule.sidecar.http;

import java.security.NoSuchAlgorithmException;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * The one way from sandboxes to the network. Knows what all runs share: room, and how connections
 * are made. Safe to use from any thread.
 */
public final class HttpGate {
  private final HttpRoom room = HttpRoom.ofAll();
  private final Connector connector;

  /** A gate to the network of this machine. */
  public HttpGate() {
    this(new SystemResolver(), HttpGate::trustedBySystem);
  }

  HttpGate(Resolver resolver, Supplier<SSLContext> tls) {
    this.connector = new Connector(resolver, tls);
  }

  private static SSLContext trustedBySystem() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A share for one run and all that it calls. */
  public HttpShare share() {
    return new HttpShare(connector, room.ofRun());
  }
}
