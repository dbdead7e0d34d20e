package dev.capsule.sidecar.packages;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.sandbox.Engine;
import dev.capsule.sidecar.sandbox.PrivateFolder;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The Python packages of programs, in the user's cache folder:
 *
 * <ul>
 *   <li>{@code versions/KEY.txt}: the versions that were chosen for a list of requirements. They
 *       stay until the list changes or the file is deleted.
 *   <li>{@code sets/KEY/}: the packages of a list of versions, ready for the sandbox, and {@code
 *       sets/KEY.sum}, which tells whether they are unharmed.
 * </ul>
 *
 * A set is made in a folder of its own and moved to its place when it is complete; one process
 * makes sets while others wait. Safe to use from any thread.
 */
public final class Packages {
  /** Where tasks see their packages, read-only. */
  public static final String GUEST_FOLDER = "/capsule/packages";

  /** Part of every key: a change of what is done to packages makes them anew. */
  private static final String FORMAT = "1 cpython-" + PythonVersion.SHORT;

  private static final String NEW = "new-";

  private final Path cache;
  private final Sandboxed sandboxed;
  private final Map<String, String> environment;
  private final Consumer<String> log;
  private final ReentrantLock lock = new ReentrantLock(); // a process can lock a file only once

  /**
   * @param cache the user's cache folder
   * @param environment of this process, which says where the installer is
   * @param log told what takes long
   */
  public Packages(
      Engine engine, Path cache, Map<String, String> environment, Consumer<String> log) {
    this.sandboxed = new Sandboxed(engine);
    this.cache = cache;
    this.environment = environment;
    this.log = log;
  }

  /**
   * The folder with these packages, and all that they need. Installs them if need be.
   *
   * @param requirements at least one; all that are about the same package must hold
   * @param progress told what takes long
   * @throws InterruptedException if the thread was interrupted; what was begun is undone
   */
  public Path install(List<Requirement> requirements, Consumer<String> progress)
      throws PackageException, InterruptedException {
    List<String> lines = requirements.stream().map(Requirement::text).distinct().sorted().toList();
    Set<String> names = new TreeSet<>(requirements.stream().map(Requirement::name).toList());
    Consumer<String> both =
        message -> {
          log.accept(message);
          progress.accept(message);
        };
    try {
      PrivateFolder home = new PrivateFolder(cache);
      home.ensure();
      for (String name : new String[] {"packages", "packages/versions", "packages/sets"}) {
        new PrivateFolder(cache.resolve(name)).ensure();
      }
      return install(String.join("\n", lines) + "\n", names, both);
    } catch (FileLockInterruptionException | ClosedByInterruptException e) {
      Thread.interrupted();
      throw new InterruptedException();
    } catch (IOException e) {
      throw new PackageException(
          "the cache of packages, " + folder() + ", cannot be used: " + e.getMessage());
    }
  }

  private Path folder() {
    return cache.resolve("packages");
  }

  private Path install(String requirements, Iterable<String> names, Consumer<String> progress)
      throws PackageException, IOException, InterruptedException {
    Path versions =
        folder()
            .resolve("versions")
            .resolve(FileTree.sha256(FORMAT + "\n" + requirements).substring(0, 32) + ".txt");
    Path ready = ready(versions);
    if (ready != null) {
      return ready;
    }
    lock.lockInterruptibly();
    try (FileChannel channel =
            FileChannel.open(
                folder().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = take(channel, progress)) {
      ready = held.isValid() ? ready(versions) : null; // another process may have made it
      return ready != null ? ready : make(requirements, names, versions, progress);
    } finally {
      lock.unlock();
    }
  }

  private static FileLock take(FileChannel channel, Consumer<String> progress) throws IOException {
    FileLock free = channel.tryLock();
    if (free != null) {
      return free;
    }
    progress.accept("waiting for another program that installs packages");
    return channel.lock();
  }

  /** The folder of chosen versions, if they are chosen and it is there and unharmed. */
  private @Nullable Path ready(Path versions) throws IOException {
    try {
      return unharmed(set(Files.readString(versions)));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static @Nullable Path unharmed(Path set) throws IOException {
    try {
      String sum = Files.readString(sum(set));
      return PrivateFolder.isOurs(set) && FileTree.fingerprint(set).equals(sum)
          ? set.toRealPath()
          : null;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private Path set(String locked) {
    return folder()
        .resolve("sets")
        .resolve(FileTree.sha256(FORMAT + "\n" + locked).substring(0, 32));
  }

  private static Path sum(Path set) {
    return set.resolveSibling(set.getFileName() + ".sum");
  }

  private Path make(
      String requirements, Iterable<String> names, Path versions, Consumer<String> progress)
      throws PackageException, IOException, InterruptedException {
    removeLeftovers();
    Path staging = Files.createTempDirectory(folder(), NEW);
    try {
      Path work = Files.createDirectory(staging.resolve("work"));
      Subprocess subprocess = new Subprocess(staging);
      Installer installer = Installers.find(environment);
      List<Locked> packages = chosen(versions);
      if (packages == null) {
        progress.accept(
            "choosing versions of " + String.join(", ", names) + " (" + installer.name() + ")");
        Path list = Files.writeString(work.resolve("requirements.txt"), requirements);
        packages = installer.lock(list, work, subprocess);
        NativeCode.check(packages);
      }
      String locked = Locked.write(packages);
      Path same = unharmed(set(locked));
      if (same != null) { // another list of requirements led to the same versions
        replace(staging, versions, locked);
        return same;
      }
      progress.accept(
          "installing "
              + packages.size()
              + (packages.size() == 1 ? " package (" : " packages (")
              + installer.name()
              + ", once)");
      Path lockFile = Files.writeString(work.resolve("locked.txt"), locked);
      Path site = staging.resolve("site");
      installer.install(lockFile, site, work, subprocess);
      if (!Files.isDirectory(site)) {
        Files.createDirectory(site); // packages without a file
      }
      prepare(site, packages, progress);
      return publish(staging, site, locked, versions);
    } finally {
      FileTree.delete(staging);
    }
  }

  /** What was chosen before; null if nothing was, or what was written cannot be read. */
  private static @Nullable List<Locked> chosen(Path versions) throws IOException {
    try {
      return Locked.read(Files.readString(versions));
    } catch (NoSuchFileException | IllegalArgumentException e) {
      return null;
    }
  }

  private void prepare(Path site, List<Locked> packages, Consumer<String> progress)
      throws PackageException, IOException, InterruptedException {
    FileTree.check(site);
    Map<String, Locked> withoutNative = NativeParts.remove(site, packages);
    if (!withoutNative.isEmpty()) {
      JsonArray modules = new JsonArray();
      withoutNative.keySet().forEach(modules::add);
      JsonElement problems = sandboxed.run("import_packages", modules, site, false);
      refuse(problems, withoutNative, packages);
    }
    progress.accept("compiling the packages for the sandbox (once)");
    sandboxed.run("compile_packages", new JsonPrimitive(GUEST_FOLDER), site, true);
    FileTree.check(site);
  }

  /** Refuses the packages that could not be imported, as the sandbox says. */
  private static void refuse(JsonElement problems, Map<String, Locked> tried, List<Locked> packages)
      throws PackageException {
    if (problems instanceof JsonObject found) {
      for (Map.Entry<String, Locked> each : tried.entrySet()) {
        if (found.get(each.getKey()) instanceof JsonPrimitive why) {
          throw NativeCode.refusal(
              each.getValue(), packages, why.getAsString().replaceAll("\\p{Cntrl}", " "));
        }
      }
    }
  }

  private Path publish(Path staging, Path site, String locked, Path versions) throws IOException {
    Path set = set(locked);
    Files.deleteIfExists(sum(set));
    FileTree.delete(set); // one that was harmed
    PrivateFolder.close(site);
    Files.move(site, set, StandardCopyOption.ATOMIC_MOVE);
    replace(staging, sum(set), FileTree.fingerprint(set));
    replace(staging, versions, locked);
    return set.toRealPath();
  }

  private static void replace(Path staging, Path file, String text) throws IOException {
    Path temporary = Files.writeString(staging.resolve(file.getFileName()), text);
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** What processes left that were killed: whoever holds the lock is the only one who installs. */
  private void removeLeftovers() throws IOException {
    try (var left = Files.newDirectoryStream(folder(), NEW + "*")) {
      for (Path each : left) {
        FileTree.delete(each);
      }
    }
  }
}
