package dev.capsule.sidecar.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.rpc.FrameReader.Frame;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a stream of bytes, well-formed or not, is cut into messages. */
class FrameReaderTest {
  private static final int MAX = 1000;
  private static final long SEED = 4_711;

  private static FrameReader reader(String bytes) {
    return new FrameReader(
        new ByteArrayInputStream(bytes.getBytes(StandardCharsets.ISO_8859_1)), MAX);
  }

  private static String body(Frame frame) {
    assertThat(frame).isInstanceOf(Frame.Body.class);
    return new String(((Frame.Body) frame).bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void messagesComeInTheirOrder() throws IOException {
    FrameReader reader =
        reader(
            "Content-Length: 2\r\n\r\n{}content-length:3 \nContent-Type: x; charset=utf-8\n\n[1]"
                + "X-Other: 1\r\nCONTENT-LENGTH: 0\r\n\r\n");
    assertThat(body(reader.next())).isEqualTo("{}");
    assertThat(body(reader.next())).isEqualTo("[1]");
    assertThat(body(reader.next())).isEmpty();
    assertThat(reader.next()).isInstanceOf(Frame.End.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n",
        "{}",
        "Content-Length: 5\r\n",
        "Content-Length: 5\r\n\r\n{}",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: +5\r\n\r\n12345",
        "Content-Length: 0x10\r\n\r\n",
        "Content-Length: 5.0\r\n\r\n12345",
        "Content-Length: 1e3\r\n\r\n",
        "Content-Length:\r\n\r\n",
        "Content-Length: 9999999999999999999\r\n\r\n",
        "Content-Length: 5 5\r\n\r\n",
        "Content-Type: json\r\n\r\n{}",
        "no colon\r\n\r\n",
        "Content-Length: \u0661\r\n\r\n1",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
      })
  void whatIsNoFrameIsBroken(String bytes) throws IOException {
    Frame frame = reader(bytes).next();
    assertThat(frame).isInstanceOf(Frame.Broken.class);
    assertThat(((Frame.Broken) frame).why()).isNotBlank().hasSizeLessThan(200);
  }

  @Test
  void aMessageThatIsTooLongIsSkippedAndTheNextIsRead() throws IOException {
    String tooLong = "x".repeat(MAX + 1);
    FrameReader reader =
        reader(
            "Content-Length: "
                + tooLong.length()
                + "\r\n\r\n"
                + tooLong
                + "Content-Length: "
                + MAX
                + "\r\n\r\n"
                + "y".repeat(MAX));
    assertThat(reader.next()).isEqualTo(new Frame.TooLong(MAX + 1));
    assertThat(body(reader.next())).hasSize(MAX);
    assertThat(reader.next()).isInstanceOf(Frame.End.class);
  }

  /** A gigabyte arrives, and none of it is kept: the heap of this test does not hold it. */
  @Test
  void aGigabyteIsSkippedWithoutBeingKept() throws IOException {
    long length = 1L << 30;
    Zeros zeros = new Zeros("Content-Length: " + length + "\r\n\r\n", length);
    FrameReader reader = new FrameReader(zeros, MAX);
    long before = usedMemory();
    assertThat(reader.next()).isEqualTo(new Frame.TooLong(length));
    assertThat(zeros.largest).as("bytes asked for at once").isLessThan(1 << 20);
    assertThat(usedMemory() - before).isLessThan(64L << 20);
    assertThat(reader.next()).isInstanceOf(Frame.End.class);
  }

  /** A length is only said: nothing is set aside for what may never come. */
  @Test
  void aLengthAloneTakesNoMemory() throws IOException {
    FrameReader reader =
        new FrameReader(
            new ByteArrayInputStream(
                "Content-Length: 2000000000\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII)),
            Integer.MAX_VALUE);
    long before = usedMemory();
    assertThat(reader.next()).isInstanceOf(Frame.Broken.class);
    assertThat(usedMemory() - before).isLessThan(64L << 20);
  }

  private static long usedMemory() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void anEndInsideASkippedMessageIsAnEnd() throws IOException {
    FrameReader reader = reader("Content-Length: 5000\r\n\r\nxx");
    assertThat(reader.next()).isEqualTo(new Frame.TooLong(5000));
    assertThat(reader.next()).isInstanceOf(Frame.End.class);
  }

  @Test
  void aFloodOfHeadersIsCutOff() throws IOException {
    Zeros endless = new Zeros("X: " + "y".repeat(20), Long.MAX_VALUE);
    assertThat(new FrameReader(endless, MAX).next()).isInstanceOf(Frame.Broken.class);
    assertThat(endless.read).isLessThan(1 << 20);
    assertThat(reader("A: b\r\n".repeat(10_000)).next()).isInstanceOf(Frame.Broken.class);
    String many = "A: b\r\n".repeat(1000);
    assertThat(body(reader(many + "Content-Length: 1\r\n\r\nz").next())).isEqualTo("z");
  }

  /** Random bytes, and frames with a few bytes changed: an outcome always, an exception never. */
  @Test
  void anyBytesComeToAnEnd() throws IOException {
    Random random = new Random(SEED);
    for (int round = 0; round < 5_000; round++) {
      byte[] bytes = round % 2 == 0 ? noise(random) : damagedFrames(random);
      FrameReader reader = new FrameReader(new ByteArrayInputStream(bytes), MAX);
      List<Frame> frames = new ArrayList<>();
      Frame last;
      do {
        last = reader.next();
        frames.add(last);
        assertThat(frames).as("seed %s, round %s", SEED, round).hasSizeLessThan(200);
        if (last instanceof Frame.Body(byte[] body)) {
          assertThat(body.length).isLessThanOrEqualTo(MAX);
        }
      } while (!(last instanceof Frame.End) && !(last instanceof Frame.Broken));
    }
  }

  private static byte[] noise(Random random) {
    byte[] bytes = new byte[random.nextInt(300)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] damagedFrames(Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int length = random.nextInt(random.nextInt(10) == 0 ? 2 * MAX : 60);
      out.writeBytes(
          ("Content-Length: " + length + "\r\n\r\n" + "b".repeat(length))
              .getBytes(StandardCharsets.US_ASCII));
    }
    byte[] bytes = out.toByteArray();
    for (int i = random.nextInt(3); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  /** Some bytes, and then zeros. */
  private static final class Zeros extends InputStream {
    private final byte[] start;
    private final long length;
    private long read;
    private int largest;

    Zeros(String start, long zeros) {
      this.start = start.getBytes(StandardCharsets.US_ASCII);
      this.length = zeros > Long.MAX_VALUE - this.start.length ? zeros : zeros + this.start.length;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0];
    }

    @Override
    public int read(byte[] into, int offset, int count) {
      largest = Math.max(largest, count);
      if (read == length) {
        return -1;
      }
      int n = (int) Math.min(count, length - read);
      for (int i = 0; i < n; i++, read++) {
        into[offset + i] = read < start.length ? start[(int) read] : 0;
      }
      return n;
    }
  }
}
