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
 */
final class GuestAttempt implements Attempt, Places.Taker {
  private static final long GRACE_MS = 30;

  private enum Stop {
    TIMEOUT,
    CANCEL
  }

  private final InProcessEngine engine;
  private final Start start;
  private final AttemptListener listener;
  private final Mailbox mailbox = new Mailbox();
  private final PendingWork pending = new PendingWork();
  private final OutputMeter output;
  private final FileMeter meter;
  private final PathWatch paths;
  private final AtomicReference<@Nullable Stop> stop = new AtomicReference<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicBoolean holdsCore = new AtomicBoolean();
  private final Object threadLock = new Object();
  private @Nullable Thread thread;
  private volatile @Nullable ScheduledFuture<?> timer;
  private volatile CoreGate.@Nullable WaitingWork line;

  GuestAttempt(InProcessEngine engine, Start start, AttemptListener listener) {
    this.engine = engine;
    this.start = start;
    this.listener = listener;
    this.output = new OutputMeter(listener, start.maxOutputBytes());
    this.meter = new FileMeter(start.maxDiskBytes(), engine.handles());
    this.paths = new PathWatch(start.folders(), listener::opened);
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
    AttemptFiles files =
        new AttemptFiles(engine.runFolder(), meter, engine.withheld(), start.folders());
    Ending ending;
    try {
      ending = attempt(files);
    } catch (Throwable e) {
      // A thread that is interrupted may fail in other ways than by InterruptedException: locks and
      // channels of files have exceptions of their own.
      Ending stopped = stopped(Usage.UNKNOWN);
      ending = stopped == null ? new Ending.Failed(e, Usage.UNKNOWN) : stopped;
    } finally {
      synchronized (threadLock) {
        thread = null;
      }
      Thread.interrupted(); // a stop that came at the very end is not for this thread's next work
      leaveCore();
    }
    end(saved(files, ending));
    cleanUp(files);
  }

  /**
   * Its changes are there before anybody hears of its end. One that was given up has none: they
   * would come too late.
   */
  private Ending saved(AttemptFiles files, Ending ending) {
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
      String reply = instance.run(start.request().get());
      output.finish();
      return new Ending.Replied(reply, instance.usage(start.fuel()));
    } catch (WasmFailure failure) {
      output.finish();
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
    files.addTo(wasi);
    wasi.stdout(bytes -> print(false, bytes));
    wasi.stderr(bytes -> print(true, bytes));
    return wasi;
  }

  private void print(boolean error, byte[] bytes) {
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
    boolean here = pending.isAllThatIsWaitedFor(ids, timeoutMs);
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
