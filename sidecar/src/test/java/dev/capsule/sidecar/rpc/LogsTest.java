package dev.capsule.sidecar.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogsTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Logs logs(Map<String, String> environment) {
    return Logs.of(environment, new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private List<String> lines() {
    return err.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static void sayAll(Log log) {
    log.debug("a detail", "id", 3);
    log.info("some news");
    log.warn("a warning");
    log.fault("a fault", new IllegalStateException("cause"));
  }

  @Test
  void withoutSettingsThereAreOnlyPlainNews() {
    sayAll(logs(Map.of()).of("rpc"));
    assertThat(lines())
        .containsExactly(
            "capsule: some news",
            "capsule: a warning",
            "capsule: a fault: java.lang.IllegalStateException: cause");
  }

  @ParameterizedTest
  @CsvSource({"debug, 4", "INFO, 3", "warn, 2", "error, 1", "off, 0"})
  void aLevelLeavesOutTheLesser(String level, int count) {
    sayAll(logs(Map.of("CAPSULE_LOG", level)).of("rpc"));
    assertThat(lines()).hasSize(count);
  }

  @Test
  void aRoomMayHaveALevelOfItsOwn() {
    Logs logs = logs(Map.of("CAPSULE_LOG", "off, trace=debug"));
    sayAll(logs.of("rpc"));
    logs.of("trace").debug("a detail", "id", "x", "ms", 2);
    assertThat(lines())
        .singleElement()
        .asString()
        .matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z debug trace: a detail id=x ms=2");
  }

  @Test
  void linesCanBeObjects() {
    Logs logs = logs(Map.of("CAPSULE_LOG", "debug", "CAPSULE_LOG_FORMAT", "json"));
    logs.of("rpc").debug("a\n\"detail\"", "id", "\u001b[31m", "ms", 2);
    JsonObject line = JsonParser.parseString(lines().getFirst()).getAsJsonObject();
    assertThat(lines()).hasSize(1);
    assertThat(line.get("level").getAsString()).isEqualTo("debug");
    assertThat(line.get("room").getAsString()).isEqualTo("rpc");
    assertThat(line.get("message").getAsString()).isEqualTo("a\n\"detail\"");
    assertThat(line.get("ms").getAsInt()).isEqualTo(2);
  }

  @Test
  void nobodyWhoIsQuotedBeginsALineOfHisOwn() {
    Log log = logs(Map.of("CAPSULE_LOG", "debug")).of("rpc");
    log.info("said: x\n2026 error rpc: forged\r\u001b[2J\u2028y");
    log.debug("request", "method", "a\nb");
    assertThat(lines()).hasSize(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).doesNotContain("\u001b", "\r", "\u2028");
  }

  @Test
  void theStackIsShownOnlyAtDebug() {
    logs(Map.of("CAPSULE_LOG", "debug")).of("rpc").fault("a fault", new IllegalStateException());
    assertThat(lines()).singleElement().asString().contains("stack=", "LogsTest");
  }

  @Test
  void aFileIsAddedToAndPrivate(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("capsule.log");
    for (int i = 0; i < 2; i++) {
      sayAll(logs(Map.of("CAPSULE_LOG_FILE", file.toString())).of("rpc"));
    }
    assertThat(Files.readAllLines(file)).hasSize(6);
    assertThat(lines()).isEmpty();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @ParameterizedTest
  @CsvSource({
    "CAPSULE_LOG, verbose",
    "CAPSULE_LOG, rpc=loud",
    "CAPSULE_LOG_FORMAT, xml",
    "CAPSULE_LOG_FILE, /nowhere/at/all"
  })
  void aMistakeIsToldAndHasNoOtherEffect(String name, String value) {
    Log log = logs(Map.of(name, value)).of("rpc");
    assertThat(lines()).singleElement().asString().contains(name + "=" + value + ": must be");
    log.info("some news");
    assertThat(lines()).hasSize(2);
  }
}
