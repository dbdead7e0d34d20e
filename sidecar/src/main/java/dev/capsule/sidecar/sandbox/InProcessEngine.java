package dev.capsule.sidecar.sandbox;

import dev.capsule.wasmtime.EngineConfig;
import dev.capsule.wasmtime.PoolConfig;
import dev.capsule.wasmtime.Threads;
import dev.capsule.wasmtime.Wasmtime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Runs guests on threads of this process. An attempt goes through three gates: a core (few compute
 * at once), a sandbox (so many exist at once), an instance from the pool.
 */
public final class InProcessEngine implements Engine {
  /** Sandboxes that exist at once; those that wait for nested tasks count. */
  public static final int MAX_SANDBOXES = 1000;

  /** Sandboxes that are kept at once, beside those. */
  public static final int MAX_KEPT = 500;

  private static final int READY = 8;
  private static final int SPARE = 128;
  private static final long EPOCH_MS = 10;
  private static final long MAX_WASM_STACK = 2L << 20;
  private static final long MAX_MEMORY = 4L << 30;

  private final dev.capsule.wasmtime.Engine engine;
  private final Map<String, GuestImage> images = new ConcurrentHashMap<>();
  private final Map<String, InstancePool> pools = new ConcurrentHashMap<>();
  private final Map<String, Path> guests;
  private final CompiledCache cache;
  private final CpuAffinity affinity = new CpuAffinity();
  private final HandleBudget handles = HandleBudget.ofProcess();
  private final RunFolder runFolder;
  private final List<Path> withheld;
  private final Consumer<String> log;
  private final CoreGate gate = new CoreGate(Runtime.getRuntime().availableProcessors());
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Threads.factory("capsule-guest"));
  private final ScheduledThreadPoolExecutor timers;
  private final Set<GuestAttempt> attempts = ConcurrentHashMap.newKeySet();
  private final Set<KeptInstance> kept = ConcurrentHashMap.newKeySet();
  private final Places<GuestAttempt> places;
  private volatile boolean closed;

  /**
   * @param library the Wasmtime library
   * @param guests each language's component
   * @param cacheFolder where compiled guests are kept, and the files of attempts
   * @param withheld folders that no guest gets at; they need not exist
   * @param maxSandboxes how many may exist at once, at most {@link #MAX_SANDBOXES}
   * @param log told when something takes long or goes wrong that no attempt can be told of
   */
  public InProcessEngine(
      Path library,
      Map<String, Path> guests,
      Path cacheFolder,
      List<Path> withheld,
      int maxSandboxes,
      Consumer<String> log) {
    this.places = new Places<>(Math.min(maxSandboxes, MAX_SANDBOXES), Start.MAX_DEPTH + 1);
    Wasmtime wasmtime = Wasmtime.load(library);
    EngineConfig config =
        new EngineConfig(
            true,
            true,
            MAX_WASM_STACK,
            PoolConfig.of(MAX_SANDBOXES + MAX_KEPT + 2 * SPARE + 64, MAX_MEMORY));
    this.engine = new dev.capsule.wasmtime.Engine(wasmtime, config);
    this.guests = Map.copyOf(guests);
    this.withheld = List.copyOf(withheld);
    this.cache = new CompiledCache(new PrivateFolder(cacheFolder), library, config.toString(), log);
    this.runFolder = new RunFolder(new PrivateFolder(cacheFolder.resolve("runs")), threads);
    this.log = log;
    this.timers =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("capsule-timer").daemon().factory());
    timers.setRemoveOnCancelPolicy(true);
    var _ = timers.scheduleAtFixedRate(this::tick, EPOCH_MS, EPOCH_MS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    if (!attempts.isEmpty()) {
      engine.incrementEpoch();
    }
  }

  @Override
  public Set<String> languages() {
    return guests.keySet();
  }

  @Override
  public String build(String language) {
    try {
      return CompiledCache.contentHash(guest(language));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path guest(String language) {
    Path guest = guests.get(language);
    if (guest == null) {
      throw new IllegalArgumentException("there is no guest for " + language);
    }
    return guest;
  }

  @Override
  public void prepare(String language) {
    if (!pools.containsKey(language)) {
      threads.execute(() -> pool(language));
    }
  }

  @Override
  public Attempt start(Start start, AttemptListener listener) {
    if (closed) {
      throw new IllegalStateException("the engine is closed");
    }
    GuestAttempt attempt = new GuestAttempt(this, start, null, listener);
    attempts.add(attempt);
    attempt.stands(gate.enter(start.tree(), () -> begin(attempt, false)));
    return attempt;
  }

  @Override
  public KeptSandbox keep(String language, long maxDiskBytes) {
    if (closed) {
      throw new IllegalStateException("the engine is closed");
    }
    KeptInstance sandbox = new KeptInstance(this, language, maxDiskBytes);
    synchronized (kept) {
      if (kept.size() >= MAX_KEPT) {
        throw new IllegalStateException("at most " + MAX_KEPT + " sandboxes can be kept");
      }
      kept.add(sandbox);
    }
    prepare(language);
    return sandbox;
  }

  /** A kept sandbox is gone. */
  void released(KeptInstance sandbox) {
    kept.remove(sandbox);
  }

  @Override
  public Attempt start(Start start, KeptSandbox sandbox, AttemptListener listener) {
    if (closed) {
      throw new IllegalStateException("the engine is closed");
    }
    GuestAttempt attempt = new GuestAttempt(this, start, (KeptInstance) sandbox, listener);
    attempts.add(attempt);
    attempt.stands(gate.enter(start.tree(), () -> begin(attempt, true)));
    return attempt;
  }

  /** Takes an attempt out of the line that it stands in; false if it has begun, or is about to. */
  boolean withdraw(GuestAttempt attempt, CoreGate.WaitingWork line) {
    return gate.withdraw(attempt.tree(), line) || places.withdraw(attempt);
  }

  private void begin(GuestAttempt attempt, boolean hasPlace) {
    try {
      threads.execute(() -> runInPlace(attempt, hasPlace));
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // No thread is to be had. The caller may be another attempt, which has nothing to do with it.
      timers.execute(() -> {
        gate.leave(attempt.tree());
        if (hasPlace && !attempt.isKept()) {
          leave(attempt);
        }
        attempt.end(new Ending.Failed(e, Ending.Usage.UNKNOWN));
      });
    }
  }

  /** Runs it if it has a place; else it waits for one, without a thread and without a core. */
  private void runInPlace(GuestAttempt attempt, boolean hasPlace) {
    if (!hasPlace && !places.take(attempt)) {
      gate.leave(attempt.tree());
      return;
    }
    try {
      attempt.run();
    } finally {
      if (!attempt.isKept()) {
        leave(attempt);
      }
    }
  }

  private void leave(GuestAttempt attempt) {
    for (GuestAttempt next : places.leave(attempt)) {
      var _ = gate.enter(next.tree(), () -> begin(next, true));
    }
  }

  @Override
  public Compiled compile(String language, String request) {
    Future<Compiled> compiled = threads.submit(() -> compileHere(language, request));
    try {
      return compiled.get();
    } catch (InterruptedException e) {
      compiled.cancel(true);
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while compiling", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot compile: " + e.getCause(), e.getCause());
    }
  }

  private Compiled compileHere(String language, String request) throws InterruptedException {
    Object tree = new Object();
    AtomicBoolean holdsCore = new AtomicBoolean();
    gate.enter(tree);
    holdsCore.set(true);
    try {
      GuestInstance instance = pool(language).take();
      try {
        return instance.compile(
            request,
            () -> {
              if (Thread.currentThread().isInterrupted()) {
                throw new StoppedException();
              }
              holdsCore.set(false);
              gate.giveWay(tree);
              holdsCore.set(true);
              return 1;
            });
      } finally {
        instance.drop();
      }
    } finally {
      if (holdsCore.get()) {
        gate.leave(tree);
      }
    }
  }

  InstancePool pool(String language) {
    return pools.computeIfAbsent(
        language, name -> new InstancePool(name, image(name), READY, SPARE, affinity));
  }

  private GuestImage image(String language) {
    Path guest = guest(language);
    return images.computeIfAbsent(
        language, name -> GuestImage.of(engine, cache.load(engine, guest)));
  }

  CpuAffinity affinity() {
    return affinity;
  }

  /** Where attempts have files of their own. */
  RunFolder runFolder() {
    return runFolder;
  }

  /** What no attempt gets at. */
  List<Path> withheld() {
    return withheld;
  }

  /** What attempts may have open. */
  HandleBudget handles() {
    return handles;
  }

  /** Files of an attempt could not be removed. */
  void leftBehind(Exception reason) {
    log.accept("files of a task could not be removed; the next start tries again: " + reason);
  }

  CoreGate gate() {
    return gate;
  }

  ScheduledFuture<?> after(long milliseconds, Runnable action) {
    return timers.schedule(action, milliseconds, TimeUnit.MILLISECONDS);
  }

  void execute(Runnable work) {
    threads.execute(work);
  }

  void ended(GuestAttempt attempt) {
    attempts.remove(attempt);
  }

  @Override
  public void close() {
    closed = true;
    attempts.forEach(GuestAttempt::cancel);
    threads.shutdown();
    try {
      if (!threads.awaitTermination(2, TimeUnit.SECONDS)) {
        return; // a guest is stuck in a system call: what it uses must not be freed
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    timers.shutdownNow();
    kept.forEach(KeptInstance::close);
    pools.values().forEach(InstancePool::close);
    images.values().forEach(GuestImage::close);
    runFolder.close();
    engine.close();
  }
}
