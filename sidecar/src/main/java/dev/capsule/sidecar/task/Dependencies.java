package dev.capsule.sidecar.task;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.sidecar.packages.InlineMetadata;
import dev.capsule.sidecar.packages.PackageException;
import dev.capsule.sidecar.packages.Packages;
import dev.capsule.sidecar.packages.Requirement;
import dev.capsule.sidecar.policy.ProjectConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The packages that a program asks for: those of its project's configuration and those that its
 * entry names itself, which win where both name a package.
 */
final class Dependencies {
  private final Map<String, Packages> byLanguage;

  /**
   * @param byLanguage those languages whose programs may have packages
   */
  Dependencies(Map<String, Packages> byLanguage) {
    this.byLanguage = Map.copyOf(byLanguage);
  }

  /**
   * The folder with the packages of a program, installed if need be; null if it asks for none.
   *
   * @param project whose dependencies it has
   * @param source of the entry
   * @param file the entry's name, for messages
   * @param progress told what takes long
   */
  @Nullable Path install(
      String language,
      ProjectConfig project,
      String source,
      String file,
      Consumer<String> progress) {
    Packages packages = byLanguage.get(language);
    if (packages == null) {
      return null;
    }
    try {
      List<Requirement> wanted = new ArrayList<>();
      for (String requirement : project.dependencies()) {
        wanted.add(Requirement.parse(requirement, String.valueOf(project.file())));
      }
      wanted.addAll(InlineMetadata.read(source, file).dependencies());
      return wanted.isEmpty() ? null : packages.install(wanted, progress);
    } catch (PackageException e) {
      throw RequestException.source(
          new SourceErrorData(
              ErrorType.SOURCE_ERROR.wireName(),
              String.valueOf(e.getMessage()),
              null,
              null,
              e.line() == null ? null : file,
              e.line(),
              null));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RequestException(ErrorCode.CANCELLED, "the program is no longer wanted", null);
    }
  }
}
