import dev.capsule.sidecar.journal.Durability;
import dev.capsule.sidecar.journal.Journal;
import dev.capsule.sidecar.journal.Journals;
import dev.capsule.sidecar.journal.OpenWorkflow;
import dev.capsule.sidecar.journal.Opening;
import dev.capsule.sidecar.journal.Outcome;
import dev.capsule.sidecar.journal.Place;
import dev.capsule.sidecar.journal.StepIntent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * Writes steps, each begun and ended, and beside them records of a plain file, each flushed to the disk.
 * Arguments: a new folder, how many rounds. Prints one line of JSON, times in seconds.
 */
final class JournalSteps {
  private static final int ALONE = 50;
  private static final int WRITERS = 64;
  private static final int EACH = 25;
  private static final int MANY = 10_000;

  /** About what a step's row holds. */
  private static final String TEXT = "\"" + "x".repeat(200) + "\"";

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    int rounds = Integer.parseInt(args[1]);
    double[] steps = new double[rounds * ALONE];
    double[] flushes = new double[rounds * ALONE];
    double atOnce = 0;
    try (Journals journals = new Journals(Map.of(), System.err::println);
        FileChannel file =
            FileChannel.open(
                folder.resolve("plain"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.APPEND)) {
      Journal journal = journals.at(new Place.Folder(folder, Durability.FULL));
      warmUp(journal);
      for (int round = 0; round < rounds; round++) {
        OpenWorkflow workflow = journal.open(opening("alone " + round));
        for (int i = 0; i < ALONE; i++) {
          steps[round * ALONE + i] = step(workflow, "s" + i);
          flushes[round * ALONE + i] = flush(file);
        }
        workflow.release().join();
        atOnce += atOnce(journal.open(opening("many " + round)), EACH);
      }
      double resume = resume(journal);
      System.out.printf(
          "{\"alone\":%s,\"flush\":%s,\"writers\":%d,\"rate\":%f,\"many\":%d,\"resume\":%f}%n",
          list(steps), list(flushes), WRITERS, rounds * WRITERS * EACH / atOnce, MANY, resume);
    }
  }

  private static void warmUp(Journal journal) throws Exception {
    OpenWorkflow workflow = journal.open(opening("warm up"));
    for (int i = 0; i < 200; i++) {
      double _ = step(workflow, "s" + i);
    }
    double _ = atOnce(workflow, 10);
  }

  private static Opening opening(String id) {
    return new Opening(id, "bench.py", "/", List.of(), null, false);
  }

  private static double step(OpenWorkflow workflow, String key) {
    long start = System.nanoTime();
    workflow.begin(new StepIntent(key, null, "task", "bench", TEXT, "hash"));
    workflow.end(key, new Outcome(true, TEXT), TEXT).join();
    return (System.nanoTime() - start) / 1e9;
  }

  private static double flush(FileChannel file) throws IOException {
    long start = System.nanoTime();
    file.write(ByteBuffer.wrap(new byte[512]));
    file.force(false);
    return (System.nanoTime() - start) / 1e9;
  }

  private static double atOnce(OpenWorkflow workflow, int each) throws Exception {
    long start = System.nanoTime();
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int w = 0; w < WRITERS; w++) {
        int writer = w;
        writers.submit(
            () -> {
              for (int i = 0; i < each; i++) {
                double _ = step(workflow, "w" + writer + "," + i);
              }
            });
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static double resume(Journal journal) {
    OpenWorkflow workflow = journal.open(opening("resumed"));
    for (int i = 0; i < MANY; i++) {
      workflow.begin(new StepIntent("s" + i, null, "task", "bench", TEXT, "hash"));
      var _ = workflow.end("s" + i, new Outcome(true, TEXT), TEXT);
    }
    workflow.release().join();
    long start = System.nanoTime();
    int found = journal.open(opening("resumed")).steps().size();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (found != MANY) {
      throw new IllegalStateException(found + " steps");
    }
    return seconds;
  }

  private static String list(double[] values) {
    return Arrays.stream(values)
        .mapToObj(value -> "%.7f".formatted(value))
        .collect(Collectors.joining(",", "[", "]"));
  }
}
