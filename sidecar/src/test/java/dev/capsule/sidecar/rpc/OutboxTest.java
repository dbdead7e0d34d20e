package dev.capsule.sidecar.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.protocol.RawJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How messages are written while the client reads quickly, slowly, or not at all. */
@Timeout(60)
class OutboxTest {
  /** A client: what it took, and a valve. */
  private static final class Client extends OutputStream {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final Semaphore valve = new Semaphore(0);
    private final CountDownLatch firstWrite = new CountDownLatch(1);
    private volatile boolean gone;

    @Override
    public void write(int b) {
      throw new UnsupportedOperationException("messages are written whole");
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      firstWrite.countDown();
      valve.acquireUninterruptibly();
      if (gone) {
        throw new IOException("Broken pipe");
      }
      synchronized (taken) {
        taken.write(bytes, offset, count);
      }
    }

    Client reads() {
      valve.release(Integer.MAX_VALUE / 2);
      return this;
    }

    List<JsonObject> messages() {
      byte[] bytes;
      synchronized (taken) {
        bytes = taken.toByteArray();
      }
      List<JsonObject> messages = new ArrayList<>();
      for (int at = 0; at < bytes.length; ) {
        int end = at + "Content-Length: ".length();
        int length = 0;
        for (; bytes[end] != '\r'; end++) {
          length = 10 * length + bytes[end] - '0';
        }
        String body = new String(bytes, end + 4, length, StandardCharsets.UTF_8);
        messages.add(JsonParser.parseString(body).getAsJsonObject());
        at = end + 4 + length;
      }
      return messages;
    }
  }

  @Test
  void aReplyAndAnErrorAreWhatJsonRpcHas() throws InterruptedException {
    Client client = new Client().reads();
    Outbox out = new Outbox(client);
    out.reply(new RawJson("\"a\""), Map.of("x", 1));
    out.reply(new RawJson("1"), null);
    out.error(null, -32700, "a \"bad\" <message> & é", null);
    out.notification("m", Map.of());
    out.flush();
    assertThat(client.messages().stream().map(JsonObject::toString))
        .containsExactly(
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{\"x\":1}}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}",
            "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"a"
                + " \\\"bad\\\" <message> & é\",\"data\":null}}",
            "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":{}}");
  }

  @Test
  void eachThreadsMessagesKeepTheirOrder() throws InterruptedException {
    Client client = new Client().reads();
    Outbox out = new Outbox(client);
    List<Thread> threads = new ArrayList<>();
    int each = 2_000;
    for (int t = 0; t < 4; t++) {
      String name = "t" + t;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < each; i++) {
                  out.notification(name, i);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    out.flush();
    List<JsonObject> messages = client.messages();
    assertThat(messages).hasSize(4 * each);
    for (int t = 0; t < 4; t++) {
      String name = "t" + t;
      assertThat(
              messages.stream()
                  .filter(message -> message.get("method").getAsString().equals(name))
                  .map(message -> message.get("params").getAsInt()))
          .isSorted()
          .hasSize(each);
    }
  }

  /** A client that does not read until it has written must not stop the thread that reads. */
  @Test
  void theReaderNeverWrites() throws InterruptedException {
    Client client = new Client();
    Outbox out = new Outbox(client);
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              out.sparesReader();
              for (int i = 0; i < 10_000; i++) {
                out.error(null, -32600, "no", null);
              }
            });
    reader.join(); // ends although nothing is read
    client.reads();
    out.flush();
    assertThat(client.messages()).hasSize(10_000);
  }

  /** Nobody is kept busy with what others write. */
  @Test
  void whoBringsOneMessageWritesAtMostOne() throws InterruptedException {
    Client client = new Client();
    Outbox out = new Outbox(client);
    AtomicBoolean done = new AtomicBoolean();
    Thread first =
        Thread.ofPlatform()
            .start(() -> {
              out.notification("first", 0);
              done.set(true);
            });
    client.firstWrite.await();
    for (int i = 0; i < 100; i++) {
      out.notification("others", i); // returns: the first one writes
    }
    client.valve.release(1);
    first.join();
    assertThat(done).isTrue();
    client.reads();
    out.flush();
    assertThat(client.messages()).hasSize(101);
  }

  @Test
  void outputWaitsForRoomAndRepliesDoNot() throws InterruptedException {
    Client client = new Client();
    Outbox out = new Outbox(client);
    out.sparesReader();
    String large = "x".repeat(1 << 20);
    for (int i = 0; i < 6; i++) {
      out.reply(new RawJson("1"), large);
    }
    CountDownLatch hasRoom = new CountDownLatch(1);
    Thread printer =
        Thread.ofPlatform()
            .start(() -> {
              try {
                out.awaitRoom();
                hasRoom.countDown();
              } catch (InterruptedException e) {
                // the test fails below
              }
            });
    awaitState(printer, Thread.State.WAITING);
    assertThat(hasRoom.getCount()).isEqualTo(1);
    client.reads();
    assertThat(hasRoom.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whoWaitsForRoomCanBeInterrupted() throws InterruptedException {
    Outbox out = new Outbox(new Client());
    out.sparesReader();
    out.reply(new RawJson("1"), "x".repeat(5 << 20));
    CountDownLatch interrupted = new CountDownLatch(1);
    Thread printer =
        Thread.ofPlatform()
            .start(() -> {
              try {
                out.awaitRoom();
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
            });
    awaitState(printer, Thread.State.WAITING);
    printer.interrupt();
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aBrokenPipeBlocksNobody() throws InterruptedException {
    Client client = new Client();
    client.gone = true;
    Outbox out = new Outbox(client.reads());
    for (int i = 0; i < 100; i++) {
      out.reply(new RawJson("1"), "x".repeat(1 << 20));
    }
    out.awaitRoom();
    out.flush();
    assertThat(client.messages()).isEmpty();
  }

  @Test
  void flushGivesUpOnAClientThatDoesNotRead() throws InterruptedException {
    Outbox out = new Outbox(new Client());
    out.sparesReader();
    out.reply(new RawJson("1"), "x");
    out.flush(); // the time limit of this class ends the test if it does not return
  }

  private static void awaitState(Thread thread, Thread.State state) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (thread.getState() != state) {
      assertThat(System.nanoTime()).as("waiting for %s", state).isLessThan(end);
      Thread.onSpinWait();
    }
  }
}
