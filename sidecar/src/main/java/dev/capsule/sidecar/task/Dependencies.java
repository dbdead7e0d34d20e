package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.sidecar.packages.InlineMetadata;
import dev.capsule.sidecar.packages.PackageException;
import dev.capsule.sidecar.packages.Packages;
import dev.capsule.sidecar.packages.Requirement;
import dev.capsule.sidecar.policy.Dependency;
import dev.capsule.sidecar.policy.ProjectConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The packages that a program asks for: those of its project's configuration and those that its
 * entry names itself, which win where both name a package.
 */
final class Dependencies {
  /** A package that is asked for, and where. */
  private record Wanted(Requirement requirement, String file, int line, @Nullable Integer column) {}

  private Dependencies() {}

  /**
   * The folder with the packages of a program, installed if need be; null if it asks for none.
   *
   * @param project whose dependencies it has
   * @param source of the entry
   * @param file the entry's name, for messages
   * @param progress told what takes long
   */
  static @Nullable Path install(
      Language language,
      ProjectConfig project,
      String source,
      String file,
      Consumer<String> progress) {
    Packages packages = language.packages();
    if (packages == null) {
      return null;
    }
    List<Wanted> wanted = wanted(project, ofEntry(source, file));
    if (wanted.isEmpty()) {
      return null;
    }
    try {
      return packages.install(wanted.stream().map(Wanted::requirement).toList(), progress);
    } catch (PackageException e) {
      throw failed(e, wanted);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RequestException(ErrorCode.CANCELLED, "the program is no longer wanted", null);
    }
  }

  private static List<Wanted> ofEntry(String source, String file) {
    try {
      return InlineMetadata.read(source, file).dependencies().stream()
          .map(each -> new Wanted(each.requirement(), file, each.line(), null))
          .toList();
    } catch (PackageException e) {
      throw refused(e, file, e.line(), null);
    }
  }

  private static List<Wanted> wanted(ProjectConfig project, List<Wanted> ofEntry) {
    List<Wanted> wanted = new ArrayList<>();
    for (Dependency each : project.dependencies()) {
      Requirement requirement = parse(each);
      if (ofEntry.stream().noneMatch(own -> own.requirement().name().equals(requirement.name()))) {
        wanted.add(new Wanted(requirement, each.file(), each.line(), each.column()));
      }
    }
    wanted.addAll(ofEntry);
    return wanted;
  }

  private static Requirement parse(Dependency dependency) {
    try {
      return Requirement.parse(dependency.text());
    } catch (PackageException e) {
      throw RequestException.invalidOption(
          dependency.fault(
              new JsonPrimitive(dependency.text()).toString(), String.valueOf(e.getMessage())));
    }
  }

  /** Tells it where the package is asked for that led to it; else where any is. */
  private static RequestException failed(PackageException e, List<Wanted> wanted) {
    for (Wanted each : wanted) {
      if (each.requirement().name().equals(e.requirement())) {
        return refused(e, each.file(), each.line(), each.column());
      }
    }
    return refused(e, wanted.getFirst().file(), null, null);
  }

  private static RequestException refused(
      PackageException e, String file, @Nullable Integer line, @Nullable Integer column) {
    return RequestException.source(
        new SourceErrorData(
            ErrorType.SOURCE_ERROR.wireName(),
            String.valueOf(e.getMessage()),
            null,
            null,
            file,
            line,
            column));
  }
}
