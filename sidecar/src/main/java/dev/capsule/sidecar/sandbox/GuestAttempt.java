package dev.capsule.sidecar.sandbox;

import dev.capsule.sidecar.sandbox.Ending.Usage;
import dev.capsule.wasmtime.WasiConfig;
import dev.capsule.wasmtime.WasmFailure;
import dev.capsule.wasmtime.WasmtimeException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on a thread of this process. It is stopped in one way, whatever it is doing: a reason
 * is set and its thread interrupted. A guest that computes sees the reason at the next epoch; one
 * that waits or stands in line for a core is woken. One that is stuck in a system call (a read of a
 * pipe, say, or output that nobody takes) is given up: its end is reported, and its thread cleans
 * up whenever it comes back.
 *
 * <p>In a sandbox that is kept the guest is first asked to end what it runs.
 */
final class GuestAttempt implements Attempt, Places.Taker {
  private static final long GRACE_MS = 30;

  /** So long a guest that was asked to end may take to do so. */
  private static final long INTERRUPT_GRACE_MS = 1_000;

  private enum Stop {
    TIMEOUT,
    CANCEL
  }

  private final InProcessEngine engine;
  private final Start start;
  private final @Nullable KeptInstance kept;
  private final AttemptListener listener;
  private final Mailbox mailbox;
  private final PendingWork pending = new PendingWork();
  private final OutputMeter output;
  private final FileMeter meter;
  private final Handles handles;
  private final PathWatch paths;
  private final AtomicReference<@Nullable Stop> stop = new AtomicReference<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicBoolean holdsCore = new AtomicBoolean();
  private final Object threadLock = new Object();
  private @Nullable Thread thread;
  private boolean inGuest;
  private @Nullable Stop asked;
  private volatile @Nullable Stop told;
  private volatile @Nullable ScheduledFuture<?> timer;
  private volatile CoreGate.@Nullable WaitingWork line;

  /**
   * @param kept the sandbox that it runs in; null: a fresh one
   */
  GuestAttempt(
      InProcessEngine engine, Start start, @Nullable KeptInstance kept, AttemptListener listener) {
    this.engine = engine;
    this.start = start;
    this.kept = kept;
    this.listener = listener;
    this.output = new OutputMeter(listener, start.maxOutputBytes());
    this.mailbox = new Mailbox(kept == null ? 0 : kept.lastOperation());
    this.meter =
        kept == null ? new FileMeter(start.maxDiskBytes(), engine.handles()) : kept.meter();
    this.handles = kept == null ? new Handles() : kept.handles();
    this.paths = new PathWatch(start.folders(), handles, listener::opened);
  }

  boolean isKept() {
    return kept != null;
  }

  Start start() {
    return start;
  }

  FileMeter meter() {
    return meter;
  }

  PathWatch paths() {
    return paths;
  }

  @Override
  public Object tree() {
    return start.tree();
  }

  @Override
  public int depth() {
    return start.depth();
  }

  /** Says where it waits for a core. */
  void stands(CoreGate.WaitingWork place) {
    line = place;
  }

  @Override
  public void complete(long id, String completion, String apart) {
    mailbox.put(id, completion, apart);
  }

  @Override
  public void cancel() {
    stop(Stop.CANCEL);
  }

  @Override
  public void interrupt() {
    interrupt(Stop.CANCEL);
  }

  private void interrupt(Stop reason) {
    boolean running;
    synchronized (threadLock) {
      running = inGuest;
      if (asked != null) {
        return;
      }
      asked = running ? reason : null;
    }
    if (!running) {
      stop(reason);
      return;
    }
    mailbox.interrupt();
    var _ = engine.after(INTERRUPT_GRACE_MS, () -> stop(reason));
  }

  /** Whether the guest is to end what it runs; called by it. */
  boolean takeInterrupt() {
    checkStopped();
    boolean interrupted = mailbox.takeInterrupt();
    if (interrupted) {
      synchronized (threadLock) {
        told = asked;
      }
    }
    return interrupted;
  }

  private void stop(Stop reason) {
    if (!stop.compareAndSet(null, reason)) {
      return;
    }
    CoreGate.WaitingWork waitsIn = line;
    if (waitsIn != null && engine.withdraw(this, waitsIn)) {
      Ending ending = stopped(Usage.UNKNOWN);
      if (ending != null) {
        end(ending);
      }
      return;
    }
    synchronized (threadLock) {
      if (thread != null) {
        thread.interrupt();
      }
    }
    var _ = engine.after(GRACE_MS, this::giveUp);
  }

  /** Reports the end of an attempt that did not come back in time after it was stopped. */
  private void giveUp() {
    Ending ending = stopped(Usage.UNKNOWN);
    if (ending != null && !ended.get()) {
      if (kept != null) {
        kept.abandon();
      }
      leaveCore();
      engine.execute(() -> end(ending)); // who listens may block, and timers must not
    }
  }

  /** Begins on the calling thread, which must have a core and a stack for native code. */
  void run() {
    holdsCore.set(true);
    synchronized (threadLock) {
      thread = Thread.currentThread();
    }
    if (kept != null) {
      runKept(kept);
      return;
    }
    AttemptFiles files =
        new AttemptFiles(engine.runFolder(), meter, engine.withheld(), start.folders());
    Ending ending = ending(() -> attempt(files));
    end(saved(files::save, ending));
    cleanUp(files);
  }

  private interface Body {
    Ending run() throws InterruptedException, IOException;
  }

  /** Runs it, whatever comes of it; the thread is free and without a core then. */
  private Ending ending(Body body) {
    try {
      return body.run();
    } catch (Throwable e) {
      // A thread that is interrupted may fail in other ways than by InterruptedException: locks and
      // channels of files have exceptions of their own.
      Ending stopped = stopped(Usage.UNKNOWN);
      return stopped == null ? new Ending.Failed(e, Usage.UNKNOWN) : stopped;
    } finally {
      synchronized (threadLock) {
        thread = null;
        inGuest = false;
      }
      Thread.interrupted(); // a stop that came at the very end is not for this thread's next work
      leaveCore();
    }
  }

  /** The sandbox is free again, or gone, before anybody hears of the end. */
  private void runKept(KeptInstance sandbox) {
    boolean[] entered = new boolean[1];
    Ending ending = ending(() -> attempt(sandbox, entered));
    boolean alive =
        !entered[0] || ending instanceof Ending.Replied || ending instanceof Ending.Interrupted;
    Ending saved = alive ? saved(sandbox::save, ending) : ending;
    sandbox.leave(this, alive, mailbox.last(), saved.usage().memoryBytes());
    end(saved);
  }

  private Ending attempt(KeptInstance sandbox, boolean[] entered)
      throws InterruptedException, IOException {
    if (stop.get() != null) {
      throw new StoppedException();
    }
    listener.placed();
    GuestInstance instance;
    try {
      instance = sandbox.enter(this);
    } catch (GrantException e) {
      return new Ending.Denied(String.valueOf(e.getMessage()), Usage.UNKNOWN);
    } catch (StoppedException e) {
      Ending stopped = stopped(Usage.UNKNOWN);
      return stopped == null ? new Ending.Cancelled(Usage.UNKNOWN) : stopped;
    }
    synchronized (threadLock) {
      if (stop.get() != null) {
        throw new StoppedException();
      }
      inGuest = true;
    }
    entered[0] = true;
    timer = engine.after(start.timeout().toMillis(), () -> interrupt(Stop.TIMEOUT));
    listener.started();
    return call(instance);
  }

  /**
   * Its changes are there before anybody hears of its end. One that was given up has none: they
   * would come too late.
   */
  private Ending saved(Save files, Ending ending) {
    if (ended.get()) {
      return ending;
    }
    try {
      files.save();
      return ending;
    } catch (GrantException e) {
      return new Ending.Denied(String.valueOf(e.getMessage()), ending.usage());
    } catch (IOException e) {
      return new Ending.Failed(e, ending.usage());
    }
  }

  private interface Save {
    void save() throws IOException;
  }

  /** Nobody waits for this, except for its place. */
  private void cleanUp(AttemptFiles files) {
    try {
      files.close();
    } catch (IOException e) {
      engine.leftBehind(e);
    }
  }

  private Ending attempt(AttemptFiles files) throws InterruptedException, IOException {
    if (stop.get() != null) {
      throw new StoppedException();
    }
    listener.placed();
    InstancePool pool = engine.pool(start.language());
    engine.affinity().bind(pool.processor());
    GuestInstance instance = pool.take();
    try {
      try {
        files.open(start.files(), start.maxDiskBytes() > 0);
        instance.bind(this, wasi(files));
      } catch (GrantException | WasmtimeException e) {
        return new Ending.Denied(String.valueOf(e.getMessage()), Usage.UNKNOWN);
      } finally {
        files.unpin();
      }
      timer = engine.after(start.timeout().toMillis(), () -> stop(Stop.TIMEOUT));
      listener.started();
      return call(instance);
    } finally {
      instance.drop();
    }
  }

  private Ending call(GuestInstance instance) {
    try {
      String reply = runToItsEnd(instance);
      Usage usage = instance.usage(start.fuel());
      Stop heard = told;
      return heard == null
          ? new Ending.Replied(reply, usage)
          : new Ending.Interrupted(reply, heard == Stop.TIMEOUT, usage);
    } catch (WasmFailure failure) {
      // compiled code keeps count in registers, and what is there is lost when it is ended from
      // outside
      Usage usage = Usage.UNKNOWN;
      Ending stopped = stopped(usage);
      if (stopped != null) {
        return stopped;
      }
      return switch (failure) {
        case WasmFailure.OutOfFuel ignored -> new Ending.OutOfFuel(new Usage(start.fuel(), null));
        case WasmFailure.OutOfMemory ignored -> new Ending.OutOfMemory(usage);
        case WasmFailure.StackOverflow ignored -> new Ending.StackOverflow(usage);
        case WasmFailure.Exit exit -> new Ending.Exited(exit.code(), usage);
        case WasmFailure.GuestTrap trap ->
            new Ending.Trapped(String.valueOf(trap.getMessage()), usage);
        case WasmFailure.Interrupted interrupted -> new Ending.Failed(interrupted, usage);
        case WasmFailure.HostFailure host -> hostFailure(host, usage);
      };
    }
  }

  private String runToItsEnd(GuestInstance instance) {
    try {
      return instance.run(start.request().get());
    } finally {
      output.finish();
      paths.end();
    }
  }

  private static Ending hostFailure(WasmFailure.HostFailure failure, Usage usage) {
    return switch (failure.getCause()) {
      case ExceededException exceeded -> exceeded.ending();
      case HostImports.NotForGuests refusal ->
          new Ending.Trapped(String.valueOf(refusal.getMessage()), usage);
      default -> new Ending.Failed(failure, usage);
    };
  }

  private @Nullable Ending stopped(Usage usage) {
    return switch (stop.get()) {
      case TIMEOUT -> new Ending.TimedOut(usage);
      case CANCEL -> new Ending.Cancelled(usage);
      case null -> null;
    };
  }

  /** Reports its end, unless that was done. */
  void end(Ending ending) {
    ScheduledFuture<?> pending = timer;
    if (pending != null) {
      pending.cancel(false); // also by an attempt that was given up before its timer was set
    }
    if (ended.compareAndSet(false, true)) {
      engine.ended(this);
      listener.ended(ending);
    }
  }

  private WasiConfig wasi(AttemptFiles files) {
    WasiConfig wasi = new WasiConfig();
    handles.grant(files.addTo(wasi));
    wasi.stdout(bytes -> print(false, bytes));
    wasi.stderr(bytes -> print(true, bytes));
    return wasi;
  }

  void print(boolean error, byte[] bytes) {
    if (!ended.get()) {
      output.write(error, bytes);
    }
  }

  // ---- called by host functions, on the guest's thread

  long submit(String operation) {
    checkStopped();
    pending.handOver();
    long id = mailbox.open(operation.length());
    if (mailbox.hasRoom()) {
      pending.set(id, listener.submitted(id, operation));
    } else {
      mailbox.put(id, Mailbox.FULL, "");
    }
    return id;
  }

  String await(List<Long> ids, @Nullable Long timeoutMs) throws InterruptedException {
    checkStopped();
    // an operation that is done here could not be interrupted
    boolean here = kept == null && pending.isAllThatIsWaitedFor(ids, timeoutMs);
    if (!here) {
      pending.handOver();
      String answers = mailbox.poll(ids);
      if (answers != null) {
        return answers;
      }
    }
    leaveCore();
    String answers;
    try {
      if (here) {
        engine.affinity().bind(-1); // whoever it talks to may be woken on this core
        pending.run();
      }
      answers = mailbox.await(ids, timeoutMs == null ? -1 : Mailbox.nanos(timeoutMs));
      enterCore();
    } catch (InterruptedException e) {
      throw new StoppedException();
    }
    checkStopped();
    return answers;
  }

  /** At each epoch: ends a stopped guest, and lets others have the core for a while. */
  void onEpoch() {
    checkStopped();
    pending.handOver(); // it does not wait for it yet
    engine.affinity().bind(-1); // it computes for long: not at the expense of short ones
    if (holdsCore.compareAndSet(true, false)) {
      try {
        engine.gate().giveWay(tree());
      } catch (InterruptedException e) {
        throw new StoppedException();
      }
      holdsCore.set(true);
    }
    checkStopped();
  }

  private void checkStopped() {
    if (stop.get() != null) {
      throw new StoppedException();
    }
  }

  private void enterCore() throws InterruptedException {
    engine.gate().enter(tree());
    holdsCore.set(true);
  }

  private void leaveCore() {
    if (holdsCore.compareAndSet(true, false)) {
      engine.gate().leave(tree());
    }
  }
}
