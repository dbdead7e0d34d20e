package dev.capsule.sidecar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a guest gets when it waits. */
@Timeout(60)
class MailboxTest {
  private final Mailbox mailbox = new Mailbox(0);

  private static String ok(int value) {
    return "\"ok\":" + value;
  }

  /** What is there for an id, without waiting. */
  private String taken(long id) {
    return Objects.requireNonNull(mailbox.poll(List.of(id)), "it would wait");
  }

  private static JsonArray json(String answers) {
    return JsonParser.parseString(answers).getAsJsonArray();
  }

  private static String type(JsonElement answer) {
    return answer.getAsJsonObject().getAsJsonObject("error").get("type").getAsString();
  }

  @Test
  void anAnswerIsReportedOnce() throws InterruptedException {
    long id = mailbox.open(1);
    assertThat(mailbox.poll(List.of(id))).isNull();
    mailbox.put(id, ok(7), "");
    assertThat(mailbox.await(List.of(id), -1)).isEqualTo("[{\"id\":1,\"ok\":7}]");
    JsonArray again = json(mailbox.await(List.of(id), -1));
    assertThat(type(again.get(0))).isEqualTo("invalid_arguments");
  }

  @Test
  void whatComesApartFollowsTheJson() {
    long first = mailbox.open(1);
    long second = mailbox.open(1);
    long third = mailbox.open(1);
    mailbox.put(third, ok(3), "three");
    mailbox.put(first, ok(1), "one]");
    mailbox.put(second, ok(2), "");
    assertThat(mailbox.poll(List.of(first, second, third)))
        .isEqualTo(
            "[{\"id\":1,\"apart\":4,\"ok\":1},{\"id\":2,\"ok\":2},{\"id\":3,\"apart\":5,\"ok\":3}]"
                + "\u001eone]three");
  }

  @Test
  void theFirstAnswerCounts() {
    long id = mailbox.open(1);
    mailbox.put(id, ok(1), "");
    mailbox.put(id, ok(2), "");
    mailbox.put(99, ok(3), "");
    assertThat(mailbox.poll(List.of(id))).isEqualTo("[{\"id\":1,\"ok\":1}]");
    assertThat(json(taken(99L)).toString()).contains("invalid_arguments");
  }

  @Test
  void anIdNamedTwiceIsReportedOnce() {
    long id = mailbox.open(1);
    mailbox.put(id, ok(1), "");
    assertThat(mailbox.poll(List.of(id, id, id))).isEqualTo("[{\"id\":1,\"ok\":1}]");
  }

  @Test
  void anIdThatDoesNotExistIsAnErrorAndNotAWait() {
    for (long id : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      JsonArray answers = json(taken(id));
      assertThat(answers.get(0).getAsJsonObject().get("id").getAsBigInteger().toString())
          .isEqualTo(Long.toUnsignedString(id));
      assertThat(type(answers.get(0))).isEqualTo("invalid_arguments");
    }
  }

  @Test
  void withoutIdsItSleepsAndIsInterrupted() throws InterruptedException {
    assertThat(mailbox.await(List.of(), 1)).isEqualTo("[]");
    assertThat(mailbox.await(List.of(), 0)).isEqualTo("[]");
    List<Throwable> thrown = new ArrayList<>();
    Thread sleeper =
        Thread.ofPlatform()
            .start(() -> {
              try {
                mailbox.await(List.of(), Mailbox.nanos(-1));
              } catch (InterruptedException e) {
                thrown.add(e);
              }
            });
    sleeper.interrupt();
    sleeper.join();
    assertThat(thrown).hasSize(1);
  }

  @Test
  void timeoutsAreUnsignedAndSaturate() {
    assertThat(Mailbox.nanos(0)).isZero();
    assertThat(Mailbox.nanos(3)).isEqualTo(3_000_000);
    assertThat(Mailbox.nanos(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(Mailbox.nanos(-1)).as("2^64 - 1").isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void noAnswerIsLostBetweenPutAndAwait() throws InterruptedException {
    int count = 20_000;
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(mailbox.open(0));
    }
    Thread host =
        Thread.ofPlatform()
            .start(() -> {
              for (long id : ids) {
                mailbox.put(id, ok(0), "");
              }
            });
    Set<Long> left = new TreeSet<>(ids);
    while (!left.isEmpty()) {
      List<Long> some = left.stream().limit(50).toList();
      for (JsonElement answer : json(mailbox.await(some, -1))) {
        assertThat(left.remove(answer.getAsJsonObject().get("id").getAsLong())).isTrue();
      }
    }
    host.join();
  }

  @Test
  void tooManyOperationsHaveNoRoom() {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      ids.add(mailbox.open(10));
      assertThat(mailbox.hasRoom()).isTrue();
    }
    mailbox.open(10);
    assertThat(mailbox.hasRoom()).isFalse();
    mailbox.put(ids.getFirst(), ok(1), "");
    assertThat(mailbox.hasRoom()).as("an answered one does not count").isTrue();
  }

  @Test
  void tooLongOperationsHaveNoRoom() {
    long first = mailbox.open(60 << 20);
    assertThat(mailbox.hasRoom()).isTrue();
    mailbox.open(5 << 20);
    assertThat(mailbox.hasRoom()).isFalse();
    mailbox.put(first, ok(1), "");
    assertThat(mailbox.hasRoom()).isTrue();
  }

  @Test
  void answersThatNobodyFetchesAreNotKeptForEver() {
    String large = "\"ok\":\"" + "x".repeat(40 << 20) + "\"";
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      ids.add(mailbox.open(1));
      mailbox.put(ids.get(i), large, "");
    }
    assertThat(json(taken(ids.get(3))).toString()).contains("\"overloaded\"");
    assertThat(mailbox.poll(ids.subList(0, 1))).hasSizeGreaterThan(40 << 20);
    long next = mailbox.open(1);
    mailbox.put(next, large, "");
    assertThat(mailbox.poll(List.of(next))).as("there is room again").contains("\"ok\"");
  }
}
