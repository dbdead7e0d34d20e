package dev.capsule.sidecar.task;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.sidecar.policy.OptionException;
import dev.capsule.sidecar.policy.Options;
import dev.capsule.sidecar.policy.ProjectConfig;
import dev.capsule.sidecar.policy.Source;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Attempt;
import dev.capsule.sidecar.sandbox.AttemptListener;
import dev.capsule.sidecar.sandbox.Ending;
import dev.capsule.sidecar.sandbox.Engine;
import dev.capsule.sidecar.sandbox.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a program: compiles its entry, runs the top level once in a sandbox that has no rights, and
 * takes from there which tasks it has and what their decorators say.
 */
final class ProgramReader {
  private static final TaskPolicy WITHOUT_RIGHTS =
      new TaskPolicy(
          TaskPolicy.DEFAULT.fuel(),
          TaskPolicy.DEFAULT.memoryBytes(),
          Duration.ofSeconds(30),
          0,
          Set.of(),
          0,
          1_000_000,
          0,
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of());
  private static final int MAX_TASKS = 10_000;

  private final Engine engine;
  private final EntryFile file;
  private final EntryFile.Content content;
  private final ProjectConfig config;
  private final @Nullable Path packages;

  /**
   * @param content what {@code file} holds
   * @param packages folder with the packages that it may import; null: none
   */
  ProgramReader(
      Engine engine,
      EntryFile file,
      EntryFile.Content content,
      ProjectConfig config,
      @Nullable Path packages) {
    this.engine = engine;
    this.file = file;
    this.content = content;
    this.config = config;
    this.packages = packages;
  }

  /**
   * Reads it.
   *
   * @param opener reads the programs of other files whose tasks it calls
   * @param depth how many tasks, each waiting for the next, wait for it
   * @throws RequestException if it cannot be read
   */
  Program read(String id, OtherFiles.Opener opener, int depth) {
    Modules modules;
    try {
      modules = file.modules(engine, content);
    } catch (Modules.RejectedException e) {
      throw RequestException.source(e.error.toSourceError());
    }
    String reply = describe(modules, depth);
    return switch (GuestReply.parse(reply, WITHOUT_RIGHTS.maxResultBytes())) {
      case GuestReply.Failed(GuestError error) ->
          throw RequestException.source(error.toSourceError());
      case GuestReply.Ok(var value) -> {
        Program program =
            program(id, modules, value.text(), new OtherFiles(config, file.file(), opener));
        requireTasks(program);
        yield program;
      }
    };
  }

  /** Fails where an option or the configuration names a task that the program does not have. */
  private void requireTasks(Program program) {
    try {
      config.requireTasks(program.tasks().keySet(), file.file());
      for (Program.Declared task : program.tasks().values()) {
        task.options().requireTasks(program.callable(), source(task.info()));
      }
    } catch (OptionException e) {
      throw RequestException.invalidOption(e);
    }
  }

  private String describe(Modules modules, int depth) {
    Modules.Module entry = modules.entry();
    String request =
        "{\"op\":\"describe\",\"modules\":["
            + entry.json()
            + "]"
            + Program.requestField(packages)
            + "}";
    CompletableFuture<Ending> ending = new CompletableFuture<>();
    CompletableFuture<Attempt> attempt = new CompletableFuture<>();
    attempt.complete(
        engine.start(
            new Start(
                file.language().name(),
                () -> request,
                ending,
                depth,
                WITHOUT_RIGHTS.fuel(),
                WITHOUT_RIGHTS.memoryBytes(),
                WITHOUT_RIGHTS.timeout(),
                WITHOUT_RIGHTS.maxOutputBytes(),
                WITHOUT_RIGHTS.maxDiskBytes(),
                Program.mounts(packages),
                List.of()),
            new ImportsOnly(modules, attempt, ending)));
    Ending end = await(ending, attempt.join());
    if (end instanceof Ending.Replied(String reply, Ending.Usage ignored)) {
      return reply;
    }
    TaskFailure failure = Failures.of(end, WITHOUT_RIGHTS);
    throw RequestException.source(
        new SourceErrorData(
            ErrorType.SOURCE_ERROR.wireName(),
            "the top level of " + entry.file() + " did not end: " + failure.message(),
            failure.className(),
            failure.traceback(),
            entry.file(),
            null,
            null));
  }

  /** Waits for the end; whoever interrupts that does not want it any more. */
  private static Ending await(CompletableFuture<Ending> ending, Attempt attempt) {
    try {
      return ending.get();
    } catch (InterruptedException e) {
      attempt.cancel();
      Thread.currentThread().interrupt();
      throw new RequestException(ErrorCode.CANCELLED, "the program is no longer wanted", null);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Gives the top level of a program its own modules, and nothing else. */
  private record ImportsOnly(
      Modules modules, CompletableFuture<Attempt> attempt, CompletableFuture<Ending> ending)
      implements AttemptListener {
    @Override
    public void started() {}

    @Override
    public void printed(boolean error, String text) {
      // what a top level prints is shown when a task runs, not when its options are read
    }

    @Override
    public void submitted(long id, String operation) {
      Operation parsed = Operation.parse(operation);
      Thread.ofVirtual().start(() -> attempt.join().complete(id, answer(parsed)));
    }

    private String answer(Operation operation) {
      return operation instanceof Operation.Import(String name)
          ? Answers.module(modules, name)
          : Answers.failed(
              TaskFailure.of(
                  ErrorType.POLICY_DENIED, "the top level of a program may not call tasks"),
              null);
    }

    @Override
    public void ended(Ending end) {
      ending.complete(end);
    }
  }

  private Program program(String id, Modules modules, String description, OtherFiles others) {
    Map<String, Program.Declared> tasks = new LinkedHashMap<>();
    String entry;
    try {
      JsonObject object = JsonParser.parseString(description).getAsJsonObject();
      JsonArray list = object.getAsJsonArray("tasks");
      if (list.size() > MAX_TASKS) {
        throw new JsonParseException("more than " + MAX_TASKS + " tasks");
      }
      for (JsonElement element : list) {
        TaskInfo info = info(element.getAsJsonObject());
        tasks.put(info.name(), new Program.Declared(info, options(info)));
      }
      JsonElement name = object.get("entry");
      entry = name == null || name.isJsonNull() ? null : name.getAsString();
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | ClassCastException
        | NumberFormatException
        | NullPointerException e) {
      throw RequestException.source(GuestError.malformed().toSourceError());
    }
    return new Program(
        id,
        file,
        content,
        config,
        modules,
        entry != null && tasks.containsKey(entry) ? entry : null,
        packages,
        Collections.unmodifiableMap(tasks),
        others);
  }

  private static TaskInfo info(JsonObject task) {
    return new TaskInfo(
        text(task, "name"),
        text(task, "function"),
        text(task, "file"),
        task.get("line").getAsInt(),
        text(task, "signature"),
        task.getAsJsonObject("options"));
  }

  private static String text(JsonObject object, String field) {
    @Nullable JsonElement value = object.get(field);
    if (value instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw new JsonParseException(field + " is no string");
  }

  private Options options(TaskInfo info) {
    try {
      return Options.ofTask(info.options(), source(info), config.folder())
          .over(config.of(info.name()));
    } catch (OptionException e) {
      throw RequestException.invalidOption(e);
    }
  }

  private static Source source(TaskInfo info) {
    return Source.declaration(info.file(), info.line());
  }
}
