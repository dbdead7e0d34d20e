// Run at build time, with the engine compiled so that it tells of each access to memory: starts as the guest does, and
// writes, as C, where the guest has to put its blocks (placement.h).
#define TRACED
#include "engine.h"
#include "placement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BLOCKS (1u << 20)
#define MAX_HEAP (32u << 20)
#define GRAIN 8
#define RUNTIME_BYTES 4096 // more than the JSRuntime, which is no block
#define HEADER 8 // QuickJS's, before a block; what memory.c puts before it is as large

static const char PING[] = "{\"op\":\"ping\"}";

static struct {
  uintptr_t start;
  size_t size;
  unsigned before; // the number + 1 of the block that became this one where it was
} noted[MAX_BLOCKS];
static unsigned count;
// By grain: which block begins there, as number + 1; what was done to it.
static unsigned owner[MAX_HEAP / GRAIN];
static unsigned char touched[MAX_HEAP / GRAIN];
static bool tracing;

extern unsigned char __heap_base;
const unsigned char PLACES[1];
const unsigned PLACES_LENGTH = 0;
unsigned char PLACED[1];
const size_t PLACED_BYTES[PLACES_COUNT] = {0};

static size_t grain_of(uintptr_t address) {
  size_t grain = (address - (uintptr_t)&__heap_base) / GRAIN;
  return grain < MAX_HEAP / GRAIN ? grain : 0;
}

void note_block(void *block, size_t size) {
  if (!block || count == MAX_BLOCKS)
    abort();
  unsigned *of = &owner[grain_of((uintptr_t)block)];
  noted[count].start = (uintptr_t)block;
  noted[count].size = size;
  noted[count].before = *of;
  *of = ++count;
}

void note_free(void *block) { owner[grain_of((uintptr_t)block)] = 0; }

static void touch(uintptr_t address, size_t size, Place as) {
  if (!tracing || address < (uintptr_t)&__heap_base)
    return;
  for (uintptr_t at = address; at < address + size; at += GRAIN)
    if (touched[grain_of(at)] != WRITTEN)
      touched[grain_of(at)] = as;
}

#define TELLS(size) \
  void __sanitizer_cov_load##size(uintptr_t address) { touch(address, size, READ); } \
  void __sanitizer_cov_store##size(uintptr_t address) { touch(address, size, WRITTEN); }
TELLS(1) TELLS(2) TELLS(4) TELLS(8) TELLS(16)

static Place place_of(unsigned block) {
  Place result = ANYWHERE;
  for (uintptr_t at = noted[block].start - HEADER; at < noted[block].start + noted[block].size; at += GRAIN) {
    if (touched[grain_of(at)] == WRITTEN)
      return WRITTEN;
    if (touched[grain_of(at)])
      result = READ;
  }
  return result;
}

int main(void) {
  initialize();
  unsigned length = count;
  char *request = malloc(sizeof(PING));
  memcpy(request, PING, sizeof(PING));
  // What is taken from now on is nothing of the snapshot.
  tracing = true;
  guest_run(request, sizeof(PING) - 1);
  tracing = false;
  static unsigned char places[MAX_BLOCKS];
  size_t bytes[PLACES_COUNT] = {[WRITTEN] = RUNTIME_BYTES};
  for (size_t grain = 0; grain < MAX_HEAP / GRAIN; grain++) {
    if (!owner[grain] || owner[grain] > length)
      continue;
    Place as = place_of(owner[grain] - 1);
    for (unsigned block = owner[grain]; block && as != ANYWHERE; block = noted[block - 1].before) {
      places[block - 1] = as;
      bytes[as] += placed_size(noted[block - 1].size + HEADER);
    }
  }
  printf("#include \"engine.h\"\n#include \"placement.h\"\nconst unsigned char PLACES[] = {");
  for (unsigned block = 0; block < length; block++)
    printf(block % 64 ? "%d," : "\n%d,", places[block]);
  printf("0};\nconst unsigned PLACES_LENGTH = %u;\n", length);
  printf("unsigned char PLACED[%zu] __attribute__((aligned(4096)));\n", bytes[WRITTEN] + bytes[READ] + 8);
  printf("const size_t PLACED_BYTES[PLACES_COUNT] = {0, %zu, %zu};\n", bytes[WRITTEN], bytes[READ]);
  fprintf(stderr, "%u blocks; %zu bytes written to, %zu bytes read\n", length, bytes[WRITTEN], bytes[READ]);
  return fflush(stdout) ? 1 : 0;
}
