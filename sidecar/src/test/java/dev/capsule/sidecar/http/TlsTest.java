package dev.capsule.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.RawServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS is the host's: it verifies who answers, whatever the guest would like. */
class TlsTest {
  private static final String PASSWORD = "not a secret";

  private static SSLContext context;

  /** Makes the certificate of a server that is called localhost, and trusts it. */
  @BeforeAll
  static void makeCertificate(@TempDir Path folder)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = folder.resolve("server.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, PASSWORD.toCharArray());
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(keys);
    context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
  }

  private static RawServer server() {
    return RawServer.start(
        context.getServerSocketFactory(),
        (socket, self) -> {
          while (self.readHead(socket) != null) {
            RawServer.write(socket, RawServer.ok("hello"));
          }
        });
  }

  @Test
  void aServerThatIsWhoItSaysIsBelieved() {
    try (RawServer server = server();
        Guest guest = Guest.at(Guest.trusting(context), "localhost:" + server.port())) {
      String url = "https://localhost:" + server.port() + "/";
      assertThat(guest.get(url)).isEqualTo("hello");
      assertThat(guest.get(url)).isEqualTo("hello");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void aCertificateOfAnotherNameIsRefused() {
    try (RawServer server = server();
        Guest guest = Guest.at(Guest.trusting(context), "127.0.0.1:" + server.port())) {
      HttpFailure failure = guest.refused("GET", "https://127.0.0.1:" + server.port() + "/");
      assertThat(failure.kind()).isEqualTo(HttpFailure.Kind.CONNECTION);
      assertThat(failure.text()).contains("no secure connection");
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void aCertificateThatNobodyVouchesForIsRefused() {
    try (RawServer server = server();
        Guest guest = Guest.with("localhost:" + server.port())) {
      HttpFailure failure = guest.refused("GET", "https://localhost:" + server.port() + "/");
      assertThat(failure.kind()).isEqualTo(HttpFailure.Kind.CONNECTION);
      assertThat(failure.text()).contains("no secure connection");
      assertThat(server.requests()).isEmpty();
    }
  }

  /** A handshake that never ends holds nothing for longer than the request. */
  @Test
  void aHandshakeIsCut() {
    try (RawServer server = RawServer.start((socket, self) -> self.readHead(socket));
        Guest guest = Guest.with("localhost:" + server.port())) {
      long id = guest.begin("GET", "https://localhost:" + server.port() + "/");
      Deadline.await("the connection", () -> server.open() == 1);
      guest.session().cancel(id);
      assertThat(guest.failure(id).kind()).isEqualTo(HttpFailure.Kind.CANCELLED);
      Deadline.await("the connection to be closed", () -> server.open() == 0);
    }
  }
}
