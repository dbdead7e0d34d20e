package dev.capsule.sidecar.journal;

import dev.capsule.sidecar.journal.OpenWorkflow.Revocation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/**
 * A journal in a process of its own: does what lines of standard input say, and answers each with
 * one line; what it hears by itself are lines that begin with an exclamation mark.
 */
final class JournalMain {
  private final Journal journal;
  private final Map<String, OpenWorkflow> workflows = new HashMap<>();

  private JournalMain(Journal journal) {
    this.journal = journal;
  }

  public static void main(String[] args) throws IOException {
    Durability durability = Durability.valueOf(System.getenv().getOrDefault("DURABILITY", "FULL"));
    Place place =
        args[0].contains("://")
            ? new Place.Server(args[0], durability)
            : new Place.Folder(Path.of(args[0]), durability);
    Duration lease = Duration.ofMillis(Long.parseLong(args[1]));
    Timing timing = new Timing(lease, lease.dividedBy(10), lease.dividedBy(20));
    Journals journals = new Journals(Map.of(), message -> say("!log " + message), timing);
    JournalMain main = new JournalMain(journals.at(place));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        say(main.answer(line.split(" ", 4)));
      }
    }
    journals.close();
  }

  private static synchronized void say(String line) {
    System.out.println(line.replace('\n', ' '));
    System.out.flush();
  }

  private String answer(String[] words) throws IOException {
    try {
      return act(words);
    } catch (JournalException e) {
      return e.kind() + " " + e.getMessage();
    } catch (CompletionException e) {
      return e.getCause() instanceof JournalException known
          ? known.kind() + " " + known.getMessage()
          : e.toString();
    }
  }

  private String act(String[] words) throws IOException {
    return switch (words[0]) {
      case "open" -> open(words[1]);
      case "ours" -> "" + workflow(words[1]).isOurs();
      case "step" -> step(words[1], words[2], Integer.parseInt(words[3]));
      case "finish" -> finish(words[1]);
      case "list" -> list();
      case "fill" -> fill(Path.of(words[1]));
      case "free" -> "" + Files.deleteIfExists(Path.of(words[1]));
      case "run" -> run(List.of(words).subList(1, words.length));
      default -> throw new IllegalArgumentException(words[0]);
    };
  }

  private String open(String id) {
    OpenWorkflow workflow = journal.open(JournalContract.opening(id));
    workflow.onRevoked((Revocation why) -> say("!revoked " + id + " " + why));
    workflows.put(id, workflow);
    return "found " + workflow.found() + " " + workflow.steps().size();
  }

  /** A step whose result has so many characters. */
  private String step(String id, String key, int size) {
    workflow(id).begin(JournalContract.step(key));
    String json = "\"" + "x".repeat(size) + "\"";
    workflow(id).end(key, JournalContract.result(json), null).join();
    return "ok";
  }

  private String finish(String id) {
    workflow(id).finish(JournalContract.result("1")).join();
    return "ok";
  }

  private String list() {
    return journal.list(List.of(), 1000).stream()
        .map(one -> one.id() + "=" + one.state() + ":" + one.stepsFinished())
        .sorted()
        .collect(Collectors.joining(" "));
  }

  private OpenWorkflow workflow(String id) {
    return Objects.requireNonNull(workflows.get(id));
  }

  /** Writes a file until the disk is full. */
  private static String fill(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int size = 1 << 16; size > 0; size /= 2) {
        fill(out, size);
      }
    }
    return "ok";
  }

  private static void fill(OutputStream out, int size) {
    try {
      for (int i = 0; i < 10_000; i++) {
        out.write(new byte[size]);
      }
    } catch (IOException e) {
      // full, for pieces of that size
    }
  }

  private static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return output.isEmpty() ? "ok" : output;
  }
}
