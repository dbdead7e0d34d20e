// What was alive when the snapshot was taken is immortal: references to it are not counted, and it is never freed.
//
// A sandbox shares the snapshot's memory with all others until it writes to it, and gets a copy of each page that it
// writes to, which is most of what a fresh sandbox costs. Counts are in the objects, so that a program that only looks
// at `Object.prototype` would write to it. What is immortal is told by its address (memory.c), without looking at it.
// patches.json puts these functions into QuickJS; docs/decisions/0017-immortal-quickjs.md has the reasons.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// 0 until the snapshot is complete.
static uintptr_t immortal_end;

static inline bool is_immortal(const void *memory) { return (uintptr_t)memory < immortal_end; }

// What stands for the count of any immortal object: so high at each use that it is neither the only reference nor the
// last, whatever is done to it.
static inline int *immortal_count(void) {
  static int count;
  count = 1 << 30;
  return &count;
}
