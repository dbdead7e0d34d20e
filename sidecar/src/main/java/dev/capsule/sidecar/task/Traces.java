package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ListTracesParams;
import dev.capsule.protocol.ListTracesResult;
import dev.capsule.protocol.ReadTraceParams;
import dev.capsule.protocol.ReadTraceResult;
import dev.capsule.protocol.TraceOptions;
import dev.capsule.sidecar.policy.ConfigFile;
import dev.capsule.sidecar.policy.ProjectConfig;
import dev.capsule.sidecar.policy.TraceConfig;
import dev.capsule.sidecar.trace.Level;
import dev.capsule.sidecar.trace.StoreSettings;
import dev.capsule.sidecar.trace.Trace;
import dev.capsule.sidecar.trace.TraceContext;
import dev.capsule.sidecar.trace.TraceReader;
import dev.capsule.sidecar.trace.Tracing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which traces are kept, and where: what the environment says wins over the project's
 * configuration, and that over what the client would like.
 */
public final class Traces {
  /** {@code store}, {@code verbose} or {@code off}. */
  private static final String SETTING = "CAPSULE_TRACE";

  private static final String FOLDER = "traces";
  private static final int USUAL_LIMIT = 20;
  private static final int MAX_LIMIT = 10_000;
  private static final int MAX_PROJECTS = 1_000;

  private record Project(Path root, @Nullable Path config) {}

  private final Tracing tracing;
  private final Map<String, String> environment;
  private final Map<Project, Path> folders = new ConcurrentHashMap<>();
  private volatile boolean wanted;

  Traces(Tracing tracing, Map<String, String> environment) {
    this.tracing = tracing;
    this.environment = environment;
  }

  /** Takes what the client would like. */
  public void prefer(@Nullable TraceOptions options) {
    wanted = options != null && Boolean.TRUE.equals(options.store());
  }

  /** Where traces go beside the stores. */
  public Tracing tracing() {
    return tracing;
  }

  /**
   * Begins a trace of a program.
   *
   * @param caller where it comes from; null: it begins here
   * @param root the program's folder
   * @param workflow whether it is of a workflow; those are always kept, unless somebody says no
   */
  Trace begin(@Nullable TraceContext caller, ProjectConfig config, Path root, boolean workflow) {
    return tracing.begin(caller, Ids.trace(), store(config, root, workflow));
  }

  private @Nullable StoreSettings store(ProjectConfig config, Path root, boolean workflow) {
    TraceConfig said = config.trace();
    String setting = environment.getOrDefault(SETTING, "");
    boolean keep =
        switch (setting) {
          case "store", "verbose" -> true;
          case "off" -> false;
          default -> said.store() == null ? wanted || workflow : said.store();
        };
    if (!keep) {
      return null;
    }
    return new StoreSettings(
        folder(root, config.file()),
        said.maxBytes(),
        said.maxAge(),
        said.verbose() || setting.equals("verbose") ? Level.VERBOSE : Level.MESSAGES);
  }

  /** It stays the same as long as the process lives, whatever becomes of the folders. */
  private Path folder(Path root, @Nullable Path config) {
    if (folders.size() > MAX_PROJECTS) {
      folders.clear();
    }
    return folders.computeIfAbsent(
        new Project(root, config),
        key -> StoreFolder.of(root, config, environment).resolve(FOLDER));
  }

  private Path folder(@Nullable String root, @Nullable String config) {
    Path folder = ProgramLoader.folder("root", root);
    ConfigFile file = ProgramLoader.configFile(folder, config);
    return StoreFolder.of(folder, file == null ? null : file.path(), environment).resolve(FOLDER);
  }

  /** The traces in a store, newest first. */
  public ListTracesResult list(ListTracesParams params) {
    Path folder = folder(params.root(), params.config());
    int limit = params.limit() == null ? USUAL_LIMIT : params.limit();
    if (limit < 1 || limit > MAX_LIMIT) {
      throw RequestException.invalid(
          "limit", Integer.toString(limit), "must be a number from 1 to " + MAX_LIMIT);
    }
    flush();
    try {
      return new ListTracesResult(
          folder.toString(),
          new TraceReader(folder).list(limit, Boolean.TRUE.equals(params.failed())));
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  /** The spans of one trace, or of all traces of a workflow. */
  public ReadTraceResult read(ReadTraceParams params) {
    Path folder = folder(params.root(), params.config());
    if (params.run() == null || params.run().isEmpty()) {
      throw RequestException.invalid("run", null, "is missing");
    }
    flush();
    try {
      return new TraceReader(folder).read(params.run());
    } catch (TraceReader.NotOneException e) {
      throw RequestException.invalid(
          "run", new JsonPrimitive(params.run()).toString(), String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  /** What this process has seen is there, too. */
  private void flush() {
    try {
      tracing.flush(1_000_000_000L);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static RequestException unreadable(Path folder, IOException e) {
    return new RequestException(
        ErrorCode.INTERNAL_ERROR, "the traces in " + folder + " cannot be read: " + e, null);
  }
}
