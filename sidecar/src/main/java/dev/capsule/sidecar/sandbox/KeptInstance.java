package dev.capsule.sidecar.sandbox;

import dev.capsule.wasmtime.WasiConfig;
import dev.capsule.wasmtime.WasmtimeException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A kept sandbox of this process: an instance, and what it was bound to by its first attempt. */
final class KeptInstance implements KeptSandbox {
  private final InProcessEngine engine;
  private final String language;
  private final FileMeter meter;
  private final Handles handles = new Handles();
  private final Object lock = new Object();
  private volatile @Nullable GuestInstance instance;
  private volatile @Nullable AttemptFiles files;
  private @Nullable Workspace workspace;
  private @Nullable GuestAttempt current;
  private volatile long operations;
  private boolean lost;
  private boolean released;
  private volatile long memoryBytes;

  /**
   * @param maxDiskBytes of what its files may hold
   */
  KeptInstance(InProcessEngine engine, String language, long maxDiskBytes) {
    this.engine = engine;
    this.language = language;
    this.meter = new FileMeter(maxDiskBytes, engine.handles());
  }

  @Override
  public Workspace workspace() throws IOException {
    synchronized (lock) {
      if (lost) {
        throw new IOException("the sandbox is gone");
      }
      if (workspace == null) {
        workspace = new Workspace(engine.runFolder().make(), meter);
      }
      return workspace;
    }
  }

  @Override
  public long memoryBytes() {
    return memoryBytes;
  }

  @Override
  public boolean isLost() {
    synchronized (lock) {
      return lost;
    }
  }

  /**
   * Gives the sandbox to an attempt, which is on the calling thread.
   *
   * @throws StoppedException if it is gone
   * @throws GrantException if something of what it is granted is not to be had
   */
  GuestInstance enter(GuestAttempt attempt) throws InterruptedException, IOException {
    synchronized (lock) {
      if (lost || current != null) {
        throw new StoppedException();
      }
      current = attempt;
    }
    GuestInstance mine = instance;
    if (mine != null) {
      mine.bindAgain(attempt);
      return mine;
    }
    InstancePool pool = engine.pool(language);
    engine.affinity().bind(pool.processor());
    GuestInstance taken = pool.take();
    AttemptFiles opened =
        new AttemptFiles(engine.runFolder(), meter, engine.withheld(), attempt.start().folders());
    boolean bound = false;
    try {
      opened.open(attempt.start().files(), attempt.start().maxDiskBytes() > 0);
      WasiConfig wasi = new WasiConfig();
      handles.grant(opened.addTo(wasi));
      wasi.stdout(bytes -> print(false, bytes));
      wasi.stderr(bytes -> print(true, bytes));
      taken.bind(attempt, wasi);
      bound = true;
    } catch (WasmtimeException e) {
      throw new GrantException(String.valueOf(e.getMessage()));
    } finally {
      opened.unpin();
      if (!bound) {
        taken.drop();
        close(opened);
      }
    }
    instance = taken;
    files = opened;
    return taken;
  }

  /** The meter of all its attempts: what they write stays. */
  FileMeter meter() {
    return meter;
  }

  /** What its handles stand for, see {@link PathWatch}. */
  Handles handles() {
    return handles;
  }

  /** The number that the operations of the next attempt follow: none may be taken for another. */
  long lastOperation() {
    return operations;
  }

  private void print(boolean error, byte[] bytes) {
    GuestAttempt running;
    synchronized (lock) {
      running = current;
    }
    if (running != null) {
      running.print(error, bytes);
    }
  }

  /** Brings to the host what was done to copies of its files. */
  void save() throws IOException {
    AttemptFiles mine = files;
    if (mine != null) {
      mine.save();
    }
  }

  /** Nobody waits for the attempt any more; whatever comes of it, there is no next. */
  void abandon() {
    synchronized (lock) {
      lost = true;
    }
  }

  /**
   * Takes the sandbox back from an attempt, on its thread.
   *
   * @param alive whether it can have another
   */
  void leave(GuestAttempt attempt, boolean alive, long lastOperation, @Nullable Long memory) {
    synchronized (lock) {
      if (current != attempt) {
        return; // it was never given
      }
      current = null;
      operations = lastOperation;
      if (memory != null) {
        memoryBytes = memory;
      }
      lost |= !alive;
    }
    releaseIfLost();
  }

  @Override
  public void close() {
    GuestAttempt running;
    synchronized (lock) {
      lost = true;
      running = current;
    }
    if (running != null) {
      running.cancel(); // its thread releases what there is
    } else {
      releaseIfLost();
    }
  }

  private void releaseIfLost() {
    synchronized (lock) {
      if (!lost || current != null || released) {
        return;
      }
      released = true;
    }
    memoryBytes = 0;
    GuestInstance mine = instance;
    instance = null;
    if (mine != null) {
      mine.drop();
    }
    AttemptFiles opened = files;
    files = null;
    if (opened != null) {
      close(opened);
    }
    Workspace folder = workspace;
    if (folder != null) {
      try {
        folder.remove();
      } catch (IOException e) {
        engine.leftBehind(e);
      }
    }
    engine.released(this);
  }

  private void close(AttemptFiles opened) {
    try {
      opened.close();
    } catch (IOException e) {
      engine.leftBehind(e);
    }
  }
}
