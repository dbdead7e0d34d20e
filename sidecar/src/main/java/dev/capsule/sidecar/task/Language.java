package dev.capsule.sidecar.task;

import dev.capsule.sidecar.bundle.Bundler;
import dev.capsule.sidecar.packages.Packages;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A language: all that is known of it here beside its guest.
 *
 * @param name of the guest, {@code "python"}
 * @param extensions of its programs' files, the usual one first
 * @param sources how the files of a program become modules of the guest
 * @param packages what installs those that its programs ask for; null: they ask for none here
 * @param missing what to do where there is no guest
 */
public record Language(
    String name,
    List<String> extensions,
    Sources sources,
    @Nullable Packages packages,
    String missing) {
  public Language {
    extensions = List.copyOf(extensions);
  }

  /** How the files of a program become modules. */
  public sealed interface Sources {}

  /**
   * Each file is a module, read when it is first imported.
   *
   * @param extension of a module's file, {@code ".py"}
   * @param packageFile name of the file that makes a folder a module, {@code "__init__.py"}
   */
  public record Files(String extension, String packageFile) implements Sources {}

  /** All files together are one module. */
  public record Bundled(Bundler bundler) implements Sources {}

  /** The ending of a file's name that makes it one of this language's; null: it is not. */
  @Nullable String extension(String file) {
    return extensions.stream().filter(file::endsWith).findFirst().orElse(null);
  }
}
