package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.RawServer;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests to where they must not go. Two servers stand for the world: one that is granted, and one
 * that is not and must never see a connection.
 */
class NetworkTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  static final String TASKS =
      """
      import json, os, urllib.request
      from capsule import task, TaskError
      from wit_world.imports import host

      def perform(operation):
          return json.loads(host.wait([host.submit(json.dumps(operation))], None))[0]

      @task
      def get(url):
          with urllib.request.urlopen(url) as answer:
              return answer.read().decode()

      @task
      def asks(operation):
          operation = {"op": "http", "method": "GET", "headers": [], **operation}
          done = perform(operation)
          return done["error"]["type"] if "error" in done else done["ok"]["status"]

      @task
      def child(url):
          return asks.function({"url": url})

      @task
      def parent(url):
          return [asks.function({"url": url}), child(url)]

      @task
      def posts(url, data):
          request = urllib.request.Request(url, data=data.encode(), headers={"X-Own": "1"})
          with urllib.request.urlopen(request) as answer:
              return answer.read().decode()

      @task
      def by_proxy(url, proxy):
          os.environ.update(http_proxy=proxy, HTTP_PROXY=proxy, ALL_PROXY=proxy)
          return get.function(url)
      """;

  static String at(RawServer server) {
    return "127.0.0.1:" + server.port();
  }

  private static Program.Run run(String task, String... hosts) {
    return sidecar.load(TASKS).task(task).option("allowed_hosts", Json.array(hosts));
  }

  private static String outcome(String url, String... hosts) {
    JsonObject operation = new JsonObject();
    operation.addProperty("url", url);
    return run("asks", hosts).args(operation).value().getAsString();
  }

  @Test
  void eachHopOfARedirectionIsChecked() {
    try (RawServer secret = RawServer.answering(RawServer.ok("secret"));
        RawServer second = RawServer.answering(redirection(302, secret.url("/x")));
        RawServer first = RawServer.answering(redirection(307, second.url("/b")))) {
      EnvelopeView denied = run("get", at(first), at(second)).args(first.url("/a")).envelope();
      assertThat(denied.errorType()).isEqualTo("task_error");
      assertThat(denied.message())
          .contains("http://" + at(secret) + " is not granted to the task")
          .contains("to grant it, add \"" + at(secret) + "\"");
      assertThat(denied.error().get("traceback").getAsString()).contains("\"main.py\", line 10");
      assertThat(secret.connections()).isZero();
      JsonArray requests = denied.execution().getAsJsonArray("host_requests");
      assertThat(requests).hasSize(3);
      assertThat(requests.get(0).getAsJsonObject().get("status").getAsInt()).isEqualTo(307);
      assertThat(requests.get(2).getAsJsonObject().get("status").isJsonNull()).isTrue();
      assertThat(
              run("get", at(first), at(second), at(secret))
                  .args(first.url("/a"))
                  .value()
                  .getAsString())
          .isEqualTo("secret");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "//"})
  void aRedirectionToAnotherSchemeLeadsNowhere(String location) {
    try (RawServer server = RawServer.answering(redirection(302, location))) {
      EnvelopeView denied = run("get", "*", at(server)).args(server.url("/")).envelope();
      assertThat(denied.errorType()).isEqualTo("task_error");
      assertThat(denied.execution().getAsJsonArray("host_requests").size()).isLessThanOrEqualTo(11);
    }
  }

  private static String redirection(int status, String location) {
    return "HTTP/1.1 " + status + " X\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
  }

  /** Whatever this machine is called: a wildcard is for public hosts. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "0x7f000001",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "127.255.255.254",
        "0.0.0.0",
        "0",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "１２７.０.０.１",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "ｌｏｃａｌｈｏｓｔ",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "100.64.0.1"
      })
  void noNotationOfAnInnerAddressIsPublic(String host) {
    try (RawServer server = RawServer.answering(RawServer.ok("secret"))) {
      String url = "http://" + host + ":" + server.port() + "/";
      assertThat(outcome(url, "*", "*.com")).isEqualTo("policy_denied");
      assertThat(server.connections()).isZero();
    }
  }

  /** What one part of a program takes for the host, another must not take for something else. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://GOOD@EVIL/",
        "http://GOOD:x@EVIL/",
        "http://EVIL#@GOOD/",
        "http://EVIL?@GOOD/",
        "http://EVIL\\@GOOD/",
        "http://EVIL/@GOOD/",
        "http://EVIL;@GOOD/",
        "http://GOOD%40EVIL/",
        "http://EVIL%23@GOOD/",
        "http://GOOD%00@EVIL/",
        "http://EVIL%00.GOOD/",
        "http:EVIL/",
        "http:/EVIL/",
        "http:///EVIL/",
        "http:\\\\EVIL/",
        "//EVIL/",
        "EVIL/",
        "\u0000http://EVIL/",
        " http://EVIL/",
        "http://EVIL\t/",
        "http://EVIL /",
        "http://EVIL\n/",
        "http://EVIL:80:GOOD/",
        "http://GOOD,EVIL/",
        "http://[EVIL]/",
        "http://[::1%25EVIL]/",
        "http://%31%32%37.0.0.1:80/",
        "http://EVIL",
        "hTTp://EVIL/",
        "https://EVIL/"
      })
  void noUrlHasTwoReadings(String form) {
    try (RawServer good = RawServer.answering(RawServer.ok("good"));
        RawServer evil = RawServer.answering(RawServer.ok("evil"))) {
      String url = form.replace("GOOD", at(good)).replace("EVIL", at(evil));
      assertThat(outcome(url, at(good))).isIn("policy_denied", "invalid_arguments");
      assertThat(evil.connections()).isZero();
      assertThat(good.connections()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, http://127.0.0.1:PORT/",
    "127.0.0.1:1, http://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT, http://127.0.0.1:PORT/",
    "http://127.0.0.1:PORT, https://127.0.0.1:PORT/",
    "localhost:PORT, http://127.0.0.1:PORT/",
    "127.0.0.1:PORT, http://localhost:PORT/",
    "127.0.0.1:PORT, http://127.0.0.2:PORT/",
    "*.localhost:PORT, http://localhost:PORT/",
    "127.0.0.1:PORT, ws://127.0.0.1:PORT/",
    "127.0.0.1:PORT, ftp://127.0.0.1:PORT/",
    "127.0.0.1:PORT, file:///etc/passwd",
  })
  void aGrantIsForItsHostPortAndScheme(String grant, String url) {
    try (RawServer server = RawServer.answering(RawServer.ok("x"))) {
      String port = Integer.toString(server.port());
      assertThat(outcome(url.replace("PORT", port), grant.replace("PORT", port)))
          .isEqualTo("policy_denied");
      assertThat(server.connections()).isZero();
    }
  }

  /** The same host by another name is the same host, and is told its one name. */
  @ParameterizedTest
  @CsvSource({"127.1, 127.0.0.1", "0x7f.0.0.1, 127.0.0.1", "LocalHost., localhost"})
  void whatIsGrantedIsReachedInAnyNotation(String host, String name) {
    try (RawServer server = RawServer.answering(RawServer.ok("x"))) {
      String port = ":" + server.port();
      assertThat(outcome("http://" + host + port + "/", name + port)).isEqualTo("200");
      assertThat(server.requests().getFirst()).contains("Host: " + name + port + "\r\n");
    }
  }

  @Test
  void aProxyOfTheEnvironmentIsNotAsked() {
    try (RawServer proxy = RawServer.answering(RawServer.ok("proxied"));
        RawServer server = RawServer.answering(RawServer.ok("x"))) {
      EnvelopeView asked =
          run("by_proxy", at(server)).args(server.url("/"), proxy.url("/")).envelope();
      assertThat(asked.message()).contains("proxies are not available inside the sandbox");
      assertThat(proxy.connections()).isZero();
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void theCeilingBoundsWhatIsGranted() {
    try (RawServer inside = RawServer.answering(RawServer.ok("x"))) {
      for (String ceiling : List.of("[]", "[\"*\"]", "[\"api.example.com\"]")) {
        EnvelopeView denied =
            run("get", at(inside))
                .args(inside.url("/"))
                .ceiling(Json.object("{\"allowed_hosts\":" + ceiling + "}"))
                .envelope();
        assertThat(denied.errorType()).isEqualTo("policy_denied");
        assertThat(denied.message()).contains(at(inside)).contains("allowed_hosts");
      }
      assertThat(inside.connections()).isZero();
      JsonObject ceiling = Json.object("{\"allowed_hosts\":[\"" + at(inside) + "\"]}");
      assertThat(
              run("get", at(inside)).args(inside.url("/")).ceiling(ceiling).value().getAsString())
          .isEqualTo("x");
    }
  }

  @Test
  void aTaskThatIsCalledHasItsOwnGrants() {
    try (RawServer server = RawServer.answering(RawServer.ok("x"))) {
      assertThat(run("parent", at(server)).args(server.url("/")).value().toString())
          .isEqualTo("[200,\"policy_denied\"]");
      assertThat(server.connections()).isEqualTo(1);
    }
  }
}
