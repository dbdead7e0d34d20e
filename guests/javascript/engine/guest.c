// The exports of the WIT world, and the state that is snapshotted.
#include "engine.h"
#include "placement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(name)))

// The engine refuses to recurse deeper than this much of the stack in linear memory. It must be reached before
// WebAssembly's own stack is exhausted, whose end is a trap that no program can catch.
#ifndef STACK_BYTES
#error "build.py sets STACK_BYTES"
#endif

// Garbage is first collected when so much has been allocated: a collection writes to every object of the snapshot,
// and short tasks need none.
#define FIRST_COLLECTION (16u << 20)

// Bytecode of the runtime (precompile.c).
extern unsigned char RUNTIME_CODE[];
extern const unsigned RUNTIME_CODE_LENGTH;

static JSRuntime *runtime;
static JSContext *context;
static JSValue serve_run = JS_UNDEFINED, serve_compile = JS_UNDEFINED;

static const char OUT_OF_MEMORY[] = "{\"error\":{\"type\":\"out_of_memory\",\"message\":\"the task needs more memory "
                                    "than its ram\",\"class\":\"InternalError\",\"traceback\":null}}";
static const char BROKEN[] = "{\"error\":{\"type\":\"task_error\",\"message\":\"the task broke the runtime of its "
                             "sandbox\",\"class\":null,\"traceback\":null}}";

// A reply: text, and the string to free once the host has read it (NULL: the text is constant).
typedef struct {
  const char *text;
  size_t length;
  const char *owned;
} Reply;

static Reply reply;
static Replied run_result;
static Compiled compile_result;

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t alignment, size_t size) {
  (void)old_size;
  if (size == 0)
    return (void *)alignment;
  void *result = realloc(old, size);
  if (!result) {
    release_reserve();
    result = realloc(old, size);
  }
  if (!result)
    __builtin_trap(); // the ABI has no other way to say so; the host knows how much memory there was
  return result;
}

static Reply constant(const char *text) { return (Reply){text, strlen(text), NULL}; }

// What a function of the runtime returned or threw, as a reply.
static Reply reply_of(JSValue value) {
  if (!JS_IsException(value)) {
    size_t length;
    const char *text = JS_IsString(value) ? JS_ToCStringLen(context, &length, value) : NULL;
    bool usable = text || !JS_IsString(value);
    JS_FreeValue(context, value);
    if (text)
      return (Reply){text, length, text};
    if (usable)
      return constant(BROKEN);
  }
  // The runtime catches what a task throws. What comes out of it nevertheless is memory that is used up, or a task that
  // replaced what the runtime itself is made of.
  release_reserve();
  JSValue problem = JS_GetException(context);
  JS_FreeValue(context, problem);
  return constant(out_of_memory() ? OUT_OF_MEMORY : BROKEN);
}

static Reply serve(JSValueConst function, char *request, size_t length) {
  JS_UpdateStackTop(runtime);
  prepare_memory();
  JSValue argument = JS_NewStringLen(context, request, length);
  if (length)
    free(request);
  if (JS_IsException(argument))
    return reply_of(JS_EXCEPTION);
  JSValue result = JS_Call(context, function, JS_UNDEFINED, 1, (JSValueConst *)&argument);
  JS_FreeValue(context, argument);
  return reply_of(result);
}

static void release(void) {
  if (reply.owned)
    JS_FreeCString(context, reply.owned);
  reply = (Reply){0};
}

EXPORT("run") Replied *guest_run(char *request, size_t length) {
  reply = serve(serve_run, request, length);
  run_result.text = reply.text;
  run_result.length = reply.length;
  return &run_result;
}

EXPORT("cabi_post_run") void guest_run_done(void *result) {
  (void)result;
  release();
}

// The runtime answers with the code, or with an object of JSON that holds the error.
EXPORT("compile") Compiled *guest_compile(char *request, size_t length) {
  reply = serve(serve_compile, request, length);
  compile_result.failed = reply.length > 0 && reply.text[0] == '{';
  compile_result.text = reply.text;
  compile_result.length = reply.length;
  return &compile_result;
}

EXPORT("cabi_post_compile") void guest_compile_done(void *result) {
  (void)result;
  release();
}

// serve(run, compile): undefined
static JSValue js_serve(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  serve_run = JS_DupValue(ctx, argv[0]);
  serve_compile = JS_DupValue(ctx, argv[1]);
  return JS_UNDEFINED;
}

// The build stops here, so a message for whoever builds is enough.
static void stop(void) {
  JSValue problem = JS_GetException(context);
  const char *message = JS_ToCString(context, problem);
  JSValue stack = JS_GetPropertyStr(context, problem, "stack");
  const char *where = JS_ToCString(context, stack);
  fprintf(stderr, "the runtime does not start: %s\n%s\n", message ? message : "?", where ? where : "");
  abort();
}

// What is made when it is first used is so in the snapshot.
static void rehearse(void) {
  static const char PING[] = "{\"op\":\"ping\"}";
  char *request = malloc(sizeof(PING));
  if (!request)
    abort();
  memcpy(request, PING, sizeof(PING));
  guest_run_done(guest_run(request, sizeof(PING) - 1));
  fix_seeds(context);
}

// wasi-libc's: it lists the folders anew when a path is next used. zig's build of it does so at its start, once.
void __wasilibc_reset_preopens(void);

// Called at build time; what is in memory afterwards is what every instance begins with.
EXPORT("wizer-initialize") void initialize(void) {
  runtime = new_runtime();
  context = runtime ? JS_NewContext(runtime) : NULL;
  if (!context)
    abort();
  fix_seeds(context);
  JS_SetMaxStackSize(runtime, STACK_BYTES);
  JS_UpdateStackTop(runtime);
  JS_SetGCThreshold(runtime, FIRST_COLLECTION);
  install_program_hooks(runtime);
  JSValue native = JS_NewObject(context), global = JS_GetGlobalObject(context);
  JSValue serve_function = JS_NewCFunction(context, js_serve, "serve", 2);
  if (JS_IsException(native) || !add_host_functions(context, native) || !add_program_functions(context, native) ||
      !add_text_functions(context, native) || !add_file_functions(context, native) || !add_hash_functions(context, native) ||
      JS_SetPropertyStr(context, native, "serve", serve_function) < 0 ||
      JS_SetPropertyStr(context, global, "native", native) < 0) // the runtime takes it away first thing
    stop();
  JSValue code = JS_ReadObject(context, RUNTIME_CODE, RUNTIME_CODE_LENGTH, JS_READ_OBJ_BYTECODE);
  JSValue result = JS_IsException(code) ? code : JS_EvalFunction(context, code);
  JSContext *other;
  int status = 0;
  if (!JS_IsException(result))
    while ((status = JS_ExecutePendingJob(runtime, &other)) > 0)
      ;
  if (JS_IsException(result) || status < 0 || !JS_IsFunction(context, serve_run) || !hide_runtime(context))
    stop();
  JS_FreeValue(context, result);
  JS_FreeValue(context, global);
  rehearse();
  memset(RUNTIME_CODE, 0, RUNTIME_CODE_LENGTH); // not needed again, and zeros take no room in the snapshot
  if (!make_immortal(runtime))
    abort();
  if (places_left) {
    fprintf(stderr, "the guest takes other blocks of memory than when they were traced\n");
    abort();
  }
  JS_SetGCThreshold(runtime, FIRST_COLLECTION);
  prepare_memory();
  __wasilibc_reset_preopens();
}
