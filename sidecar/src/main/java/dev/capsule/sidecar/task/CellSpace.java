package dev.capsule.sidecar.task;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.sidecar.http.HttpGate;
import dev.capsule.sidecar.policy.Ceiling;
import dev.capsule.sidecar.policy.Ceilings;
import dev.capsule.sidecar.policy.DeniedException;
import dev.capsule.sidecar.policy.OptionException;
import dev.capsule.sidecar.policy.Options;
import dev.capsule.sidecar.policy.ProjectConfig;
import dev.capsule.sidecar.policy.Source;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Engine;
import dev.capsule.sidecar.trace.Trace;
import dev.capsule.sidecar.trace.TraceContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where code is run as it stands: the language, what it may use, and who hears of it. It belongs to
 * no program, so nothing of the host's files can be imported by it, and there are no tasks that it
 * could call. Of the configuration's defaults the limits hold, but not the grants: those are meant
 * for tasks that somebody has read.
 *
 * @param options what it asks for
 */
record CellSpace(
    Services services,
    Program program,
    Options options,
    Ceilings ceilings,
    @Nullable List<String> tools,
    Map<String, String> env) {

  /** What runs code. */
  record Services(
      Engine engine,
      HttpGate http,
      Backoff backoff,
      Traces traces,
      Languages languages,
      Map<String, String> environment) {}

  /** What a client asks for, of a snippet or of a session. */
  record Asked(
      @Nullable String language,
      @Nullable String root,
      @Nullable String config,
      @Nullable JsonElement options,
      @Nullable JsonElement ceiling,
      @Nullable List<String> tools,
      @Nullable Map<String, String> env) {}

  /**
   * Understands what a client asks for. May block while packages are installed.
   *
   * @param source which may name packages
   * @param progress told what takes long
   * @throws RequestException if it cannot be
   */
  static CellSpace of(Services services, Asked asked, String source, Consumer<String> progress) {
    if (asked.language() == null) {
      throw RequestException.invalid("language", null, "is missing");
    }
    Language language = services.languages().named(asked.language());
    services.engine().prepare(language.name());
    Path root =
        ProgramLoader.folder(
            "root", asked.root() == null ? Path.of("").toAbsolutePath().toString() : asked.root());
    ProjectConfig config =
        ProgramLoader.config(ProgramLoader.configFile(root, asked.config()), root);
    Path packages = Dependencies.install(language, config, source, "<cell>", progress);
    Path nowhere = root.resolve("<cell>");
    Program program =
        new Program(
            "",
            new EntryFile(language, root, "__main__", nowhere, ""),
            new EntryFile.Text(""),
            config,
            new CellModules(language, ""),
            null,
            packages,
            Map.of(),
            new OtherFiles(
                ProjectConfig.none(root),
                nowhere,
                (file, depth) -> {
                  throw new IllegalStateException("a cell has no other files");
                }));
    try {
      Options options =
          Options.ofCaller(object("options", asked.options()), root)
              .over(config.defaults().limits());
      JsonObject ceiling = object("ceiling", asked.ceiling());
      Ceilings ceilings = config.ceilings();
      if (ceiling != null) {
        ceilings = ceilings.and(Ceiling.read(ceiling, Source.callersCeiling(), root));
      }
      return new CellSpace(
          services, program, options, ceilings, asked.tools(), Environment.given(asked.env()));
    } catch (OptionException e) {
      throw RequestException.invalidOption(e);
    }
  }

  private static @Nullable JsonObject object(String field, @Nullable JsonElement given) {
    if (given == null || given.isJsonNull()) {
      return null;
    }
    if (given instanceof JsonObject object) {
      return object;
    }
    throw RequestException.invalid(field, given.toString(), "must be an object");
  }

  /**
   * What a cell may use.
   *
   * @param more what is asked for it alone
   * @throws DeniedException if it asks for something that it may not have
   */
  TaskPolicy policy(String name, Options more) throws DeniedException {
    return ceilings.bound(name, more.over(options));
  }

  /** What is asked for one cell alone. */
  Options read(JsonObject more) {
    try {
      return Options.ofCaller(more, program.entryFile().root());
    } catch (OptionException e) {
      throw RequestException.invalidOption(e);
    }
  }

  /**
   * A run of code.
   *
   * @param file what the code is called in errors
   * @param place where it runs; null: in a fresh sandbox
   * @param from the trace that it is a part of; null: it begins one
   */
  Cell cell(
      RunListener.Run run,
      String file,
      String code,
      TaskPolicy policy,
      CellWork.@Nullable Place place,
      @Nullable TraceContext from,
      RunListener listener,
      ToolCaller caller) {
    Trace trace =
        services.traces().begin(from, program.config(), program.entryFile().root(), false);
    RunContext.Variables variables = new RunContext.Variables(env, services.environment());
    RunContext context =
        new RunContext(
            services.engine(),
            services.http().share(),
            listener,
            services.backoff(),
            ceilings,
            new RunTree(),
            trace,
            ClientTools.of(run.id(), tools, caller),
            variables,
            variables.of(program, policy.env()),
            null);
    Program own = program.with(new CellModules(program.entryFile().language(), code));
    CellWork work =
        new CellWork(program, policy, code, file, Invocation.granted(policy, context), place);
    RunSpans spans = RunSpans.ofCell(trace.outside(), context, program, run, options, code);
    return new Cell(new TaskRun(context, own, run, policy, work, null, spans, null), work);
  }

  /** A run of code, and what tells its value. */
  record Cell(TaskRun run, CellWork work) {}
}
