package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.RawServer;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests to where they may go that want to be more than requests, and answers without end. */
class RequestsTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import base64, json, os, urllib.request
      from capsule import task
      from wit_world.imports import host

      def perform(**operation):
          return json.loads(host.wait([host.submit(json.dumps(operation))], None))[0]

      def kind(done):
          return done["error"]["type"] if "error" in done else done["ok"]

      @task
      def asks(url, method, headers, body):
          body = {} if body is None else {"body": base64.b64encode(body.encode()).decode()}
          done = perform(op="http", method=method, url=url, headers=headers, **body)
          return done["error"]["type"] if "error" in done else str(done["ok"]["status"])

      @task
      def asks_often(url, count):
          for number in range(count):
              done = perform(op="http", method="GET", url=url + str(number), headers=[])
          return done["error"]

      @task
      def reads(url):
          with urllib.request.urlopen(url) as answer:
              while answer.read(1 << 20):
                  pass

      @task
      def holds(url):
          with urllib.request.urlopen(url) as answer:
              return answer.read().decode()

      @task
      def steals():
          kinds = set()
          for stream in [*range(-1, 50), 2**31, 2**63 - 1]:
              kinds.add(kind(perform(op="http_read", stream=stream)))
              kinds.add(kind(perform(op="http_send", stream=stream, body="", complete=True)))
              kinds.add(kind(perform(op="http_close", stream=stream)))
              kinds.add(kind(perform(op="cancel", id=stream)) or "nothing" if stream >= 0 else "nothing")
          return sorted(kinds)

      @task(env_variables=["CAPSULE_TEST_TOKEN"])
      def tells_a_secret(url):
          token = os.environ["CAPSULE_TEST_TOKEN"]
          asks.function(f"{url}/{token}/x?a={token}&api_key=other", "GET", [["Authorization", token]], token)
          asks.function(f"{url}/2", token, [], None)
          asks.function(f"http://{token}.not-granted.test/", "GET", [], None)
          asks.function(f"http://joe:{token}@127.0.0.1/", "GET", [], None)
      """;

  private static final String STUCK = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na";

  private static Program.Run run(String task, RawServer... granted) {
    JsonArray hosts = new JsonArray();
    for (RawServer server : granted) {
      hosts.add(NetworkTest.at(server));
    }
    return sidecar.load(TASKS).task(task).option("allowed_hosts", hosts);
  }

  @ParameterizedTest
  @CsvSource({
    "'/a\r\nX-Injected: 1', GET, X, y",
    "'/a HTTP/1.1\r\nHost: injected\r\n\r\nGET /injected', GET, X, y",
    "'/a\nX-Injected: 1', GET, X, y",
    "'/a\u0000injected', GET, X, y",
    "'/a injected', GET, X, y",
    "/, 'GET /injected HTTP/1.1\r\n\r\nGET', X, y",
    "/, 'GET injected', X, y",
    "/, GET, 'X: y\r\nX-Injected', y",
    "/, GET, 'X\n', injected",
    "/, GET, ' X', injected",
    "/, GET, 'X ', injected",
    "/, GET, '', injected",
    "/, GET, 'X:', injected",
    "/, GET, X, 'y\r\nX-Injected: 1'",
    "/, GET, X, 'y\n injected'",
    "/, GET, X, 'y\rX-Injected: 1'",
    "/, GET, X, 'y\u0000injected'",
    "/, GET, X, '嘊嘍X-Injected: 1'",
    "/, CONNECT, X, injected",
    "/, connect, X, injected",
    "/, TRACE, X, injected",
  })
  void nothingEndsALineOfARequest(String path, String method, String name, String value) {
    try (RawServer server = RawServer.answering(RawServer.ok("x"))) {
      JsonArray header = Json.array(name, value);
      JsonArray headers = new JsonArray();
      headers.add(header);
      assertThat(
              run("asks", server)
                  .args(server.url("") + path, method, headers, JsonNull.INSTANCE)
                  .value()
                  .getAsString())
          .isIn("invalid_arguments", "policy_denied");
      assertThat(server.requests()).isEmpty();
    }
  }

  /** Two who disagree on where a request ends: what is behind it is a request of its own. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[\"Content-Length\",\"0\"]]",
        "[[\"Content-Length\",\"5\"],[\"content-length\",\"0\"]]",
        "[[\"Transfer-Encoding\",\"chunked\"]]",
        "[[\"transfer-encoding\",\"xchunked\"],[\"Content-Length\",\"1\"]]",
        "[[\"Connection\",\"Content-Length\"],[\"Keep-Alive\",\"1\"],[\"Upgrade\",\"h2c\"]]",
        "[[\"Host\",\"evil.test\"],[\"Proxy-Connection\",\"x\"],[\"Expect\",\"100-continue\"]]",
        "[[\"TE\",\"trailers\"],[\"Trailer\",\"Host\"],[\"HTTP2-Settings\",\"x\"]]",
      })
  void theHostDecidesWhereARequestEnds(String headers) {
    String body = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    try (RawServer server =
        RawServer.start((socket, self) -> {
          while (self.readHead(socket) != null) {
            RawServer.read(socket, body.length());
            RawServer.write(socket, RawServer.ok("x"));
          }
        })) {
      assertThat(
              run("asks", server)
                  .args(server.url("/"), "POST", Json.of(headers), body)
                  .value()
                  .getAsString())
          .isEqualTo("200");
      assertThat(server.requests())
          .containsExactly(
              "POST / HTTP/1.1\r\nHost: "
                  + NetworkTest.at(server)
                  + "\r\nContent-Length: "
                  + body.length()
                  + "\r\n\r\n");
    }
  }

  /** The time limit and a cancellation end it, wherever it is: the server sees the end. */
  @ParameterizedTest
  @CsvSource({
    "'', true",
    "'', false",
    "'HTTP/1.1 200 OK\r\nX: ', true",
    "'HTTP/1.1 200 OK\r\nX: ', false",
    "'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na', true",
    "'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na', false",
    "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n', true",
  })
  void aServerThatNeverEndsIsCutOff(String beginning, boolean byTime) {
    try (RawServer server =
        RawServer.start((socket, self) -> {
          self.readHead(socket);
          RawServer.write(socket, beginning);
          self.readHead(socket);
        })) {
      Program.Run run = run("reads", server).args(server.url("/"));
      if (byTime) {
        EnvelopeView envelope = run.option("timeout", "2s").envelope();
        assertThat(envelope.errorType()).isEqualTo("timeout");
        JsonObject request =
            envelope.execution().getAsJsonArray("host_requests").get(0).getAsJsonObject();
        assertThat(request.get("error").getAsString()).contains("the task ended before it did");
      } else {
        Pending pending = run.start();
        Deadline.await("the request", () -> !server.requests().isEmpty());
        pending.cancel();
        assertThat(pending.reply().code()).isEqualTo(-32800);
      }
      Deadline.await("the connection to be closed", () -> server.open() == 0);
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
        })) {
      EnvelopeView envelope = run("reads", server).args(server.url("/")).envelope();
      assertThat(envelope.message()).contains("the body of an answer may have 256000000 bytes");
      Deadline.await("the connection to be closed", () -> server.open() == 0);
    }
  }

  @Test
  void requestsAreCounted() {
    EnvelopeView envelope = run("asks_often").args("http://not-granted.test/", 1_001).envelope();
    assertThat(envelope.value().getAsJsonObject().get("type").getAsString())
        .isEqualTo("overloaded");
    assertThat(envelope.execution().getAsJsonArray("host_requests")).hasSize(1_000);
  }

  @Test
  void theStreamsOfAnotherTaskAreNotThere() {
    CountDownLatch stolen = new CountDownLatch(1);
    try (RawServer server =
        RawServer.start((socket, self) -> {
          self.readHead(socket);
          RawServer.write(socket, STUCK);
          try {
            stolen.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          RawServer.write(socket, "bcdefghi");
        })) {
      Pending owner = run("holds", server).args(server.url("/")).start();
      Deadline.await("the owner's request", () -> !server.requests().isEmpty());
      assertThat(run("steals", server).value().toString())
          .isEqualTo("[\"invalid_arguments\",\"nothing\"]");
      stolen.countDown();
      assertThat(owner.envelope().value().getAsString()).isEqualTo("abcdefghi");
    }
  }

  @Test
  void noSecretIsToldOfARequest() {
    String token = "Hunter2-and-more";
    try (RawServer server =
        RawServer.start((socket, self) -> {
          while (self.readHead(socket) != null) {
            RawServer.write(socket, RawServer.ok("x"));
          }
        })) {
      Program.Run run = run("tells_a_secret", server).args(server.url(""));
      run.params().add("env", Json.object("{\"CAPSULE_TEST_TOKEN\":\"" + token + "\"}"));
      EnvelopeView envelope = run.envelope();
      assertThat(envelope.success()).isTrue();
      String told = envelope.execution().getAsJsonArray("host_requests").toString();
      for (String secret : List.of("unter2", "other", "joe", "and-more")) {
        assertThat(told).doesNotContain(secret);
      }
      assertThat(told).contains("/***/x?a=***&api_key=***");
      assertThat(server.requests().getFirst()).contains("Authorization: " + token);
    }
  }
}
