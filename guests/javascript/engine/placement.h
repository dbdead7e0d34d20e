// Where the blocks of memory of the snapshot are.
//
// A sandbox that first looks at a page of the snapshot takes a page fault for it and the fifteen around it, one that
// first writes to a page takes one for it alone. So what every task uses has to lie together. The build measures which
// blocks those are: a program with trace.c in it starts as the guest does, numbers the blocks as they are taken, and
// notes which of them a ping touches. The guest, which takes the same blocks in the same order, puts them apart.
#pragma once

#include <stddef.h>

typedef enum { ANYWHERE, WRITTEN, READ, PLACES_COUNT } Place;

// The place of the block that is being taken.
extern Place place;
// Those of the next blocks.
extern const unsigned char *next_places;
extern unsigned places_left;

// patches.json has this called before each block is taken.
static inline void begin_block(void) {
  place = ANYWHERE;
  if (places_left) {
    place = (Place)*next_places++;
    places_left--;
  }
}

#ifdef TRACED
void note_block(void *block, size_t size);
void note_free(void *block);
#else
static inline void note_block(void *block, size_t size) {
  (void)block;
  (void)size;
}
static inline void note_free(void *block) { (void)block; }
#endif
