package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.journal.JournalException.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresJournalTest extends SharedJournalContract {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static @Nullable PostgresServer server;

  private final String schema = "test" + COUNT.incrementAndGet();
  private @Nullable String url;

  @BeforeAll
  static void startServer() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stopServer() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  static PostgresServer server() {
    PostgresServer running = server;
    if (running == null) {
      throw new IllegalStateException();
    }
    return running;
  }

  @Override
  Journal connect() {
    if (url == null) {
      url = server().create(schema);
    }
    return new Journals(Map.of(), message -> {}).at(new Place.Server(url, Durability.FULL));
  }

  @Test
  void aConnectionThatBreaksIsMadeAgain() {
    OpenWorkflow workflow = journal().open(opening("a"));
    workflow.begin(step("one"));
    workflow.end("one", result("1"), null).join();

    server()
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE application_name = 'capsule'");
    workflow.begin(step("two"));
    workflow.end("two", result("2"), null).join();

    assertThat(details(journal(), "a").steps()).hasSize(2);
  }

  @Test
  void whatWasToldIsThereAfterTheServersCrash() throws IOException {
    OpenWorkflow workflow = journal().open(opening("a"));
    for (int i = 0; i < 20; i++) {
      workflow.begin(step("k" + i));
      workflow.end("k" + i, result("" + i), null).join();
    }
    server().kill();
    workflow.begin(step("late"));
    assertThat(failure(workflow.end("late", result("1"), null)).kind()).isEqualTo(Kind.UNAVAILABLE);
    server().restart();
    workflow.end("late", result("2"), null).join();

    assertThat(details(journal(), "a").steps()).hasSize(21);
    assertThat(details(journal(), "a").steps().getLast().outcome()).isEqualTo(result("2"));
  }

  @Test
  void problemsAreTold() {
    String none = server().url("none");
    JournalException unknown = failure(() -> at(none).list(List.of(), 1));
    assertThat(unknown.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(unknown)
        .hasMessageContaining("\"none\" does not exist")
        .hasMessageContaining("postgresql://127.0.0.1")
        .hasMessageNotContaining("s3cret");

    String wrong = none.replace("s3cret", "guess");
    assertThat(failure(() -> at(wrong).list(List.of(), 1)))
        .hasMessageContaining("password authentication failed")
        .hasMessageNotContaining("guess");
    assertThat(failure(() -> at("mysql://u:guess@host/db")))
        .hasMessageContaining("postgresql://user@host/database")
        .hasMessageNotContaining("guess");
    assertThat(failure(() -> at(none + "?socketFactory=Evil")))
        .hasMessageContaining("\"socketFactory\"");
  }

  private static Journal at(String url) {
    return new Journals(Map.of(), message -> {}).at(new Place.Server(url, Durability.FULL));
  }

  @Test
  void aPasswordMayComeFromTheEnvironment() {
    connect().close();
    String bare = server().create(schema + "b").replace(":s3cret%20%25", "");
    Journal journal =
        new Journals(Map.of("PGPASSWORD", PostgresServer.PASSWORD), message -> {})
            .at(new Place.Server("jdbc:" + bare + "&sslmode=prefer", Durability.RELAXED));

    assertThat(journal.list(List.of(), 1)).isEmpty();
    assertThat(journal.place()).endsWith("/postgres").doesNotContain("s3cret");
    journal.close();
  }
}
