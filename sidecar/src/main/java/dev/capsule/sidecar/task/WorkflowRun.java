package dev.capsule.sidecar.task;

import dev.capsule.protocol.Envelope;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A run that a client started in a workflow: it is stopped when the workflow must stop. */
final class WorkflowRun implements TaskService.Running {
  private final Workflow workflow;
  private final boolean main;
  private final CompletableFuture<Envelope> envelope = new CompletableFuture<>();
  private final Runnable stop = this::cancel;
  private @Nullable TaskRun run;
  private boolean cancelled;

  private WorkflowRun(Workflow workflow, boolean main) {
    this.workflow = workflow;
    this.main = main;
  }

  /** A run that is the workflow itself. It is stopped, too, if its program has changed. */
  static WorkflowRun ofMain(Workflow workflow, TaskRun run) {
    WorkflowRun main = new WorkflowRun(workflow, true);
    main.start(run);
    return main;
  }

  /**
   * A run that is a step.
   *
   * @param run makes it, if it is to be run
   * @param replayed told if it need not
   */
  static WorkflowRun ofStep(
      Workflow workflow,
      CompletableFuture<Begun> begun,
      Function<Step, TaskRun> run,
      Consumer<Begun.Before> replayed) {
    WorkflowRun step = new WorkflowRun(workflow, false);
    var _ =
        begun.whenComplete((what, problem) -> {
          switch (what) {
            case null ->
                step.envelope.completeExceptionally(
                    problem instanceof CompletionException ? problem.getCause() : problem);
            case Begun.Before done -> {
              replayed.accept(done);
              step.envelope.complete(done.envelope());
            }
            case Begun.Now(Step now) -> step.start(run.apply(now));
          }
        });
    return step;
  }

  private void start(TaskRun started) {
    boolean stopped;
    synchronized (this) {
      run = started;
      stopped = cancelled;
    }
    var _ =
        started
            .envelope()
            .thenAccept(result -> {
              workflow.forget(stop);
              RequestException why =
                  main && !result.success() ? workflow.fault() : started.unwritten();
              if (why == null && !result.success()) {
                why = workflow.revocation(); // it was stopped for that
              }
              if (why == null) {
                envelope.complete(result);
              } else {
                envelope.completeExceptionally(why);
              }
            });
    if (stopped) {
      started.cancel();
    }
    workflow.onStop(stop);
    started.begin();
  }

  @Override
  public CompletableFuture<Envelope> envelope() {
    return envelope;
  }

  @Override
  public void cancel() {
    TaskRun running;
    synchronized (this) {
      cancelled = true;
      running = run;
    }
    if (running != null) {
      running.cancel();
    }
  }
}
