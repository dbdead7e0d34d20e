// QuickJS in one compilation unit with the few functions that need to see its inside, or that patches.json calls in it.
#include "cutils.h"
#include "immortal.h"
#include "placement.h"
#include "quickjs.h"

Place place;
const unsigned char *next_places;
unsigned places_left;

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

JSValue declarations(JSContext *ctx) {
  JSValue found = JS_NewObjectProto(ctx, JS_NULL);
  if (JS_IsException(found))
    return found;
  JSObject *scope = JS_VALUE_GET_OBJ(ctx->global_var_obj);
  JSShapeProperty *property = get_shape_prop(scope->shape);
  for (int i = 0; i < scope->shape->prop_count; i++, property++) {
    JSValue value = scope->prop[i].u.value;
    if (property->atom == JS_ATOM_NULL || (property->flags & JS_PROP_TMASK) || JS_IsUninitialized(value))
      continue; // it was declared again, or its declaration has not run to its end
    if (JS_DefinePropertyValue(ctx, found, property->atom, js_dup(value), JS_PROP_C_W_E) < 0) {
      JS_FreeValue(ctx, found);
      return JS_EXCEPTION;
    }
  }
  return found;
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

// Room for the names and the shapes of a program, so that its first ones do not have these tables copied.
#define NAMES_TO_COME 512
#define SHAPES_TO_COME 256

// From now on names get numbers that are higher than all there are. False: no memory.
static bool number_names_anew(JSRuntime *rt) {
  int used = rt->atom_size;
  while (atom_is_free(rt->atom_array[used - 1]))
    used--;
  int size = max_int(rt->atom_size, used + NAMES_TO_COME);
  JSAtomStruct **names = js_realloc_rt(rt, rt->atom_array, sizeof(*names) * size);
  if (!names)
    return false;
  for (int i = used; i < size; i++)
    names[i] = atom_set_free(i + 1 < size ? i + 1 : 0);
  rt->atom_array = names;
  rt->atom_size = size;
  rt->atom_free_index = used;
  first_mortal_atom = used;
  return rt->atom_count + NAMES_TO_COME < rt->atom_count_resize || !JS_ResizeAtomHash(rt, rt->atom_hash_size * 2);
}

// Empty lists: nothing goes into what free blocks the snapshot has, nor will it be freed.
static void leave_blocks(JSArenaState *blocks) {
  for (int i = 0; i < JS_ARENA_BLOCK_SIZE_COUNT; i++) {
    init_list_head(&blocks->arena_list[i]);
    init_list_head(&blocks->free_arena_list[i]);
  }
}

// What the collector goes through; what leaves it later, to be replaced, has neighbours in another list.
static void leave_objects(JSRuntime *rt) {
  static struct list_head immortals;
  immortals = rt->gc_obj_list;
  immortals.next->prev = immortals.prev->next = &immortals;
  init_list_head(&rt->gc_obj_list);
}

bool make_immortal(JSRuntime *rt) {
  if (2 * (rt->shape_hash_count + SHAPES_TO_COME) > rt->shape_hash_size && resize_shape_hash(rt, rt->shape_hash_bits + 1))
    return false;
  JS_RunGC(rt);
  if (!number_names_anew(rt))
    return false;
  leave_blocks(&rt->arena_state);
  leave_objects(rt);
  immortal_end = close_heap();
  return true;
}
