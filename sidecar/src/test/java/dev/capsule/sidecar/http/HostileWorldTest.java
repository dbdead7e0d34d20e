package dev.capsule.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.RawServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers and name services that mean harm, and guests that use them. */
class HostileWorldTest {
  @Test
  void aNameThatLeadsInsideIsNotConnectedTo() {
    try (RawServer inside = RawServer.answering(RawServer.ok("secret"))) {
      String port = ":" + inside.port();
      for (String address : List.of("127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::")) {
        HttpGate gate = Guest.resolving(name -> List.of(Guest.address(address)));
        for (String grant : List.of("api.example.com" + port, "*.example.com" + port, "*")) {
          try (Guest guest = Guest.at(gate, grant)) {
            HttpFailure failure = guest.refused("GET", "http://api.example.com" + port + "/");
            assertThat(failure.kind()).isEqualTo(HttpFailure.Kind.DENIED);
            assertThat(failure.text()).contains("api.example.com").contains("allowed_hosts");
            assertThat(guest.noted().getFirst().error()).isEqualTo(failure.text());
          }
        }
      }
      assertThat(inside.connections()).isZero();
    }
  }

  /** Rebinding: the second answer of the name service is another one. Nobody asks for it. */
  @Test
  void aNameIsLookedUpOnceAndWhatWasCheckedIsConnectedTo() {
    AtomicInteger lookUps = new AtomicInteger();
    HttpGate gate =
        Guest.resolving(name ->
            List.of(Guest.address(lookUps.getAndIncrement() == 0 ? "127.0.0.1" : "192.0.2.1")));
    try (RawServer server = RawServer.answering(RawServer.ok("x"));
        Guest guest = Guest.at(gate, "a.localhost:" + server.port())) {
      String url = "http://a.localhost:" + server.port() + "/";
      assertThat(guest.get(url)).isEqualTo("x");
      assertThat(guest.get(url)).isEqualTo("x");
      assertThat(lookUps.get()).isEqualTo(1);
      assertThat(server.requests().getFirst()).contains("Host: a.localhost:" + server.port());
    }
  }

  @Test
  void ofSeveralAddressesOnlyThoseThatAreAllowedAreTried() {
    try (RawServer inside = RawServer.answering(RawServer.ok("secret"));
        Guest guest =
            Guest.at(
                Guest.resolving(
                    name -> List.of(Guest.address("169.254.169.254"), Guest.address("127.0.0.1"))),
                "localhost:" + inside.port())) {
      assertThat(guest.get("http://localhost:" + inside.port() + "/")).isEqualTo("secret");
    }
    AtomicInteger lookUps = new AtomicInteger();
    HttpGate mixed =
        Guest.resolving(name -> {
          lookUps.incrementAndGet();
          return List.of(Guest.address("10.255.255.1"), Guest.address("127.0.0.1"));
        });
    try (Guest guest = Guest.at(mixed, "*")) {
      assertThat(guest.refused("GET", "http://evil.example.com/").kind())
          .isEqualTo(HttpFailure.Kind.DENIED);
      assertThat(lookUps.get()).isEqualTo(1);
    }
  }

  /** What is not granted is not even looked up: names can carry data out. */
  @Test
  void aNameThatIsNotGrantedIsNotLookedUp() {
    AtomicInteger lookUps = new AtomicInteger();
    HttpGate gate =
        Guest.resolving(name -> {
          lookUps.incrementAndGet();
          return List.of(Guest.address("127.0.0.1"));
        });
    try (Guest guest = Guest.at(gate, "localhost:8080", "*.example.com")) {
      for (String url :
          List.of(
              "http://secret.evil.test/",
              "http://example.com/",
              "http://localhost:8081/",
              "http://localhost/",
              "https://localhost.evil.test:8080/",
              "http://127.0.0.1:8080/")) {
        HttpFailure failure = guest.refused("GET", url);
        assertThat(failure.kind()).isEqualTo(HttpFailure.Kind.DENIED);
        assertThat(failure.text()).contains("allowed_hosts=[\"localhost:8080\"");
      }
      assertThat(lookUps.get()).isZero();
      assertThat(guest.noted()).hasSize(6).allMatch(noted -> noted.status() == null);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not http at all\r\n\r\n",
        "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\nContent-Len",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: y",
        "HTTP/1.1 200 OK\r\nX: y",
        "HTTP/1.1 204 No Content\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabX\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nab\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nab\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\r\n\r\n",
      })
  void aBrokenAnswerIsAConnectionError(String answer) {
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              RawServer.write(socket, answer);
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      HttpFailure failure = wholeOrFailure(guest, server.url("/"));
      assertThat(failure.kind()).isEqualTo(HttpFailure.Kind.CONNECTION);
      assertThat(failure.text())
          .startsWith("http://127.0.0.1:" + server.port() + ": ")
          .doesNotContain("Exception");
      assertThat(guest.noted()).hasSize(1);
      assertThat(guest.noted().getFirst().error()).isEqualTo(failure.text());
    }
  }

  private static HttpFailure wholeOrFailure(Guest guest, String url) {
    HttpAnswer answer = guest.answer(guest.begin("GET", url));
    while (true) {
      if (answer instanceof HttpAnswer.Failed(HttpFailure why)) {
        return why;
      }
      Long stream =
          switch (answer) {
            case HttpAnswer.Head head -> head.stream();
            case HttpAnswer.More more -> more.stream();
            default -> throw new AssertionError(answer);
          };
      if (stream == null) {
        throw new AssertionError("it was taken for whole: " + answer);
      }
      answer = guest.answer(guest.read(stream));
    }
  }

  @Test
  void headersWithoutEndAreCutOff() {
    for (String more :
        List.of("X: y\r\n", "X: " + "y".repeat(10_000) + "\r\n", "y", " folded\r\n")) {
      try (RawServer server =
              RawServer.start((socket, self) -> {
                self.readHead(socket);
                RawServer.write(socket, "HTTP/1.1 200 OK\r\nX: y");
                while (true) {
                  RawServer.write(socket, more);
                }
              });
          Guest guest = Guest.with("127.0.0.1:" + server.port())) {
        HttpFailure failure = guest.refused("GET", server.url("/"));
        assertThat(failure.kind()).isEqualTo(HttpFailure.Kind.CONNECTION);
        assertThat(failure.text()).contains("headers of the answer are too long");
      }
    }
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              while (true) {
                RawServer.write(socket, "HTTP/1.1 100 Continue\r\n\r\n");
              }
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      assertThat(guest.refused("GET", server.url("/")).text()).contains("no final answer");
    }
  }

  /** Each line is short, and there are not too many of them: together they are too much. */
  @Test
  void theHeadersOfAnAnswerAreBoundedTogether() {
    String header = "X: " + "y".repeat(2_000) + "\r\n";
    try (RawServer server =
            RawServer.answering(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + header.repeat(100) + "\r\n");
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      assertThat(guest.refused("GET", server.url("/")).text())
          .contains("headers of the answer are too long");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 300000000", "Transfer-Encoding: chunked", "X: y"})
  void aBodyWithoutEndIsCutOff(String framing) {
    String mib = "0".repeat(1 << 20);
    String piece = framing.startsWith("Transfer") ? "100000\r\n" + mib + "\r\n" : mib;
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              RawServer.write(socket, "HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n");
              while (true) {
                RawServer.write(socket, piece);
              }
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      HttpFailure failure = wholeOrFailure(guest, server.url("/"));
      assertThat(failure.kind()).isEqualTo(HttpFailure.Kind.OVERLOADED);
      assertThat(failure.text()).contains("256000000");
      Deadline.await("the connection to be closed", () -> server.open() == 0);
    }
  }

  @Test
  void nobodyListening() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = closed.getLocalPort();
    }
    try (Guest guest = Guest.with("127.0.0.1:" + port, "no-such-host.invalid")) {
      HttpFailure refused = guest.refused("GET", "http://127.0.0.1:" + port + "/");
      assertThat(refused.kind()).isEqualTo(HttpFailure.Kind.CONNECTION);
      assertThat(refused.text()).contains("refused");
    }
    Guest unknown =
        Guest.at(
            Guest.resolving(name -> {
              throw new UnknownHostException(name);
            }),
            "no-such-host.invalid");
    assertThat(unknown.refused("GET", "http://no-such-host.invalid/").text())
        .contains("no host of this name");
  }

  /** One that never sends anything holds a request, until the guest or the attempt ends it. */
  @Test
  void whateverIsGoingOnIsCutAtOnce() {
    List<RawServer.Behaviour> slow =
        List.of(
            (socket, self) -> self.readHead(socket),
            (socket, self) -> {
              self.readHead(socket);
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nX: ");
              self.readHead(socket);
            },
            (socket, self) -> {
              self.readHead(socket);
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na");
              self.readHead(socket);
            });
    for (RawServer.Behaviour behaviour : slow) {
      RawServer.Behaviour stuck =
          (socket, self) -> {
            behaviour.serve(socket, self);
            self.readHead(socket);
          };
      for (boolean byGuest : new boolean[] {true, false}) {
        try (RawServer server = RawServer.start(stuck);
            Guest guest = Guest.with("127.0.0.1:" + server.port())) {
          long id = guest.begin("GET", server.url("/"));
          Deadline.await("a request", () -> !server.requests().isEmpty());
          Deadline.await(
              "the request to be going on", () -> !guest.noted().isEmpty() || server.open() == 1);
          if (byGuest) {
            guest.session().cancel(id);
            HttpAnswer answer = guest.answer(id);
            if (answer instanceof HttpAnswer.Head head) { // its head had come before
              guest.drop(Objects.requireNonNull(head.stream()));
            } else {
              assertThat(guest.failure(id).kind()).isEqualTo(HttpFailure.Kind.CANCELLED);
            }
          } else {
            guest.session().close();
          }
          assertThat(guest.noted()).hasSize(1); // at once, not when the thread gets round to it
          assertThat(guest.noted().getFirst().error()).isNotNull();
          Deadline.await("the connection to be closed", () -> server.open() == 0);
        }
      }
    }
  }

  @Test
  void aLookUpThatHangsIsLeftBehind() {
    HttpGate gate =
        Guest.resolving(name -> {
          TimeUnit.HOURS.sleep(1);
          return List.of();
        });
    try (Guest guest = Guest.at(gate, "localhost")) {
      long id = guest.begin("GET", "http://localhost/");
      guest.session().cancel(id);
      assertThat(guest.failure(id).kind()).isEqualTo(HttpFailure.Kind.CANCELLED);
    }
  }

  @Test
  void requestsAreCounted() {
    try (Guest guest = Guest.with("127.0.0.1:1")) {
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 1_001; i++) {
        ids.add(guest.begin("GET", "http://not-granted.test/"));
      }
      assertThat(guest.failure(ids.get(999)).kind()).isEqualTo(HttpFailure.Kind.DENIED);
      assertThat(guest.failure(ids.get(1_000)).kind()).isEqualTo(HttpFailure.Kind.OVERLOADED);
    }
  }

  @Test
  void openRequestsAreBoundedAndOthersWaitForThem() {
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na");
              self.readHead(socket);
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 33; i++) {
        ids.add(guest.begin("GET", server.url("/")));
      }
      Deadline.await(
          "32 to be answered", () -> ids.stream().filter(guest::isAnswered).count() >= 32);
      assertThat(server.connections()).isEqualTo(32);
      long left = ids.stream().filter(id -> !guest.isAnswered(id)).findFirst().orElseThrow();
      long first = ids.stream().filter(guest::isAnswered).findFirst().orElseThrow();
      guest.drop(Objects.requireNonNull(guest.head(first).stream()));
      guest.head(left);
      long one = guest.begin("GET", server.url("/"));
      HttpFailure failure = guest.failure(one); // nobody closes any: it gives up
      assertThat(failure.kind()).isEqualTo(HttpFailure.Kind.OVERLOADED);
      assertThat(failure.text()).contains("32 HTTP requests open");
    }
  }

  /** A program that calls itself does not take the places of others. */
  @Test
  void aRunHasItsShareOfOpenRequestsHoweverManyTasksItCalls() {
    HttpGate gate = new HttpGate();
    HttpShare run = gate.share();
    List<Guest> tasks = new ArrayList<>();
    try (RawServer server =
        RawServer.start((socket, self) -> {
          self.readHead(socket);
          RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na");
          self.readHead(socket);
        })) {
      String grant = "127.0.0.1:" + server.port();
      for (int i = 0; i < 5; i++) {
        tasks.add(Guest.of(run, grant));
      }
      for (int i = 0; i < 128; i++) {
        Guest task = tasks.get(i % 4);
        task.head(task.begin("GET", server.url("/")));
      }
      Guest last = tasks.get(4);
      long waiting = last.begin("GET", server.url("/"));
      try (Guest other = Guest.at(gate, grant)) {
        other.head(other.begin("GET", server.url("/")));
        assertThat(server.connections()).isEqualTo(129);
        assertThat(last.isAnswered(waiting)).isFalse();
      }
      tasks.getFirst().close();
      last.head(waiting);
    } finally {
      tasks.forEach(Guest::close);
    }
  }

  @Test
  void aBodyIsHeldToWhatWasAnnounced() {
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      long stream =
          guest.opened(guest.begin("POST", server.url("/"), "abc", false, "Content-Length", "5"));
      HttpFailure more = guest.failure(guest.send(stream, "defGET /smuggled HTTP/1.1", true));
      assertThat(more.kind()).isEqualTo(HttpFailure.Kind.INVALID);
      stream =
          guest.opened(guest.begin("POST", server.url("/"), "abc", false, "Content-Length", "5"));
      HttpFailure less = guest.failure(guest.send(stream, "d", true));
      assertThat(less.kind()).isEqualTo(HttpFailure.Kind.INVALID);
      assertThat(guest.failure(guest.send(stream, "x", true)).text()).contains("no open stream");
      long forged = guest.read(stream + 100);
      assertThat(guest.failure(forged).kind()).isEqualTo(HttpFailure.Kind.INVALID);
    }
  }

  /** It ends where it becomes too long, and must not look whole to the server. */
  @Test
  void aChunkedBodyThatIsTooLongHasNoEnd() {
    CompletableFuture<String> end = new CompletableFuture<>();
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              byte[] bytes = new byte[1 << 16];
              String last = "";
              try {
                int count;
                while ((count = socket.getInputStream().read(bytes)) >= 0) {
                  last += new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
                  last = last.substring(Math.max(0, last.length() - 5));
                }
              } catch (IOException e) {
                last += "reset";
              }
              end.complete(last);
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      long stream = guest.opened(guest.begin("POST", server.url("/"), "a", false));
      String megabyte = "x".repeat(1_000_000);
      for (int i = 0; i < 63; i++) {
        assertThat(guest.answer(guest.send(stream, megabyte, false)))
            .isInstanceOf(HttpAnswer.Done.class);
      }
      guest.answer(guest.send(stream, megabyte, false));
      HttpFailure failure = guest.failure(guest.send(stream, megabyte, true));
      assertThat(failure.kind()).isEqualTo(HttpFailure.Kind.OVERLOADED);
      assertThat(end.join()).doesNotContain("0\r\n\r\n");
    }
  }

  /** A body that the task gives up must not look whole to the server. */
  @Test
  void aChunkedBodyThatIsCutHasNoEnd() {
    CompletableFuture<String> received = new CompletableFuture<>();
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              StringBuilder text = new StringBuilder();
              try {
                int next;
                while ((next = socket.getInputStream().read()) >= 0) {
                  text.append((char) next);
                }
              } catch (IOException e) {
                text.append("reset");
              }
              received.complete(text.toString());
            });
        Guest guest = Guest.with("127.0.0.1:" + server.port())) {
      long stream = guest.opened(guest.begin("POST", server.url("/"), "abc", false));
      Deadline.await("the request", () -> !server.requests().isEmpty());
      guest.drop(stream);
      assertThat(received.join()).doesNotContain("0\r\n\r\n");
    }
  }

  @Test
  void streamsOfAnotherAttemptAreNotThere() {
    HttpGate gate = new HttpGate();
    try (RawServer server =
            RawServer.start((socket, self) -> {
              self.readHead(socket);
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na");
              self.readHead(socket);
            });
        Guest owner = Guest.at(gate, "127.0.0.1:" + server.port());
        Guest thief = Guest.at(gate, "127.0.0.1:" + server.port())) {
      long stream =
          Objects.requireNonNull(owner.head(owner.begin("GET", server.url("/"))).stream());
      for (HttpAnswer answer :
          List.of(
              thief.answer(thief.read(stream)),
              thief.answer(thief.send(stream, "x", true)),
              thief.drop(stream))) {
        assertThat(answer).isInstanceOf(HttpAnswer.Failed.class);
      }
      thief.session().cancel(1);
      long more = owner.read(stream);
      assertThat(owner.isAnswered(more)).isFalse();
    }
  }
}
