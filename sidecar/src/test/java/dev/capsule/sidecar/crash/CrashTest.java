package dev.capsule.sidecar.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.SidecarProcess;
import dev.capsule.sidecar.harness.WorkflowClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the sidecar, the program or both at commits of the journal, again and again, and starts the
 * program until it comes to its end. {@code -Dcapsule.crashes=1000} asks for that many kills, and
 * {@code -Dcapsule.seed=N} for those of an earlier run.
 */
class CrashTest {
  private static final int KILLS = Integer.getInteger("capsule.crashes", 24);
  private static final int KILLS_A_WORKFLOW = 8;

  /** A workflow that is not disturbed commits about so often. */
  private static final int COMMITS = 40;

  private static final String RESULT =
      "[1000000, [0, 2, 8, 18, 32, 50, 72, 98], [1, 2, 3, 4], [5, 30605], [\"a\", \"b\"],"
          + " \"TaskError\", true]";

  private static final Path CHECKOUT =
      Path.of(System.getProperty("capsule.checkout", "..")).toAbsolutePath().normalize();

  @TempDir Path folder;

  @Test
  void noCommittedStepRunsAgainAndNoneIsMissing() throws IOException, InterruptedException {
    long seed = Long.getLong("capsule.seed", System.nanoTime());
    Random random = new Random(seed);
    System.out.println("CrashTest: seed " + seed + ", " + KILLS + " kills");
    int killed = 0;
    for (int number = 0; killed < KILLS; number++) {
      List<String> plan = new ArrayList<>();
      for (int i = 0; i < KILLS_A_WORKFLOW; i++) {
        // the first commits are those that every process comes to
        int commit = 1 + (random.nextBoolean() ? random.nextInt(6) : random.nextInt(COMMITS));
        String side = random.nextBoolean() ? "before" : "after";
        plan.add(
            commit + " " + side + " " + List.of("sidecar", "host", "both").get(random.nextInt(3)));
      }
      killed += new Story(folder.toRealPath().resolve("w" + number), plan, seed).tell();
    }
  }

  /** One workflow, from its first start to its end. */
  private static final class Story {
    private final Path root;
    private final Path plan;
    private final List<String> crashes;
    private final String about;

    Story(Path root, List<String> crashes, long seed) throws IOException {
      this.root = root;
      this.plan = root.resolve("plan");
      this.crashes = crashes;
      this.about = "seed " + seed + ", " + root.getFileName() + ", " + crashes;
      Files.createDirectories(root.resolve("effects"));
      Files.createDirectories(root.resolve(".capsule"));
      try (InputStream host = CrashTest.class.getResourceAsStream("/crash/host.py")) {
        Files.write(root.resolve("host.py"), Objects.requireNonNull(host).readAllBytes());
      }
      Files.write(plan, crashes);
    }

    /** Returns how many were killed. */
    int tell() throws IOException, InterruptedException {
      Map<String, Long> committed = new HashMap<>();
      for (int start = 0; start <= crashes.size() * 2; start++) {
        boolean ended = run();
        for (Map.Entry<String, Long> step : committed.entrySet()) {
          assertThat(effects(step.getKey()))
              .as("%s: runs of the committed step %s", about, step.getKey())
              .isEqualTo(step.getValue());
        }
        List<JsonObject> steps = steps();
        for (JsonObject step : steps) {
          if (!step.get("state").getAsString().equals("started")
              && !step.get("kind").getAsString().equals("value")) {
            String key = key(step);
            long runs = effects(key);
            assertThat(runs).as("%s: effects of %s", about, step).isPositive();
            Long _ = committed.putIfAbsent(key, runs);
          }
        }
        if (ended) {
          assertThat(steps).as(about).hasSize(1 + 16 + 4 + 8 + 2 + 1 + 1 + 1);
          assertThat(steps)
              .as(about)
              .noneMatch(step -> step.get("state").getAsString().equals("started"));
          return crashes.size() - Files.readAllLines(plan).size();
        }
      }
      throw new AssertionError(about + ": it does not come to its end");
    }

    /** Runs the program; whether it came to its end. */
    private boolean run() throws IOException, InterruptedException {
      ProcessBuilder builder = new ProcessBuilder("python3", "host.py").directory(root.toFile());
      Path out = root.resolve("out");
      Path err = root.resolve("err");
      builder.redirectOutput(out.toFile()).redirectError(err.toFile());
      List<String> command = new ArrayList<>(SidecarProcess.command());
      command.set(command.size() - 1, CrashingSidecar.class.getName());
      builder.environment().put("PYTHONPATH", CHECKOUT.resolve("sdk-python/src").toString());
      builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
      builder.environment().put(CrashingSidecar.PLAN, plan.toString());
      builder
          .environment()
          .put(
              "CAPSULE_SIDECAR",
              command.stream().map(Story::quoted).collect(Collectors.joining(" ")));
      Process host = builder.start();
      if (!host.waitFor(5, TimeUnit.MINUTES)) {
        host.destroyForcibly();
        throw new AssertionError(about + ": it hangs: " + Files.readString(err));
      }
      if (host.exitValue() == 0) {
        assertThat(Json.of(Files.readString(out))).as(about).isEqualTo(Json.of(RESULT));
        return true;
      }
      assertThat(Files.readString(err))
          .as(about)
          .satisfiesAnyOf(
              said -> assertThat(host.exitValue()).isEqualTo(137),
              said -> assertThat(said).containsAnyOf("SidecarError", "SidecarLost"));
      return false;
    }

    private static String quoted(String word) {
      return "'" + word + "'";
    }

    private static String key(JsonObject step) {
      String name = step.get("name").getAsString();
      if (step.get("kind").getAsString().equals("step")) {
        return name;
      }
      String id = step.get("step").getAsString();
      return id.substring(id.indexOf('/') + 1);
    }

    private long effects(String key) throws IOException {
      try (Stream<Path> files = Files.list(root.resolve("effects"))) {
        return files.filter(file -> file.getFileName().toString().startsWith(key + ".")).count();
      }
    }

    /** The steps that the journal has. */
    private List<JsonObject> steps() {
      try (SidecarProcess sidecar = SidecarProcess.ready()) {
        WorkflowClient client = new WorkflowClient(sidecar, root);
        JsonElement answer = client.ask("describeWorkflow", client.params("crash")).message();
        if (answer.getAsJsonObject().has("error")) {
          return List.of(); // it was killed before it had written anything
        }
        Deadline.await(
            "the end of what was killed",
            () -> !client.listed("crash").get("state").getAsString().equals("running"));
        return client.steps("crash");
      }
    }
  }
}
