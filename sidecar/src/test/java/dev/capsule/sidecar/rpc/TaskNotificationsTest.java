package dev.capsule.sidecar.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.protocol.RawJson;
import dev.capsule.sidecar.task.RunListener;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which notifications are sent, and who waits for a slow client. */
@Timeout(60)
class TaskNotificationsTest {
  private static final RunListener.Run RUN = new RunListener.Run("r", null, "t");

  private static String sent(List<String> events) throws InterruptedException {
    ByteArrayOutputStream client = new ByteArrayOutputStream();
    Outbox out = new Outbox(client);
    TaskNotifications notifications = new TaskNotifications(out, events);
    notifications.queued(RUN);
    notifications.started(RUN, 0);
    notifications.printed(RUN, false, "x");
    notifications.finished(RUN, null, 1);
    out.flush();
    return client.toString(StandardCharsets.UTF_8);
  }

  @Test
  void onlyWhatWasAskedForIsSent() throws InterruptedException {
    assertThat(sent(List.of())).isEmpty();
    assertThat(sent(List.of(TaskNotifications.OUTPUT)))
        .contains("task/output")
        .doesNotContain("task/queued", "task/started", "task/finished");
    assertThat(sent(List.of(TaskNotifications.LIFECYCLE)))
        .contains("task/queued", "task/started", "task/finished")
        .doesNotContain("task/output");
  }

  @Test
  void whoPrintsWaitsForASlowClient() throws InterruptedException {
    CountDownLatch reads = new CountDownLatch(1);
    Outbox out =
        new Outbox(
            new OutputStream() {
              @Override
              public void write(int b) {
                throw new UnsupportedOperationException("messages are written whole");
              }

              @Override
              public void write(byte[] bytes, int offset, int count) {
                try {
                  reads.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }
            });
    out.sparesReader();
    out.reply(new RawJson("1"), "x".repeat(5 << 20));
    TaskNotifications notifications = new TaskNotifications(out, List.of(TaskNotifications.OUTPUT));
    Thread printer = Thread.ofPlatform().start(() -> notifications.printed(RUN, false, "x"));
    while (printer.getState() != Thread.State.WAITING) {
      assertThat(printer.isAlive()).as("the printer waits").isTrue();
      Thread.onSpinWait();
    }
    reads.countDown();
    printer.join();
  }
}
