package dev.capsule.sidecar.http;

import dev.capsule.sidecar.policy.HostGrants;

/** What one run, with all that it calls, has of the gate. */
public final class HttpShare {
  private final Connector connector;
  private final HttpRoom room;

  HttpShare(Connector connector, HttpRoom room) {
    this.connector = connector;
    this.room = room;
  }

  /**
   * Opens what one attempt uses; to be closed with it.
   *
   * @param grants where its requests may go
   */
  public HttpSession open(HostGrants grants, HttpListener listener) {
    return new HttpSession(connector, room.ofAttempt(), grants, listener);
  }
}
