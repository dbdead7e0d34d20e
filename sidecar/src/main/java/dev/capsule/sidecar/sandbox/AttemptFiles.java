package dev.capsule.sidecar.sandbox;

import dev.capsule.wasmtime.WasiConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The files of one attempt: the folders and single files that it was granted, and a folder of its
 * own at {@code /tmp}. WASI knows folders only, so single files are put into one.
 */
final class AttemptFiles implements AutoCloseable {
  static final String SCRATCH = "/tmp";

  /** A folder made for the single files that are seen in one place. */
  private record Stage(Path folder, boolean writable) {}

  private final RunFolder runFolder;
  private final FileMeter meter;
  private final List<Path> withheld;
  private final List<Start.Folder> folders;
  private final Map<String, Stage> stages = new LinkedHashMap<>();
  private final List<StagedFile> writable = new ArrayList<>();
  private final List<PinnedPath> pinned = new ArrayList<>();
  private @Nullable Path scratch;

  /** Nothing is opened or made before {@link #open}. */
  AttemptFiles(
      RunFolder runFolder, FileMeter meter, List<Path> withheld, List<Start.Folder> folders) {
    this.runFolder = runFolder;
    this.meter = meter;
    this.withheld = withheld;
    this.folders = folders;
  }

  /**
   * Opens what was granted.
   *
   * @param scratchFolder whether it gets one
   * @throws GrantException if something of it is not to be had
   */
  void open(List<Start.SingleFile> files, boolean scratchFolder) throws IOException {
    for (Start.Folder folder : folders) {
      requireNoMore(folder.host(), folder.writable());
      if (!folder.own()) {
        requireForeign(folder.host(), folder.writable());
      }
      PinnedPath path = PinnedPath.of(folder.host());
      pinned.add(path);
      if (!Files.isDirectory(path.path())) {
        throw new GrantException(folder.host() + " is not a folder any more");
      }
    }
    for (Start.SingleFile file : files) {
      requireNoMore(file.host(), file.writable());
      requireForeign(file.host(), file.writable());
      if (folders.stream().noneMatch(folder -> holds(folder, file))) {
        stage(file, files);
      }
    }
    if (scratchFolder && isFree(SCRATCH)) {
      scratch = runFolder.take();
    }
  }

  /** What is granted must not give more than it says, by what it lies in. */
  private void requireNoMore(Path host, boolean writable) throws GrantException {
    for (Start.Folder outer : folders) {
      if (!writable && outer.writable() && host.startsWith(outer.host())) {
        throw new GrantException(
            host
                + " is granted read-only, but lies in "
                + outer.host()
                + ", which is granted read-write and so gives it too; grant that read-only, or"
                + " without what must not change");
      }
    }
  }

  /** What is granted must not give Capsule's own files, by what lies in it or what it lies in. */
  private void requireForeign(Path host, boolean writable) throws IOException {
    if (StoreNames.isIn(host.toString())) {
      throw new GrantException(
          host
              + " cannot be granted: what has "
              + StoreNames.FOLDER
              + " in its path is Capsule's own, as its journal and traces are");
    }
    Path runs = real(runFolder.parent());
    Path own = writable ? Objects.requireNonNull(runs.getParent()) : runs;
    requireApart(host, own);
    for (Path other : withheld) {
      requireApart(host, real(other));
    }
  }

  private static void requireApart(Path host, Path own) throws GrantException {
    if (host.startsWith(own) || own.startsWith(host)) {
      throw new GrantException(
          host
              + " would give it Capsule's own files and those of other tasks, in "
              + own
              + "; grant the folders that it needs by themselves");
    }
  }

  private static Path real(Path path) throws IOException {
    Path whole = path.toAbsolutePath().normalize();
    Path there = whole;
    while (!Files.exists(there)) {
      there = Objects.requireNonNull(there.getParent()); // the root exists
    }
    return there.toRealPath().resolve(there.relativize(whole));
  }

  /**
   * Grants it all; what was opened need not stay open after the configuration is used.
   *
   * @return the folders, as the guest sees them, in the order in which WASI tells them
   */
  List<String> addTo(WasiConfig wasi) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < folders.size(); i++) {
      Start.Folder folder = folders.get(i);
      wasi.preopen(pinned.get(i).path(), folder.guest(), folder.writable());
      names.add(folder.guest());
    }
    stages.forEach((guest, stage) -> wasi.preopen(stage.folder, guest, stage.writable));
    names.addAll(stages.keySet());
    Path own = scratch;
    if (own != null) {
      wasi.preopen(own, SCRATCH, true);
      names.add(SCRATCH);
    }
    return names;
  }

  /** Closes what had to be open until the sandbox had it. */
  void unpin() {
    pinned.forEach(PinnedPath::close);
    pinned.clear();
  }

  /** Whether a folder that was granted already gives the file, and all that may be done to it. */
  private static boolean holds(Start.Folder folder, Start.SingleFile file) {
    if (!file.host().startsWith(folder.host()) || (file.writable() && !folder.writable())) {
      return false;
    }
    Path seen = Path.of(folder.guest()).resolve(folder.host().relativize(file.host()).toString());
    return seen.toString().equals(file.guest());
  }

  private void stage(Start.SingleFile file, List<Start.SingleFile> all) throws IOException {
    Path guest = Path.of(file.guest());
    String in = String.valueOf(guest.getParent());
    for (Start.Folder folder : folders) {
      boolean hidden =
          folder.guest().equals("/") ? in.equals("/") : guest.startsWith(folder.guest());
      if (hidden) {
        throw new GrantException(
            file.host()
                + " would be seen at "
                + file.guest()
                + ", in the folder "
                + folder.host()
                + ", which is another grant; give one of them another place (HOST::GUEST)");
      }
    }
    Stage stage = stages.get(in);
    if (stage == null) {
      boolean anyWritable =
          in.equals(SCRATCH)
              || all.stream()
                  .anyMatch(f ->
                      f.writable() && in.equals(String.valueOf(Path.of(f.guest()).getParent())));
      stage = new Stage(runFolder.make(), anyWritable);
      stages.put(in, stage);
    }
    Path place = stage.folder.resolve(guest.getFileName().toString());
    // In a folder that can be written to, a link to a file that must not change would be a way to
    // it.
    StagedFile staged =
        StagedFile.put(file.host(), place, file.writable() || !stage.writable, meter);
    if (file.writable()) {
      writable.add(staged);
    }
  }

  /** Whether nothing that was granted is, or would be hidden, at a place. */
  private boolean isFree(String place) {
    for (int i = 0; i < folders.size(); i++) {
      String guest = folders.get(i).guest();
      if (guest.equals(place)
          || (guest.equals("/")
              && Files.exists(
                  pinned.get(i).path().resolve(place.substring(1)), LinkOption.NOFOLLOW_LINKS))) {
        return false;
      }
    }
    return !stages.containsKey(place);
  }

  /**
   * Brings to the host what was done to copies of its files.
   *
   * @throws GrantException if that is not possible
   */
  void save() throws IOException {
    for (StagedFile file : writable) {
      file.save();
    }
  }

  /** Removes what was made for the attempt, as far as it can. Its guest must not run any more. */
  @Override
  public void close() throws IOException {
    unpin();
    List<IOException> failures = new ArrayList<>();
    for (StagedFile file : writable) {
      attempt(file::sever, failures);
    }
    writable.clear();
    Path own = scratch;
    scratch = null;
    if (own != null) {
      attempt(() -> runFolder.giveBack(own, meter.isTouched()), failures);
    }
    for (Stage stage : stages.values()) {
      attempt(() -> FolderTree.remove(stage.folder), failures);
    }
    stages.clear();
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void attempt(Step step, List<IOException> failures) {
    try {
      step.run();
    } catch (IOException e) {
      failures.add(e);
    }
  }
}
