package dev.capsule.sidecar.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The real sidecar in a process of its own, and a client that speaks to it. */
public final class SidecarProcess implements AutoCloseable {
  private static final String HOME = "capsule.home";

  private final Process process;
  private final OutputStream toSidecar;
  private final Path errors;
  private volatile int seen;
  private final Inbox inbox;
  private final AtomicInteger lastId = new AtomicInteger();

  private SidecarProcess(Process process, Path errors) {
    this.process = process;
    this.toSidecar = process.getOutputStream();
    this.errors = errors;
    this.inbox = new Inbox(process.getInputStream());
    inbox.start();
  }

  /** Starts one and initializes it. */
  public static SidecarProcess ready() {
    SidecarProcess sidecar = start(Map.of());
    sidecar.initialize();
    return sidecar;
  }

  /**
   * Starts one.
   *
   * @param environment what differs from the test's own
   */
  public static SidecarProcess start(Map<String, String> environment) {
    List<String> command = command();
    try {
      Path errors = Files.createTempFile("sidecar-", ".log");
      errors.toFile().deleteOnExit();
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
      builder.environment().putAll(environment);
      return new SidecarProcess(builder.start(), errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command line of a sidecar made of the classes under test. */
  public static List<String> command() {
    Path home = home();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx1g",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            // ArchUnit's SLF4J is on the tests' path alone, and SQLite's driver tries to log by it
            "-Dslf4j.internal.verbosity=ERROR",
            "-D" + HOME + "=" + home,
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "dev.capsule.sidecar.Main"));
    return command;
  }

  /** Where the build has put the library and the guests. */
  public static Path home() {
    Path home = Path.of(System.getProperty(HOME, "build")).toAbsolutePath();
    for (String file :
        new String[] {"native/" + System.mapLibraryName("wasmtime"), "guests/python.wasm"}) {
      if (!Files.isRegularFile(home.resolve(file))) {
        throw new AssertionError(home.resolve(file) + " is missing: run ./capsule build first");
      }
    }
    return home;
  }

  /**
   * Sends {@code initialize} and waits for its answer. Python is made ready; other languages are
   * when a test asks for them.
   */
  public JsonObject initialize() {
    JsonObject params = new JsonObject();
    params.add("languages", Json.array("python"));
    return request("initialize", params).reply().result().getAsJsonObject();
  }

  /** Sends a request under an id of its own. */
  public Pending request(String method, @Nullable JsonElement params) {
    return request(new JsonPrimitive(lastId.incrementAndGet()), method, params);
  }

  /** Sends a request. */
  public Pending request(JsonPrimitive id, String method, @Nullable JsonElement params) {
    Pending pending = new Pending(this, id);
    inbox.expect(pending);
    send(message(id, method, params));
    return pending;
  }

  /** Sends a request under an id that another one has; its answer is found among the strays. */
  public void requestAgain(Pending first, String method, JsonElement params) {
    send(message(first.id(), method, params));
  }

  /**
   * Waits for that many requests of the sidecar; returns them all, in the order of their coming.
   */
  public List<JsonObject> awaitToolCalls(int count) {
    Deadline.await(
        count + " calls of tools; " + condition(), () -> toolCalls().size() >= count || isOver());
    return toolCalls();
  }

  /** Takes what has come for seen: the methods on tools' calls count from here. */
  public void forgetToolCalls() {
    seen = messages().size();
  }

  /** The requests of the sidecar so far. */
  public List<JsonObject> toolCalls() {
    return sent("callTool");
  }

  /** The ids of the requests that the sidecar has taken back so far. */
  public List<JsonElement> cancelledToolCalls() {
    return sent("$/cancelRequest").stream()
        .map(message -> message.getAsJsonObject("params").get("id"))
        .toList();
  }

  private List<JsonObject> sent(String method) {
    return messages().stream()
        .skip(seen)
        .filter(
            message -> message.has("method") && message.get("method").getAsString().equals(method))
        .toList();
  }

  /**
   * Answers a request of the sidecar.
   *
   * @param member {@code "result"} or {@code "error"}
   */
  public void answer(JsonObject request, String member, JsonElement value) {
    JsonObject message = new JsonObject();
    message.addProperty("jsonrpc", "2.0");
    message.add("id", request.get("id"));
    message.add(member, value);
    send(message);
  }

  /** Answers the call of a tool with its value. */
  public void answer(JsonObject request, JsonElement value) {
    JsonObject result = new JsonObject();
    result.add("result", value);
    result.add("error", JsonNull.INSTANCE);
    answer(request, "result", result);
  }

  /** Sends a notification. */
  public void notify(String method, @Nullable JsonElement params) {
    send(message(null, method, params));
  }

  private static JsonObject message(
      @Nullable JsonPrimitive id, String method, @Nullable JsonElement params) {
    JsonObject message = new JsonObject();
    message.addProperty("jsonrpc", "2.0");
    if (id != null) {
      message.add("id", id);
    }
    message.addProperty("method", method);
    if (params != null) {
      message.add("params", params);
    }
    return message;
  }

  private void send(JsonObject message) {
    sendBody(message.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Sends a message that may be anything, well framed. */
  public void sendBody(byte[] body) {
    try {
      synchronized (toSidecar) {
        Frames.write(toSidecar, body);
      }
    } catch (IOException e) {
      throw new AssertionError("cannot write; " + condition(), e);
    }
  }

  /** Sends bytes without a frame. */
  public void sendRaw(byte[] bytes) {
    try {
      synchronized (toSidecar) {
        toSidecar.write(bytes);
        toSidecar.flush();
      }
    } catch (IOException e) {
      throw new AssertionError("cannot write; " + condition(), e);
    }
  }

  /** Ends the sidecar's input. */
  public void closeInput() {
    try {
      toSidecar.close();
    } catch (IOException e) {
      throw new AssertionError("cannot close; " + condition(), e);
    }
  }

  /** Stops to read what the sidecar sends. */
  public void pauseReading() {
    inbox.pause(true);
  }

  /** Reads on. */
  public void resumeReading() {
    inbox.pause(false);
  }

  /** Every message so far, in the order in which they came. */
  public List<JsonObject> messages() {
    return inbox.messages();
  }

  /** Every notification and request of the sidecar so far. */
  public List<JsonObject> notifications() {
    return messages().stream().filter(message -> message.has("method")).toList();
  }

  /** Answers that belong to no request, so far: errors whose id is null, and second answers. */
  public List<Reply> strays() {
    return inbox.strays();
  }

  /** Waits for that many answers that belong to no request; returns the last. */
  public Reply awaitStray(int count) {
    Deadline.await(
        "stray answer " + count + "; " + condition(), () -> strays().size() >= count || isOver());
    return strays().get(count - 1);
  }

  private boolean isOver() {
    return inbox.isOver();
  }

  /** What a run printed so far, to one of its streams. */
  public String output(String run, String stream) {
    StringBuilder text = new StringBuilder();
    for (JsonObject message : notifications()) {
      JsonObject params = message.getAsJsonObject("params");
      if (message.get("method").getAsString().equals("task/output")
          && params.get("run").getAsString().equals(run)
          && params.get("stream").getAsString().equals(stream)) {
        text.append(params.get("text").getAsString());
      }
    }
    return text.toString();
  }

  /** The process, to look at. */
  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for its end; returns its exit status. */
  public int awaitExit() {
    try {
      if (!process.waitFor(Deadline.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("the sidecar does not end; " + condition());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
    return process.exitValue();
  }

  /** Resident memory in bytes, of this process alone; 0 where the system does not tell. */
  public long residentBytes() {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("RssAnon:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  /** What it said on stderr. */
  public String errors() {
    try {
      return Files.readString(errors, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** What is known of it, for messages of failures. */
  String condition() {
    String text = errors();
    return (process.isAlive() ? "it runs" : "it ended with status " + process.exitValue())
        + (inbox.broken() == null ? "" : ", " + inbox.broken())
        + "; its stderr: "
        + text.substring(Math.max(0, text.length() - 4000));
  }

  /** Fails unless it runs and all that it sent so far was well-formed. */
  public void assertHealthy() {
    if (!process.isAlive() || inbox.broken() != null) {
      throw new AssertionError("the sidecar is not well: " + condition());
    }
  }

  /** Ends it at once. */
  @Override
  public void close() {
    process.destroyForcibly();
    awaitExit();
  }
}
