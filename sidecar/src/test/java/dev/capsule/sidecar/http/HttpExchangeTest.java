package dev.capsule.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.RawServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as they arrive, answers as they come back, in parts and whole. */
class HttpExchangeTest {
  @Test
  void aRequestArrivesAsItWasMeantAndTheHostDecidesItsFraming() {
    try (RawServer server = RawServer.answering(RawServer.ok("hello"));
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      HttpAnswer.Head head =
          guest.head(
              guest.begin(
                  "GET",
                  server.url("/a%20b?c=d#e"),
                  "Accept",
                  "*/*",
                  "Host",
                  "evil.test",
                  "Content-Length",
                  "99",
                  "Transfer-Encoding",
                  "chunked",
                  "Connection",
                  "upgrade",
                  "X-Latin",
                  "é"));
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.reason()).isEqualTo("OK");
      assertThat(Guest.text(head.body())).isEqualTo("hello");
      assertThat(head.stream()).isNull();
      assertThat(server.requests())
          .containsExactly(
              "GET /a%20b?c=d HTTP/1.1\r\nHost: 127.0.0.1:"
                  + server.port()
                  + "\r\nAccept: */*\r\nX-Latin: é\r\n\r\n");
      assertThat(guest.noted())
          .containsExactly(new Guest.Noted("GET", server.url("/a%20b?c=d"), 200, 5, null));
    }
  }

  /** As {@code -DsocksProxyHost} and the like would have it, which environments bring along. */
  @Test
  void noProxyIsAsked() {
    ProxySelector before = ProxySelector.getDefault();
    try (RawServer proxy = RawServer.answering(RawServer.ok("proxied"));
        RawServer server = RawServer.answering(RawServer.ok("x"));
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      ProxySelector.setDefault(
          new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
              return List.of(
                  new Proxy(
                      Proxy.Type.SOCKS,
                      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), proxy.port())));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException e) {}
          });
      assertThat(guest.get(server.url("/"))).isEqualTo("x");
      assertThat(proxy.connections()).isZero();
    } finally {
      ProxySelector.setDefault(before);
    }
  }

  @Test
  void connectionsAreKeptWithinAnAttemptOnly() {
    HttpGate gate = new HttpGate();
    try (RawServer server = RawServer.answering(RawServer.ok("x"))) {
      String grant = "127.0.0.1:" + server.port();
      try (Guest first = Guest.at(gate, grant)) {
        for (int i = 0; i < 10; i++) {
          assertThat(first.get(server.url("/"))).isEqualTo("x");
        }
        assertThat(server.connections()).isEqualTo(1);
        try (Guest second = Guest.at(gate, grant)) {
          assertThat(second.get(server.url("/"))).isEqualTo("x");
          assertThat(server.connections()).isEqualTo(2);
        }
      }
      Deadline.await("all connections to be closed", () -> server.open() == 0);
    }
  }

  @Test
  void aConnectionThatTheServerClosedIsMadeAnewForWhatMayBeRepeated() {
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              RawServer.write(socket, RawServer.ok("x"));
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      for (int i = 0; i < 5; i++) {
        assertThat(guest.get(server.url("/" + i))).isEqualTo("x");
        assertThat(guest.rest(guest.head(guest.begin("POST", server.url("/"), "", true))))
            .isEqualTo("x");
      }
      assertThat(server.requests()).hasSize(10);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, , 0",
    "POST, , 1",
    "POST, body, 1",
    "DELETE, body, 1",
    "PUT, , 1",
  })
  void aWholeBodyHasItsLength(String method, String body, int lengths) {
    AtomicReference<String> received = new AtomicReference<>("");
    String sent = body == null ? "" : body;
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              received.set(RawServer.read(socket, sent.length()));
              RawServer.write(socket, RawServer.ok(""));
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      guest.head(guest.begin(method, server.url("/"), sent, true));
      assertThat(received.get()).isEqualTo(sent);
      assertThat(server.requests().getFirst().split("Content-Length: " + sent.length(), -1))
          .hasSize(lengths + 1);
      assertThat(guest.noted().getFirst().bytes()).isEqualTo(sent.length());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBodyIsStreamed(boolean announced) {
    List<String> received = new ArrayList<>();
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              String wanted =
                  announced ? "onetwothree" : "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n";
              received.add(RawServer.read(socket, wanted.length()));
              RawServer.write(socket, RawServer.ok("thanks"));
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      String[] headers = announced ? new String[] {"Content-Length", "11"} : new String[0];
      long stream = guest.opened(guest.begin("POST", server.url("/"), "one", false, headers));
      assertThat(guest.answer(guest.send(stream, "two", false)))
          .isInstanceOf(HttpAnswer.Done.class);
      HttpAnswer.Head head = guest.head(guest.send(stream, "three", true));
      assertThat(Guest.text(head.body())).isEqualTo("thanks");
      assertThat(received)
          .containsExactly(
              announced ? "onetwothree" : "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n");
      assertThat(server.requests().getFirst())
          .contains(announced ? "Content-Length: 11" : "Transfer-Encoding: chunked")
          .doesNotContain(announced ? "Transfer-Encoding" : "Content-Length");
    }
  }

  @Test
  void answersOfAllFramingsComeWhole() {
    String body = "0123456789".repeat(100_000);
    String chunk = Integer.toHexString(body.length()) + "\r\n" + body + "\r\n";
    for (String answer :
        new String[] {
          RawServer.ok(body),
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              + chunk
              + "0\r\nTrail: er\r\n\r\n",
          "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body,
          "HTTP/1.0 200 OK\r\n\r\n" + body,
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
              + RawServer.ok(body),
        }) {
      try (RawServer server =
              RawServer.start((socket, self) -> {
                self.readHead(socket);
                RawServer.write(socket, answer);
              });
          Guest guest = Guest.with("127.0.0.1:" + server.port())) {
        assertThat(guest.get(server.url("/"))).isEqualTo(body);
        Guest.Noted noted = guest.noted().getFirst();
        assertThat(noted.error()).isNull();
        assertThat(noted.bytes()).isEqualTo(body.length());
      }
    }
  }

  @Test
  void whatHasNoBodyHasNone() {
    try (RawServer server =
            RawServer.start((socket, self) -> {
              String head;
              while ((head = self.readHead(socket)) != null) {
                RawServer.write(
                    socket,
                    head.startsWith("HEAD")
                        ? "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"
                        : "HTTP/1.1 304 Not Modified\r\n\r\n");
              }
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      HttpAnswer.Head head = guest.head(guest.begin("HEAD", server.url("/")));
      assertThat(head.stream()).isNull();
      assertThat(head.headers()).contains(new HttpHeader("Content-Length", "999999999999"));
      assertThat(guest.head(guest.begin("GET", server.url("/"))).stream()).isNull();
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void redirectsAndCookiesAndEncodingsAreLeftToTheGuest() {
    try (RawServer target = RawServer.answering(RawServer.ok("secret"));
        RawServer server =
            RawServer.answering(
                "HTTP/1.1 302 Found\r\nLocation: "
                    + target.url("/")
                    + "\r\nSet-Cookie: a=b\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz");
        Guest guest = Guest.with("127.0.0.1:" + server.port(), "127.0.0.1:" + target.port())) {
      HttpAnswer.Head head = guest.head(guest.begin("GET", server.url("/")));
      assertThat(head.status()).isEqualTo(302);
      assertThat(head.headers())
          .contains(
              new HttpHeader("Location", target.url("/")), new HttpHeader("Set-Cookie", "a=b"));
      assertThat(Guest.text(head.body())).isEqualTo("xyz");
      guest.get(server.url("/again"));
      assertThat(server.requests().getLast()).doesNotContain("Cookie");
      assertThat(target.connections()).isZero();
    }
  }

  @Test
  void aBodyComesAsItIsSentAndNotWhenItIsComplete() {
    AtomicReference<Socket> connection = new AtomicReference<>();
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              RawServer.write(
                  socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nevent\r\n");
              connection.set(socket);
              self.readHead(socket);
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      HttpAnswer.Head head = guest.head(guest.begin("GET", server.url("/")));
      assertThat(Guest.text(head.body())).isEqualTo("event");
      Long stream = Objects.requireNonNull(head.stream());
      long more = guest.read(stream);
      assertThat(guest.failure(guest.read(stream)).kind()).isEqualTo(HttpFailure.Kind.INVALID);
      assertThat(guest.isAnswered(more)).isFalse();
      RawServer.write(Objects.requireNonNull(connection.get()), "4\r\nmore\r\n0\r\n\r\n");
      assertThat(guest.answer(more)).isInstanceOf(HttpAnswer.More.class);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** As the thread of a guest does when its task's time is over. */
  @Test
  void aRequestEndsWithItsThreadAtAnyPoint() throws InterruptedException {
    for (String sent : List.of("", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")) {
      try (RawServer server =
              RawServer.start((socket, self) -> {
                self.readHead(socket);
                RawServer.write(socket, sent);
                self.readHead(socket);
              });
          Guest guest = Guest.with("127.0.0.1:" + server.port())) {
        Thread thread =
            Thread.ofPlatform()
                .start(() -> {
                  long id = guest.beginHere("GET", server.url("/"));
                  // it may have been interrupted before the head came
                  if (!sent.isEmpty() && guest.answer(id) instanceof HttpAnswer.Head head) {
                    guest.readHere(Objects.requireNonNull(head.stream()));
                  }
                });
        Deadline.await("the request", () -> server.connections() == 1);
        thread.interrupt();
        assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        assertThat(guest.noted())
            .extracting(Guest.Noted::error)
            .containsExactly("the task ended before it did");
      }
    }
  }

  @Test
  void bytesBecomeTheShorterText() {
    byte[] binary = new byte[100_000];
    new Random(1).nextBytes(binary);
    HttpPart.Text text = new HttpPart(binary, binary.length).text();
    assertThat(text.encoding()).isEqualTo("base64");
    assertThat(Base64.getDecoder().decode(text.chars())).isEqualTo(binary);
    byte[] page = "<p>Käse</p>\0\r\n".repeat(9_999).getBytes(StandardCharsets.UTF_8);
    text = new HttpPart(page, page.length - 1).text();
    assertThat(text.encoding()).isEqualTo("latin1");
    assertThat(text.chars().getBytes(StandardCharsets.ISO_8859_1))
        .isEqualTo(Arrays.copyOf(page, page.length - 1));
    assertThat(HttpPart.EMPTY.text().chars()).isEmpty();
  }
}
