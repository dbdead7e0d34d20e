// The imports of the WIT world, output, clocks and randomness.
#include "engine.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HOST(name) __attribute__((import_module("capsule:guest/host@0.1.0"), import_name(name)))

// As the canonical ABI lowers them; guests/wit/capsule.wit says what they do.
HOST("submit") uint64_t host_submit(const char *operation, size_t length);
HOST("wait")
void host_wait(const uint64_t *ids, size_t count, int32_t limited, uint64_t timeout_ms, char *result[2]);

HOST("interrupted") int32_t host_interrupted(void);

// Called by nothing in here: flattening puts calls of these between the engine and WASI (guests/flatten), for which the
// component has to import them.
HOST("charge") void host_charge(uint64_t bytes);
HOST("reserve-handles") void host_reserve_handles(uint32_t handles);
HOST("may-use") bool host_may_use(const char *path, size_t length);
HOST("granted") void host_granted(uint32_t handle, uint32_t index);
HOST("opened")
void host_opened(uint32_t folder, const char *path, size_t length, uint32_t flags, bool failed,
                 uint32_t value);
HOST("streamed") void host_streamed(uint32_t file, uint32_t handle);
HOST("moved") void host_moved(uint32_t handle, bool written, uint64_t bytes);
HOST("closed") void host_closed(uint32_t handle);

static volatile bool never;

// 2^53 - 1: what a JavaScript number holds exactly.
#define MAX_EXACT 9007199254740991.0

static bool interruptible;
static bool was_interrupted;
bool interrupted;

// The engine calls it every so many jumps; what it throws then, no `catch` and no `finally` of the program sees.
static int on_interrupt(JSRuntime *rt, void *opaque) {
  (void)rt;
  (void)opaque;
  if (interruptible && host_interrupted())
    interrupted = true;
  return interrupted;
}

void install_interrupts(JSRuntime *runtime) { JS_SetInterruptHandler(runtime, on_interrupt, NULL); }

// What is left to do, in the runtime's own code, is done in peace.
void end_interrupt(void) {
  was_interrupted |= interrupted;
  interrupted = interruptible = false;
}

// interruptible(on): undefined -- whether the host is asked while the program computes
static JSValue js_interruptible(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  interruptible = JS_ToBool(ctx, argv[0]) > 0;
  interrupted = was_interrupted = false;
  return JS_UNDEFINED;
}

// isInterrupted(): boolean -- asks the host now
static JSValue js_is_interrupted(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  return JS_NewBool(ctx, on_interrupt(NULL, NULL));
}

// wasInterrupted(): boolean
static JSValue js_was_interrupted(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  end_interrupt();
  return JS_NewBool(ctx, was_interrupted);
}

// submit(operation): number
static JSValue js_submit(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  size_t length;
  const char *operation = well_formed_utf8(ctx, &length, argv[0]);
  if (!operation)
    return JS_EXCEPTION;
  uint64_t id = host_submit(operation, length);
  JS_FreeCString(ctx, operation);
  return JS_NewFloat64(ctx, (double)id);
}

// False: exception pending.
static bool whole_number(JSContext *ctx, JSValueConst value, uint64_t *result) {
  double number;
  if (JS_ToFloat64(ctx, &number, value))
    return false;
  if (!(number >= 0 && number <= MAX_EXACT)) {
    JS_ThrowRangeError(ctx, "expected a whole number");
    return false;
  }
  *result = (uint64_t)number;
  return true;
}

// wait(ids, timeoutMs | undefined): string
static JSValue js_wait(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  int64_t count;
  if (JS_GetLength(ctx, argv[0], &count))
    return JS_EXCEPTION;
  if (count < 0 || count > 1 << 20)
    return JS_ThrowRangeError(ctx, "too many ids");
  uint64_t timeout_ms = 0;
  bool limited = argc > 1 && !JS_IsUndefined(argv[1]);
  if (limited && !whole_number(ctx, argv[1], &timeout_ms))
    return JS_EXCEPTION;
  uint64_t *ids = js_malloc(ctx, (size_t)(count + 1) * sizeof(uint64_t));
  if (!ids)
    return JS_EXCEPTION;
  for (int64_t i = 0; i < count; i++) {
    JSValue id = JS_GetPropertyInt64(ctx, argv[0], i);
    bool known = !JS_IsException(id) && whole_number(ctx, id, &ids[i]);
    JS_FreeValue(ctx, id);
    if (!known) {
      js_free(ctx, ids);
      return JS_EXCEPTION;
    }
  }
  char *result[2];
  host_wait(ids, (size_t)count, limited, timeout_ms, result);
  js_free(ctx, ids);
  size_t length = (size_t)result[1];
  JSValue text = JS_NewStringLen(ctx, result[0], length);
  if (length)
    free(result[0]);
  return text;
}

// write(descriptor, text | bytes): undefined -- all of it. A stream that takes no more is not the writer's fault.
static JSValue js_write(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  int32_t descriptor;
  if (JS_ToInt32(ctx, &descriptor, argv[0]))
    return JS_EXCEPTION;
  if (descriptor != STDOUT_FILENO && descriptor != STDERR_FILENO)
    return JS_ThrowRangeError(ctx, "only 1 and 2 can be written to");
  const char *text = NULL;
  uint8_t *bytes;
  size_t length;
  if (JS_IsString(argv[1])) {
    text = well_formed_utf8(ctx, &length, argv[1]);
    if (!text)
      return JS_EXCEPTION;
    bytes = (uint8_t *)text;
  } else if (!bytes_of(ctx, argv[1], &bytes, &length)) {
    return JS_EXCEPTION;
  }
  while (length) {
    ssize_t written = write(descriptor, bytes, length);
    if (written < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (written <= 0)
      break;
    bytes += written;
    length -= (size_t)written;
  }
  JS_FreeCString(ctx, text);
  return JS_UNDEFINED;
}

// getentropy takes at most 256 bytes at once.
static bool fill_randomly(uint8_t *bytes, size_t length) {
  for (size_t at = 0, part; at < length; at += part) {
    part = length - at < 256 ? length - at : 256;
    if (getentropy(bytes + at, part))
      return false;
  }
  return true;
}

// random(count): ArrayBuffer
static JSValue js_random(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  uint64_t count;
  if (!whole_number(ctx, argv[0], &count))
    return JS_EXCEPTION;
  if (count > INT32_MAX)
    return JS_ThrowRangeError(ctx, "too many bytes");
  uint8_t *bytes = js_malloc(ctx, (size_t)count + 1);
  if (!bytes)
    return JS_EXCEPTION;
  if (!fill_randomly(bytes, (size_t)count)) {
    js_free(ctx, bytes);
    return JS_ThrowInternalError(ctx, "no random bytes");
  }
  return buffer_of(ctx, bytes, (size_t)count);
}

// seed(): undefined -- gives Math.random a state of this instance's own.
static JSValue js_seed(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  uint64_t state;
  if (!fill_randomly((uint8_t *)&state, sizeof(state)))
    return JS_ThrowInternalError(ctx, "no random bytes");
  set_random_state(ctx, state);
  return JS_UNDEFINED;
}

// now(), monotonic(): milliseconds, with their fraction
static JSValue js_clock(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv, int monotonic) {
  struct timespec time;
  if (clock_gettime(monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME, &time))
    return JS_ThrowInternalError(ctx, "no clock");
  return JS_NewFloat64(ctx, (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6);
}

// memory(): bytes of the linear memory
static JSValue js_memory(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  return JS_NewFloat64(ctx, (double)__builtin_wasm_memory_size(0) * 65536);
}

// outOfMemory(): boolean -- whether an allocation has failed in this request
static JSValue js_out_of_memory(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  return JS_NewBool(ctx, out_of_memory());
}

// collect(): undefined -- frees garbage now
static JSValue js_collect(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  JS_RunGC(JS_GetRuntime(ctx));
  return JS_UNDEFINED;
}

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_CFUNC_DEF("outOfMemory", 0, js_out_of_memory),
    JS_CFUNC_DEF("collect", 0, js_collect),
    JS_CFUNC_DEF("interruptible", 1, js_interruptible),
    JS_CFUNC_DEF("isInterrupted", 0, js_is_interrupted),
    JS_CFUNC_DEF("wasInterrupted", 0, js_was_interrupted),
    JS_CFUNC_DEF("submit", 1, js_submit),         JS_CFUNC_DEF("wait", 2, js_wait),
    JS_CFUNC_DEF("write", 2, js_write),           JS_CFUNC_DEF("random", 1, js_random),
    JS_CFUNC_DEF("seed", 0, js_seed),             JS_CFUNC_MAGIC_DEF("now", 0, js_clock, 0),
    JS_CFUNC_MAGIC_DEF("monotonic", 0, js_clock, 1), JS_CFUNC_DEF("memory", 0, js_memory),
};

bool add_host_functions(JSContext *ctx, JSValueConst native) {
  if (never) {
    host_charge(0);
    host_reserve_handles(0);
    host_may_use("", 0);
    host_granted(0, 0);
    host_opened(0, "", 0, 0, false, 0);
    host_streamed(0, 0);
    host_moved(0, false, 0);
    host_closed(0);
  }
  return JS_SetPropertyFunctionList(ctx, native, FUNCTIONS, COUNT(FUNCTIONS)) >= 0;
}
