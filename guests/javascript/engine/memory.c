// The engine's memory: malloc's, with some kept back so that a task that has used all of it can still be answered for.
#include "engine.h"
#include "placement.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

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

// Blocks that have a place are one after the other, each after its size. They are given back with the sandbox.
static unsigned char *placed_end[PLACES_COUNT];

static bool has_place(const void *memory) {
  return (const unsigned char *)memory >= PLACED && (const unsigned char *)memory < PLACED + PLACED_BYTES[WRITTEN] + PLACED_BYTES[READ];
}

static size_t *size_of(const void *memory) { return (size_t *)memory - 2; }

// As QuickJS rounds the sizes of its blocks: a program sees no difference, and takes the same blocks.
static size_t rounded(size_t size) {
  size_t grain = size <= 128 ? 8 : size <= 256 ? 16 : size <= 512 ? 32 : 1;
  return (size + grain - 1) / grain * grain;
}

size_t placed_size(size_t size) { return 2 * sizeof(size_t) + (rounded(size) + 7) / 8 * 8; }

static void *take_placed(size_t size) {
  if (!placed_end[READ]) {
    placed_end[WRITTEN] = PLACED;
    placed_end[READ] = PLACED + PLACED_BYTES[WRITTEN];
  }
  unsigned char *limit = PLACED + PLACED_BYTES[WRITTEN] + (place == READ ? PLACED_BYTES[READ] : 0);
  if ((size_t)(limit - placed_end[place]) < placed_size(size))
    return NULL;
  void *result = placed_end[place] + 2 * sizeof(size_t);
  *size_of(result) = rounded(size);
  placed_end[place] += placed_size(size);
  return result;
}

static void *take(void *opaque, size_t size) {
  (void)opaque;
  void *result = place == ANYWHERE ? NULL : take_placed(size);
  return result ? result : checked(noted(malloc(size)), size);
}

static void *take_zeroed(void *opaque, size_t count, size_t size) {
  if (place == ANYWHERE)
    return checked(noted(calloc(count, size)), count && size);
  void *result = take(opaque, count * size); // QuickJS has looked whether that is too much
  return result ? memset(result, 0, count * size) : NULL;
}

static size_t usable_size(const void *memory) {
  return has_place(memory) ? *size_of(memory) : malloc_usable_size((void *)memory);
}

static void give_back(void *opaque, void *memory) {
  (void)opaque;
  if (!has_place(memory))
    free(memory);
}

static void *resize(void *opaque, void *old, size_t size) {
  size_t old_size = usable_size(old);
  if (has_place(old) ? old_size >= size : place == ANYWHERE) {
    if (!has_place(old))
      return checked(noted(realloc(old, size)), size);
    if (old_size > 512)
      *size_of(old) = size;
    return old;
  }
  void *result = take(opaque, size);
  if (result) {
    memcpy(result, old, old_size < size ? old_size : size);
    give_back(opaque, old);
  }
  return result;
}

JSRuntime *new_runtime(void) {
  static const JSMallocFunctions FUNCTIONS = {take_zeroed, take, give_back, resize, usable_size};
  next_places = PLACES;
  places_left = PLACES_LENGTH;
  place = WRITTEN;
  runtime = JS_NewRuntime2(&FUNCTIONS, NULL);
  return runtime;
}
