// QuickJS in one compilation unit with the few functions that need to see its inside.
#include "quickjs.c"

#include "engine.h"

// The state of Math.random: frozen by the snapshot, so each instance sets its own.
void set_random_state(JSContext *ctx, uint64_t state) { ctx->random_state = state ? state : 1; }

// QuickJS takes it from the clock; a constant makes the same snapshot of the same sources. It must be set before any
// Map or Set exists, and cannot differ between instances: the maps in the snapshot are ordered by it.
void fix_hash_seed(JSContext *ctx) {
  ctx->hash_seed = 0x9e3779b9;
  ctx->random_state = 1;
}
