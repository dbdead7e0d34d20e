package dev.capsule.sidecar.harness;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/** A server on the loopback interface that says whatever a test wants, HTTP or not. */
public final class RawServer implements AutoCloseable {
  /** What it does with a connection, on a thread of its own. */
  public interface Behaviour {
    /** Talks; the connection is closed afterwards. */
    void serve(Socket socket, RawServer server) throws IOException;
  }

  private final ServerSocket listening;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();

  private RawServer(ServerSocketFactory sockets, Behaviour behaviour) throws IOException {
    listening = sockets.createServerSocket(0, 512, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().start(() -> accept(behaviour));
  }

  /** Starts one. */
  public static RawServer start(Behaviour behaviour) {
    return start(ServerSocketFactory.getDefault(), behaviour);
  }

  /** Starts one that listens by a socket of another kind, such as TLS. */
  public static RawServer start(ServerSocketFactory sockets, Behaviour behaviour) {
    try {
      return new RawServer(sockets, behaviour);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One that answers every request of every connection with these bytes. */
  public static RawServer answering(String answer) {
    return start((socket, server) -> {
      while (server.readHead(socket) != null) {
        write(socket, answer);
      }
    });
  }

  /** An answer with a body. */
  public static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  /** Writes text as it is. */
  public static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  private void accept(Behaviour behaviour) {
    try {
      while (true) {
        Socket socket = listening.accept();
        var _ = connections.incrementAndGet();
        open.add(socket);
        Thread.ofVirtual()
            .start(() -> {
              try (socket) {
                behaviour.serve(socket, this);
              } catch (IOException e) {
                // the other side has gone
              } finally {
                open.remove(socket);
              }
            });
      }
    } catch (IOException e) {
      // closed
    }
  }

  /** Reads a request to the end of its head, and keeps it; null at the end of the connection. */
  public @Nullable String readHead(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int ends = 0;
    while (ends < 4) {
      int next = in.read();
      if (next < 0) {
        return null;
      }
      head.write(next);
      ends = next == "\r\n\r\n".charAt(ends) ? ends + 1 : next == '\r' ? 1 : 0;
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    requests.add(text);
    return text;
  }

  /** Reads that many bytes. */
  public static String read(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
  }

  /** Where it listens. */
  public int port() {
    return listening.getLocalPort();
  }

  /** A URL of it. */
  public String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** The heads of the requests so far. */
  public List<String> requests() {
    return requests;
  }

  /** Connections that were made so far. */
  public int connections() {
    return connections.get();
  }

  /** Connections that are open. */
  public int open() {
    return open.size();
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
