package dev.capsule.sidecar.packages;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.capsule.sidecar.sandbox.Attempt;
import dev.capsule.sidecar.sandbox.AttemptListener;
import dev.capsule.sidecar.sandbox.Compiled;
import dev.capsule.sidecar.sandbox.Ending;
import dev.capsule.sidecar.sandbox.Engine;
import dev.capsule.sidecar.sandbox.Start;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Runs a program of ours over the packages, in a sandbox that sees nothing else. */
final class Sandboxed {
  private static final String LANGUAGE = "python";
  private static final long FUEL = 5_000_000_000_000L;
  private static final long MEMORY_BYTES = 1L << 30;
  private static final long MAX_OUTPUT_BYTES = 1 << 20;
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private final Engine engine;

  Sandboxed(Engine engine) {
    this.engine = engine;
  }

  /**
   * Runs a program's {@code main}.
   *
   * @param program name of the resource
   * @param argument what it is called with
   * @param folder the packages
   * @param writable whether it may change them; then none of their own code may run in it
   * @return what it returns, which is hostile where code of the packages ran
   */
  JsonElement run(String program, JsonElement argument, Path folder, boolean writable)
      throws PackageException, IOException, InterruptedException {
    CompletableFuture<Attempt> attempt = new CompletableFuture<>();
    CompletableFuture<Ending> ending = new CompletableFuture<>();
    String request = request(program, argument);
    Start start =
        new Start(
            LANGUAGE,
            () -> request,
            ending,
            0,
            FUEL,
            MEMORY_BYTES,
            TIMEOUT,
            MAX_OUTPUT_BYTES,
            writable ? FileTree.MAX_BYTES : 0,
            List.of(new Start.Folder(folder.toRealPath(), Packages.GUEST_FOLDER, writable, true)),
            List.of());
    attempt.complete(engine.start(start, new NoRights(attempt, ending)));
    try {
      return result(ending.get());
    } catch (InterruptedException e) {
      attempt.join().cancel();
      throw e;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private String request(String program, JsonElement argument) throws IOException {
    String source;
    try (InputStream in =
        Objects.requireNonNull(Sandboxed.class.getResourceAsStream(program + ".py"))) {
      source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    JsonObject module = new JsonObject();
    module.addProperty("module", program);
    module.addProperty("file", program + ".py");
    module.addProperty("source", source);
    if (!(engine.compile(LANGUAGE, module.toString()) instanceof Compiled.Code(String code))) {
      throw new IllegalStateException("cannot compile " + program);
    }
    module = new JsonObject();
    module.addProperty("name", program);
    module.addProperty("file", program + ".py");
    module.addProperty("package", false);
    module.addProperty("code", code);
    JsonArray modules = new JsonArray();
    modules.add(module);
    JsonArray packages = new JsonArray();
    packages.add(Packages.GUEST_FOLDER);
    JsonArray args = new JsonArray();
    args.add(argument);
    JsonObject request = new JsonObject();
    request.addProperty("op", "call");
    request.add("modules", modules);
    request.addProperty("task", "main");
    request.add("args", args);
    request.add("kwargs", new JsonObject());
    request.add("env", new JsonObject());
    request.add("tools", new JsonArray());
    request.add("packages", packages);
    request.addProperty("max_result_bytes", MAX_OUTPUT_BYTES);
    return request.toString();
  }

  private static JsonElement result(Ending ending) throws PackageException {
    if (ending instanceof Ending.Replied(String text, var _)) {
      try {
        JsonObject reply = JsonParser.parseString(text).getAsJsonObject();
        if (reply.has("ok")) {
          return reply.get("ok");
        }
        throw failed(reply.getAsJsonObject("error").get("message").getAsString());
      } catch (JsonParseException
          | IllegalStateException
          | UnsupportedOperationException
          | ClassCastException
          | NullPointerException e) {
        throw failed("it replied something else");
      }
    }
    throw failed(ending.getClass().getSimpleName());
  }

  private static PackageException failed(String why) {
    return new PackageException(
        "the packages could not be made ready in a sandbox: "
            + (why.length() <= 500 ? why : why.substring(0, 499) + "…"));
  }

  /** Answers that the program has no modules but those of the packages, and denies the rest. */
  private record NoRights(CompletableFuture<Attempt> attempt, CompletableFuture<Ending> ending)
      implements AttemptListener {
    private static final String DENIED =
        "\"error\":{\"type\":\"policy_denied\",\"message\":\"packages may do nothing when they are"
            + " imported\",\"class\":null,\"traceback\":null,\"task\":null}";

    @Override
    public void started() {}

    @Override
    public void printed(boolean error, String text) {
      // nobody asked for it
    }

    @Override
    public @Nullable Runnable submitted(long id, String operation) {
      String answer = isImport(operation) ? "\"ok\":null" : DENIED;
      var _ = attempt.thenAccept(running -> running.complete(id, answer));
      return null;
    }

    private static boolean isImport(String operation) {
      try {
        return JsonParser.parseString(operation)
            .getAsJsonObject()
            .get("op")
            .getAsString()
            .equals("module");
      } catch (JsonParseException
          | IllegalStateException
          | UnsupportedOperationException
          | NullPointerException e) {
        return false;
      }
    }

    @Override
    public void ended(Ending end) {
      ending.complete(end);
    }
  }
}
