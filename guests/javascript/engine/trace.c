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
#define LARGE 4096
#define RUNTIME_BYTES 4096 // more than the JSRuntime, which is no block
#define HEADER 8 // QuickJS's, before a block; what memory.c puts before it is as large

static struct {
  uintptr_t start;
  size_t size;
  unsigned before; // the number + 1 of the block that became this one where it was
} noted[MAX_BLOCKS];
static unsigned count;
// By grain: which block begins there, as number + 1; what was done to it.
static unsigned owner[MAX_HEAP / GRAIN];
static unsigned char touched[MAX_HEAP / GRAIN];
// What blocks that are stored to are taken for. ANYWHERE: nothing is noted.
static Place stored;

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
  if (stored == ANYWHERE || address < (uintptr_t)&__heap_base)
    return;
  for (uintptr_t at = address; at < address + size; at += GRAIN)
    if (touched[grain_of(at)] != WRITTEN)
      touched[grain_of(at)] = as == WRITTEN ? stored : as;
}

#define TELLS(size) \
  void __sanitizer_cov_load##size(uintptr_t address) { touch(address, size, READ); } \
  void __sanitizer_cov_store##size(uintptr_t address) { touch(address, size, WRITTEN); }
TELLS(1) TELLS(2) TELLS(4) TELLS(8) TELLS(16)

// A large block is written to here and there, which does not make it one of those that lie densely.
static Place place_of(unsigned block) {
  Place result = ANYWHERE, if_written = noted[block].size > LARGE ? READ : WRITTEN;
  for (uintptr_t at = noted[block].start - HEADER; at < noted[block].start + noted[block].size; at += GRAIN) {
    if (touched[grain_of(at)] == WRITTEN)
      return if_written;
    if (touched[grain_of(at)])
      result = READ;
  }
  return result;
}

// What libc touches for the engine, which is compiled not to do it by itself.
void *__real_memcpy(void *, const void *, size_t);
void *__real_memmove(void *, const void *, size_t);
int __real_memcmp(const void *, const void *, size_t);
void *__wrap_memcpy(void *to, const void *from, size_t size) {
  touch((uintptr_t)from, size, READ);
  touch((uintptr_t)to, size, WRITTEN);
  return __real_memcpy(to, from, size);
}
void *__wrap_memmove(void *to, const void *from, size_t size) {
  touch((uintptr_t)from, size, READ);
  touch((uintptr_t)to, size, WRITTEN);
  return __real_memmove(to, from, size);
}
int __wrap_memcmp(const void *one, const void *other, size_t size) {
  touch((uintptr_t)one, size, READ);
  touch((uintptr_t)other, size, READ);
  return __real_memcmp(one, other, size);
}

static void check(bool succeeded, const char *reply) {
  if (succeeded)
    return;
  fprintf(stderr, "the training fails: %.500s\n", reply);
  exit(1);
}

// A request that the guest frees.
static char *copy_of(const char *request) {
  char *copy = strdup(request);
  if (!copy)
    abort();
  return copy;
}

static void run(const char *request) {
  const char *reply = guest_run(copy_of(request), strlen(request))->text;
  check(strncmp(reply, "{\"ok\":", 6) == 0, reply);
}

static const char *compiled(const char *request) {
  Compiled *reply = guest_compile(copy_of(request), strlen(request));
  check(!reply->failed, reply->text);
  return reply->text;
}

// On standard input: the request to compile a program like many.
int main(void) {
  static char request[1 << 18], call[1 << 18];
  initialize();
  unsigned length = count; // what is taken from now on is nothing of the snapshot
  stored = WRITTEN;
  run("{\"op\":\"ping\"}");
  stored = ANYWHERE;
  request[fread(request, 1, sizeof(request) - 1, stdin)] = 0;
  snprintf(call, sizeof(call),
           "{\"op\":\"call\",\"modules\":[{\"name\":\"main\",\"file\":\"main.js\",\"package\":false,\"code\":\"%s\"}],"
           "\"task\":\"main\",\"args\":[\"text\",{\"deep\":[1,2.5,null]}],\"kwargs\":{},\"env\":{\"NAME\":\"value\"},\"tools\":[]}",
           compiled(request));
  stored = READ;
  run(call);
  stored = ANYWHERE;
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
