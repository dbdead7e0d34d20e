package dev.capsule.repl.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ScreenTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final AtomicInteger closed = new AtomicInteger();

  private Screen screen(boolean terminal) {
    return new Screen(out, err, terminal, terminal, true, closed::incrementAndGet);
  }

  @Test
  void aPipeGetsTheBytesAsTheyAre() {
    screen(false).print("\u001b[31mred\u001b[0m ✓\n");
    assertThat(text(out)).isEqualTo("\u001b[31mred\u001b[0m ✓\n");
  }

  @Test
  void aTerminalGetsNoEscapeSequences() {
    Screen screen = screen(true);
    screen.print("\u001b[31mred\n");
    screen.printError("\u001b[31mred\n");
    assertThat(text(out)).isEqualTo("\\x1b[31mred\n");
    assertThat(text(err)).isEqualTo("\\x1b[31mred\n");
  }

  @Test
  void aResultStartsOnALineOfItsOwn() {
    Screen screen = screen(false);
    screen.print("no newline");
    screen.println("result");
    screen.println("more");
    assertThat(text(out)).isEqualTo("no newline\nresult\nmore\n");
  }

  @Test
  void progressMakesWayForOutput() {
    Screen screen = screen(true);
    screen.progress("working");
    screen.printErrorLine("said");
    screen.progress("");
    assertThat(text(err)).isEqualTo("working\r\u001b[Ksaid\nworking\r\u001b[K");
  }

  @Test
  void progressIsNotShownInTheMiddleOfALine() {
    Screen screen = screen(true);
    screen.print("half a line");
    screen.progress("working");
    assertThat(text(err)).isEmpty();
    screen.print("\n");
    assertThat(text(err)).isEqualTo("working");
  }

  @Test
  void anAsideIsDimmedOnATerminalOnlyAndCannotEndThat() {
    screen(true).printAside("a\u001b[22m");
    assertThat(text(err)).isEqualTo("\u001b[2ma\\x1b[22m\u001b[22m\n");
    err.reset();
    screen(false).printAside("a");
    new Screen(out, err, true, true, false, closed::incrementAndGet).printAside("b");
    assertThat(text(err)).isEqualTo("a\nb\n");
  }

  @Test
  void withoutATerminalThereIsNoProgress() {
    screen(false).progress("working");
    assertThat(text(err)).isEmpty();
  }

  @Test
  void aClosedOutputIsNoticedOnce() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    Screen screen = new Screen(broken, err, false, false, true, closed::incrementAndGet);
    screen.print("a");
    screen.print("b");
    assertThat(closed).hasValue(1);
    assertThat(screen.isClosed()).isTrue();
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
