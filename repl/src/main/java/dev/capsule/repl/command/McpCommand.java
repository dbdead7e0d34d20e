package dev.capsule.repl.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import dev.capsule.protocol.DescribeConfigParams;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.Method;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.Sidecar;
import dev.capsule.repl.mcp.Grants;
import dev.capsule.repl.mcp.McpServer;
import dev.capsule.repl.mcp.ProgramSource;
import dev.capsule.repl.mcp.Programs;
import dev.capsule.repl.view.Screen;
import dev.capsule.repl.view.Shown;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** {@code capsule mcp}: standard output is the protocol's alone. */
final class McpCommand {
  private static final int MODE_LENGTH = 3;

  private final List<ProgramFile> files;
  private final @Nullable String config;
  private final RunPolicy policy;
  private final Session session;
  private final Screen screen;
  private final Path workingFolder;
  private final String version;
  private final @Nullable HttpPlace http;

  McpCommand(ParseResult line, Session session, Screen screen, Path workingFolder, String version)
      throws UsageException {
    this.files = new ArrayList<>();
    for (String typed : line.matchedPositionalValue(0, List.<String>of())) {
      files.add(ProgramFile.of(typed, workingFolder));
    }
    this.config = ConfigArgument.of(line, workingFolder);
    this.policy = RunPolicy.of(line, workingFolder, System.getenv());
    this.session = session;
    this.screen = screen;
    this.workingFolder = workingFolder;
    this.version = version;
    String port = line.matchedOptionValue("--http", (String) null);
    this.http = port == null ? null : HttpPlace.of(port, System.getenv());
  }

  /** Returns the exit code. */
  int run() throws InterruptedException {
    var grants =
        new Grants(
            workingFolder.toString(),
            config,
            policy.options(),
            policy.ceiling(),
            policy.env(),
            shared());
    if (http != null) {
      return http.serve(session, this::programs, grants, version, screen);
    }
    var server =
        new McpServer(
            new FileInputStream(FileDescriptor.in),
            new FileOutputStream(FileDescriptor.out),
            session::ready,
            this::programs,
            grants,
            version);
    try {
      server.run();
      return ExitCode.OK;
    } catch (IOException e) {
      screen.printErrorLine("capsule: standard input cannot be read: " + e.getMessage());
      return ExitCode.SIDECAR_FAILED;
    }
  }

  private Programs.Found programs() throws RpcException, InterruptedException {
    if (!files.isEmpty()) {
      return new Programs.Found(
          files.stream().map(file -> source(file, config)).toList(), List.of());
    }
    var params = new DescribeConfigParams(workingFolder.toString(), null, null, config);
    Sidecar sidecar = session.ready();
    DescribeConfigResult found =
        sidecar.await(sidecar.request(Method.DESCRIBE_CONFIG, params), DescribeConfigResult.class);
    if (found.entrypoint() == null) {
      return new Programs.Found(List.of(), List.of());
    }
    try {
      String typed = Shown.path(Path.of(found.entrypoint()), workingFolder);
      ProgramFile entry = ProgramFile.of(typed, workingFolder);
      return new Programs.Found(List.of(source(entry, found.config())), List.of());
    } catch (UsageException e) {
      return new Programs.Found(
          List.of(), List.of("the entrypoint of " + found.config() + ": " + e.getMessage()));
    }
  }

  private static ProgramSource source(ProgramFile file, @Nullable String config) {
    return new ProgramSource(file.asTyped(), file.toLoad(config));
  }

  /** What --mount names: {@code HOST::GUEST:MODE}, everything spelled out. */
  private List<Grants.Shared> shared() {
    JsonArray mounts = policy.options().getAsJsonArray("mounts");
    List<Grants.Shared> shared = new ArrayList<>();
    for (JsonElement mount : mounts == null ? new JsonArray() : mounts) {
      String text = mount.getAsString();
      int guest = text.indexOf("::");
      shared.add(
          new Grants.Shared(
              Path.of(text.substring(0, guest)),
              text.substring(guest + 2, text.length() - MODE_LENGTH)));
    }
    return shared;
  }
}
