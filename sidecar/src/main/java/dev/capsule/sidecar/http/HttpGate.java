package dev.capsule.sidecar.http;

import dev.capsule.sidecar.policy.HostGrants;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * The one way from sandboxes to the network. Knows what all sessions share: room, and how
 * connections are made. Safe to use from any thread.
 */
public final class HttpGate {
  private final Semaphore places = new Semaphore(HttpLimits.MAX_OPEN_ALTOGETHER, true);
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

  /**
   * Opens what one attempt uses; to be closed with it.
   *
   * @param grants where its requests may go
   */
  public HttpSession open(HostGrants grants, HttpListener listener) {
    return new HttpSession(connector, places, grants, listener);
  }
}
