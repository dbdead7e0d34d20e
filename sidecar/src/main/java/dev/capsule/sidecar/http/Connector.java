package dev.capsule.sidecar.http;

import dev.capsule.sidecar.policy.AddressKind;
import dev.capsule.sidecar.policy.Host;
import dev.capsule.sidecar.policy.HostGrants;
import dev.capsule.sidecar.policy.HostPattern;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections: to addresses that were looked up once, checked, and are then connected to as
 * they were checked. No proxy is asked, whatever the environment says.
 */
final class Connector {
  /** Whoever must be able to end a connection while it is made. */
  interface Owner {
    /** Takes a socket that is about to connect; throws if it is not wanted any more. */
    void owns(Socket wire) throws HttpFailure;
  }

  private final Resolver resolver;
  private final Supplier<SSLContext> tls;

  Connector(Resolver resolver, Supplier<SSLContext> tls) {
    this.resolver = resolver;
    this.tls = tls;
  }

  HttpConnection connect(HttpTarget target, HostGrants grants, Owner owner)
      throws HttpFailure, IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HttpLimits.CONNECT_MS);
    List<InetAddress> addresses = allowed(target, grants);
    IOException failure = null;
    for (int i = 0; i < addresses.size(); i++) {
      long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (leftMs <= 0) {
        break;
      }
      // one that does not answer must leave time for the next
      int shareMs = (int) Math.max(1, leftMs / (addresses.size() - i));
      // of a channel, whose reads and writes an interrupt ends on any thread
      Socket wire = SocketChannel.open().socket();
      try {
        owner.owns(wire);
        wire.setTcpNoDelay(true);
        wire.connect(new InetSocketAddress(addresses.get(i), target.port()), shareMs);
        return new HttpConnection(secured(wire, target, end), wire, target.origin());
      } catch (IOException e) {
        HttpConnection.abort(wire);
        failure = e;
      } catch (HttpFailure | RuntimeException e) {
        HttpConnection.abort(wire);
        throw e;
      }
    }
    throw failure == null ? new SocketTimeoutException("it could not be reached in time") : failure;
  }

  private List<InetAddress> allowed(HttpTarget target, HostGrants grants)
      throws HttpFailure, IOException, InterruptedException {
    Host host = target.host();
    InetAddress literal = host.address();
    List<InetAddress> addresses =
        literal == null ? resolver.resolve(host.name()) : List.of(literal);
    List<InetAddress> allowed =
        addresses.stream()
            .filter(address -> grants.allows(target.scheme(), host, target.port(), address))
            .toList();
    if (allowed.isEmpty()) {
      throw notForTasks(target, AddressKind.of(addresses.getFirst()));
    }
    return allowed;
  }

  private static HttpFailure notForTasks(HttpTarget target, AddressKind kind) {
    Host host = target.host();
    boolean nameable =
        host.isAddress()
            || kind == AddressKind.PRIVATE
            || (kind == AddressKind.LOOPBACK && host.isLocalhost());
    String what =
        nameable
            ? "which no wildcard grants; to grant it, name it: allowed_hosts=[\""
                + name(target)
                + "\"], and in the ceiling if there is one"
            : kind == AddressKind.LOOPBACK
                ? "which is granted only as \"localhost\" or as the address itself; use that in the"
                    + " URL and in allowed_hosts"
                : "which is granted only as the address itself, in the URL and in allowed_hosts";
    return new HttpFailure(
        HttpFailure.Kind.DENIED,
        target.origin() + (host.isAddress() ? " is " : " has ") + kind.text() + ", " + what);
  }

  /** The entry of {@code allowed_hosts} that would grant it. */
  static String name(HttpTarget target) {
    return target.port() == HostPattern.defaultPort(target.scheme())
        ? target.host().text()
        : target.host().text() + ":" + target.port();
  }

  /** The same connection, over TLS if that is asked for; the certificate is always verified. */
  private Socket secured(Socket wire, HttpTarget target, long end) throws IOException {
    if (!target.isTls()) {
      return wire;
    }
    SSLSocket socket =
        (SSLSocket)
            tls.get()
                .getSocketFactory()
                .createSocket(wire, target.host().name(), target.port(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    socket.setSSLParameters(parameters);
    long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    wire.setSoTimeout((int) Math.max(1, leftMs));
    socket.startHandshake();
    wire.setSoTimeout(0);
    return socket;
  }

  /** Why a request is not carried out; null if it may be. */
  static @Nullable HttpFailure refusal(HttpTarget target, HostGrants grants) {
    if (grants.allows(target.scheme(), target.host(), target.port())) {
      return null;
    }
    return new HttpFailure(
        HttpFailure.Kind.DENIED,
        target.origin()
            + " is not granted to the task"
            + (grants.patterns().isEmpty()
                ? "; to grant it, write allowed_hosts=[\"" + name(target) + "\"]"
                : ", which has allowed_hosts="
                    + grants
                    + "; to grant it, add \""
                    + name(target)
                    + "\""));
  }
}
