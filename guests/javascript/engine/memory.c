// The engine's memory: malloc's, with some kept back so that a task that has used all of it can still be answered for.
#include "engine.h"

#include <malloc.h>
#include <stdlib.h>

#define RESERVE_BYTES (256u << 10)

static JSRuntime *runtime;
static void *reserve;
static bool exhausted;

bool out_of_memory(void) { return exhausted; }

void release_reserve(void) {
  free(reserve);
  reserve = NULL;
}

void prepare_memory(void) {
  exhausted = false;
  if (!reserve)
    reserve = malloc(RESERVE_BYTES);
}

// The allocation fails all the same; but there is room again for the error that says so, and garbage is collected when
// the next object is made, should the program go on.
static void *checked(void *result, size_t size) {
  if (!result && size) {
    exhausted = true;
    release_reserve();
    JS_SetGCThreshold(runtime, 0);
  }
  return result;
}

static void *take(void *opaque, size_t size) {
  (void)opaque;
  return checked(malloc(size), size);
}

static void *take_zeroed(void *opaque, size_t count, size_t size) {
  (void)opaque;
  return checked(calloc(count, size), count && size);
}

static void *resize(void *opaque, void *old, size_t size) {
  (void)opaque;
  return checked(realloc(old, size), size);
}

static void give_back(void *opaque, void *memory) {
  (void)opaque;
  free(memory);
}

static size_t usable_size(const void *memory) { return malloc_usable_size((void *)memory); }

JSRuntime *new_runtime(void) {
  static const JSMallocFunctions FUNCTIONS = {take_zeroed, take, give_back, resize, usable_size};
  runtime = JS_NewRuntime2(&FUNCTIONS, NULL);
  return runtime;
}
