package dev.capsule.sidecar.journal;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A change that waits to be written.
 *
 * @param done null: nobody waits for it
 */
record Entry(HeldWorkflow workflow, Change change, @Nullable CompletableFuture<Void> done) {
  void succeed() {
    if (done != null) {
      boolean _ = done.complete(null);
    }
  }

  void fail(Exception problem) {
    if (done != null) {
      boolean _ = done.completeExceptionally(problem);
    }
  }
}
