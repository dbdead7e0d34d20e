// What the parts of the engine know of one another.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quickjs.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

// The functions of one part, to be put on the object `native`. Each returns false with an exception pending.
bool add_host_functions(JSContext *ctx, JSValueConst native);
bool add_program_functions(JSContext *ctx, JSValueConst native);
bool add_text_functions(JSContext *ctx, JSValueConst native);
bool add_file_functions(JSContext *ctx, JSValueConst native);
bool add_hash_functions(JSContext *ctx, JSValueConst native);

// Sets the module loader and the hook for unhandled rejections.
void install_program_hooks(JSRuntime *runtime);

// Has the engine ask the host now and then whether what runs is to end.
void install_interrupts(JSRuntime *runtime);
// Whether it is to end.
extern bool interrupted;
// Ends what was asked for; whether it had to.
void end_interrupt(void);

// Whether scripts may declare again what earlier ones have declared (patches.json).
extern bool cells_redeclare;

// The file that frames of the runtime's own code show.
#define RUNTIME_FILE "capsule:runtime"

// What only code inside quickjs.c can do (interpreter.c).
void set_random_state(JSContext *ctx, uint64_t state);
// What scripts have declared by let, const and class: an object without a prototype.
JSValue declarations(JSContext *ctx);
void fix_seeds(JSContext *ctx);
// Takes a module's name away, so that no other is taken for it. False: exception pending.
bool forget_module(JSContext *ctx, JSModuleDef *module);
// From now on stacks are without the runtime's frames. False: exception pending.
bool hide_runtime(JSContext *ctx);

// From now on all that is alive is immortal (immortal.h). False: no memory.
bool make_immortal(JSRuntime *runtime);

// What the build has measured (placement.h): the places of the snapshot's blocks in the order in which they are taken,
// memory for those that have one, and how much of it each place has.
extern const unsigned char PLACES[];
extern const unsigned PLACES_LENGTH;
extern unsigned char PLACED[];
extern const size_t PLACED_BYTES[];
// How much of it a block takes.
size_t placed_size(size_t size);

// What the guest exports.
typedef struct {
  const char *text;
  size_t length;
} Replied;
typedef struct {
  uint32_t failed;
  const char *text;
  size_t length;
} Compiled;
void initialize(void);
Replied *guest_run(char *request, size_t length);
Compiled *guest_compile(char *request, size_t length);

// An engine that takes its memory from memory.c.
JSRuntime *new_runtime(void);
// The end of all memory that was taken. What is taken from now on comes from beyond it, but for what libc and realloc
// give back of the snapshot's.
uintptr_t close_heap(void);
// Keeps memory back for the end, and forgets that there was too little.
void prepare_memory(void);
void release_reserve(void);
// Whether an allocation has failed since.
bool out_of_memory(void);

// UTF-8 of a string, with U+FFFD for halves of surrogate pairs; to be freed by JS_FreeCString. NULL: exception pending.
const char *well_formed_utf8(JSContext *ctx, size_t *length, JSValueConst value);

// The bytes of an ArrayBuffer, a typed array or a DataView. False: exception pending.
bool bytes_of(JSContext *ctx, JSValueConst value, uint8_t **bytes, size_t *length);

// An ArrayBuffer that takes over `bytes`, which js_malloc made (NULL only if `length` is 0).
JSValue buffer_of(JSContext *ctx, uint8_t *bytes, size_t length);

// Base64 with padding, as a string.
JSValue base64_of(JSContext *ctx, const uint8_t *bytes, size_t length);

// The bytes of standard base64, to be freed by js_free. NULL without an exception: it is not base64.
uint8_t *bytes_of_base64(JSContext *ctx, const char *text, size_t length, size_t *size);
