// The engine's memory: malloc's, with some kept back so that a task that has used all of it can still be answered for.
#include "engine.h"

#include <malloc.h>
#include <stdlib.h>

// With what malloc adds, a power of two.
#define RESERVE_BYTES ((256u << 10) - 64)

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

// The end of all that was taken before close_heap().
static uintptr_t highest;
static bool closed;

static void *noted(void *result) {
  if (result && !closed && (uintptr_t)result + malloc_usable_size(result) > highest)
    highest = (uintptr_t)result + malloc_usable_size(result);
  return result;
}

// Fills the holes that what was freed has left, the larger ones first: malloc takes from the end what fits in none.
uintptr_t close_heap(void) {
  for (size_t size = 1u << 16; size; size = size > 512 ? size / 2 : size - 8) {
    void *filler;
    while ((uintptr_t)(filler = malloc(size)) < highest)
      if (!filler)
        abort();
    free(filler);
  }
  closed = true;
  return highest;
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
  return checked(noted(malloc(size)), size);
}

static void *take_zeroed(void *opaque, size_t count, size_t size) {
  (void)opaque;
  return checked(noted(calloc(count, size)), count && size);
}

static void *resize(void *opaque, void *old, size_t size) {
  (void)opaque;
  return checked(noted(realloc(old, size)), size);
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
