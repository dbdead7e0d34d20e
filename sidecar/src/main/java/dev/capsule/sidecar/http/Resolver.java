package dev.capsule.sidecar.http;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/** Looks up the addresses of a name. */
interface Resolver {
  /**
   * Blocks until they are known.
   *
   * @return at least one
   * @throws IOException if there is none, or it takes too long
   */
  List<InetAddress> resolve(String name) throws IOException, InterruptedException;
}
