package dev.capsule.repl.command;

import dev.capsule.protocol.DescribeConfigParams;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.InvalidParamData;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.view.ConfigTable;
import dev.capsule.repl.view.Failures;
import dev.capsule.repl.view.Screen;
import dev.capsule.repl.view.Shown;
import dev.capsule.repl.view.Spinner;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** {@code capsule config}: what is set, and where each setting was written. */
final class ConfigCommand {
  private final @Nullable ProgramFile program;
  private final @Nullable String config;
  private final boolean json;
  private final Session session;
  private final Screen screen;
  private final Path workingFolder;

  ConfigCommand(ParseResult line, Session session, Screen screen, Path workingFolder)
      throws UsageException {
    String typed = line.matchedPositionalValue(0, (String) null);
    this.program = typed == null ? null : ProgramFile.of(typed, workingFolder);
    this.config = ConfigArgument.of(line, workingFolder);
    this.json = line.hasMatchedOption("--json");
    this.session = session;
    this.screen = screen;
    this.workingFolder = workingFolder;
  }

  /** Returns the exit code. */
  int run() throws InterruptedException {
    Failures failures = new Failures(program == null ? "capsule.toml" : program.asTyped());
    try {
      DescribeConfigResult found = describe();
      screen.println(
          json
              ? Json.gson().toJson(found)
              : ConfigTable.of(found, path -> Shown.path(path, workingFolder)));
      return ExitCode.OK;
    } catch (RpcException e) {
      return refused(e, failures);
    } catch (SidecarException e) {
      screen.printErrorLine(failures.ofSidecar(String.valueOf(e.getMessage())));
      return ExitCode.SIDECAR_FAILED;
    }
  }

  private DescribeConfigResult describe() throws RpcException, InterruptedException {
    Path root = program == null ? workingFolder : program.folder();
    var params =
        new DescribeConfigParams(
            root.toString(),
            program == null ? null : program.path().toString(),
            program == null ? null : program.language().wireName(),
            config);
    try (var _ = new Spinner(screen, "reading")) {
      return session.await(Method.DESCRIBE_CONFIG, params, DescribeConfigResult.class);
    }
  }

  private int refused(RpcException refusal, Failures failures) {
    String message = String.valueOf(refusal.getMessage());
    return switch (refusal.code()) {
      case ErrorCode.INVALID_PARAMS -> {
        InvalidParamData data = refusal.data(InvalidParamData.class);
        Path folder = program == null ? workingFolder : program.folder();
        yield fail(
            ExitCode.USAGE,
            data == null
                ? failures.plain(message)
                : failures.ofOption(data, folder, workingFolder));
      }
      case ErrorCode.SOURCE_ERROR -> {
        SourceErrorData data = refusal.data(SourceErrorData.class);
        yield fail(
            ExitCode.TASK_FAILED,
            data == null || program == null
                ? failures.plain(message)
                : failures.ofSource(data, program.path()));
      }
      case ErrorCode.CANCELLED -> fail(ExitCode.TASK_FAILED, failures.plain("interrupted"));
      default -> fail(ExitCode.SIDECAR_FAILED, failures.ofSidecar("refused: " + message));
    };
  }

  private int fail(int code, String text) {
    screen.printErrorLine(text);
    return code;
  }
}
