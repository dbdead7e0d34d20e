// QuickJS in one compilation unit with the few functions that need to see its inside, or that patches.json calls in it.
#include "cutils.h"
#include "quickjs.h"

struct JSStackFrame;
static void write_error_head(JSContext *ctx, DynBuf *out, JSValueConst error);
static bool is_frame_of_runtime(JSContext *ctx, struct JSStackFrame *frame);

#include "quickjs.c"

#include "engine.h"

// The state of Math.random: frozen by the snapshot, so each instance sets its own.
void set_random_state(JSContext *ctx, uint64_t state) { ctx->random_state = state ? state : 1; }

// QuickJS takes these from the clock; constants make the same snapshot of the same sources. The seed must be set before
// any Map or Set exists, and cannot differ between instances: the maps in the snapshot are ordered by it.
void fix_seeds(JSContext *ctx) {
  ctx->hash_seed = 0x9e3779b9;
  ctx->random_state = 1;
  ctx->time_origin = 0; // the sandbox's `performance` has its own
}

bool forget_module(JSContext *ctx, JSModuleDef *module) {
  JSAtom name = JS_NewAtom(ctx, "");
  if (name == JS_ATOM_NULL)
    return false;
  JS_FreeAtom(ctx, module->module_name);
  module->module_name = name;
  return true;
}

static JSAtom runtime_file = JS_ATOM_NULL;

bool hide_runtime(JSContext *ctx) {
  runtime_file = JS_NewAtom(ctx, RUNTIME_FILE);
  return runtime_file != JS_ATOM_NULL;
}

static JSFunctionBytecode *bytecode_of(JSStackFrame *frame) {
  JSObject *function = JS_VALUE_GET_OBJ(frame->cur_func);
  return js_class_has_bytecode(function->class_id) ? function->u.func.function_bytecode : NULL;
}

// Also the engine's own functions that the runtime calls.
static bool is_frame_of_runtime(JSContext *ctx, JSStackFrame *frame) {
  if (runtime_file == JS_ATOM_NULL)
    return false;
  JSFunctionBytecode *code = bytecode_of(frame);
  if (!code && frame->prev_frame)
    code = bytecode_of(frame->prev_frame);
  return code && code->filename == runtime_file;
}

// Writes a property as text, or `otherwise` if there is none or reading it throws; whether it is empty.
static bool write_property(JSContext *ctx, DynBuf *out, JSValueConst object, JSAtom name, const char *before,
                           const char *otherwise) {
  JSValue value = JS_GetProperty(ctx, object, name);
  const char *text = JS_IsException(value) || JS_IsUndefined(value) ? NULL : JS_ToCString(ctx, value);
  const char *shown = text ? text : otherwise;
  bool empty = !*shown;
  if (!empty) {
    dbuf_putstr(out, before);
    dbuf_putstr(out, shown);
  }
  JS_FreeCString(ctx, text);
  JS_FreeValue(ctx, value);
  return empty;
}

static void write_error_head(JSContext *ctx, DynBuf *out, JSValueConst error) {
  JSValue pending = JS_GetException(ctx);
  bool nameless = write_property(ctx, out, error, JS_ATOM_name, "", "Error");
  write_property(ctx, out, error, JS_ATOM_message, nameless ? "" : ": ", "");
  dbuf_putc(out, '\n');
  JS_FreeValue(ctx, JS_GetException(ctx)); // of a getter
  if (!JS_IsUninitialized(pending))
    JS_Throw(ctx, pending);
}
