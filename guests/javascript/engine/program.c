// The user's program: compiled, loaded and run; its jobs, its imports, and the rejections that nobody handles.
#include "engine.h"

#include <stdlib.h>
#include <string.h>

static JSValue builtins = JS_UNDEFINED;    // specifier -> object whose properties are the module's exports
static JSValue on_rejection = JS_UNDEFINED; // (promise, reason, handled) -> void
static JSModuleDef *program;                // the module that load() ran last
static bool exiting;                        // no more code of the program may run

// compile(source, file): string -- bytecode of a module in base64. Runs nothing.
static JSValue js_compile(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  size_t length;
  const char *file = NULL, *source = well_formed_utf8(ctx, &length, argv[0]);
  JSValue module = JS_EXCEPTION, result = JS_EXCEPTION;
  if (source && (file = JS_ToCString(ctx, argv[1])) != NULL)
    module = JS_Eval(ctx, source, length, file, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
  JS_FreeCString(ctx, source);
  JS_FreeCString(ctx, file);
  if (JS_IsException(module))
    return JS_EXCEPTION;
  size_t size;
  uint8_t *code = JS_WriteObject(ctx, &size, module, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
  bool forgotten = forget_module(ctx, JS_VALUE_GET_PTR(module));
  JS_FreeValue(ctx, module);
  if (code) {
    if (forgotten)
      result = base64_of(ctx, code, size);
    js_free(ctx, code);
  }
  return result;
}

// Sets url, filename and main of the program's import.meta. False: exception pending.
static bool describe_module(JSContext *ctx, JSModuleDef *module, JSValueConst url) {
  JSValue meta = JS_GetImportMeta(ctx, module);
  if (JS_IsException(meta))
    return false;
  bool done = JS_DefinePropertyValueStr(ctx, meta, "url", JS_DupValue(ctx, url), JS_PROP_C_W_E) >= 0 &&
              JS_DefinePropertyValueStr(ctx, meta, "main", JS_FALSE, JS_PROP_C_W_E) >= 0;
  JS_FreeValue(ctx, meta);
  return done;
}

// load(code, url): Promise | undefined -- runs a module that compile() made; undefined if it is nothing of that kind.
// Only the sidecar may choose the code: bytecode is trusted as if it were this program's own.
static JSValue js_load(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  size_t length, size;
  const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
  if (!text)
    return JS_EXCEPTION;
  uint8_t *code = bytes_of_base64(ctx, text, length, &size);
  JS_FreeCString(ctx, text);
  if (!code)
    return JS_HasException(ctx) ? JS_EXCEPTION : JS_UNDEFINED;
  JSValue module = JS_ReadObject(ctx, code, size, JS_READ_OBJ_BYTECODE);
  js_free(ctx, code);
  if (JS_IsException(module))
    return JS_EXCEPTION;
  if (!JS_IsModule(module)) {
    JS_FreeValue(ctx, module);
    return JS_UNDEFINED;
  }
  program = JS_VALUE_GET_PTR(module);
  if (JS_ResolveModule(ctx, module) < 0 || !describe_module(ctx, program, argv[1])) {
    program = NULL;
    JS_FreeValue(ctx, module);
    return JS_EXCEPTION;
  }
  return JS_EvalFunction(ctx, module);
}

// evaluate(source, file): Promise -- runs a script whose declarations stay, and may be made again; the promise is of
// {value}, the value of its last expression. Throws SyntaxError before any of it is run.
static JSValue js_evaluate(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  size_t length;
  const char *file = NULL, *source = well_formed_utf8(ctx, &length, argv[0]);
  JSValue result = JS_EXCEPTION;
  if (source && (file = JS_ToCString(ctx, argv[1])) != NULL) {
    cells_redeclare = true;
    JSValue code = JS_Eval(ctx, source, length, file, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_ASYNC | JS_EVAL_FLAG_COMPILE_ONLY);
    result = JS_IsException(code) ? code : JS_EvalFunction(ctx, code);
  }
  JS_FreeCString(ctx, source);
  JS_FreeCString(ctx, file);
  return result;
}

// declarations(): object -- what scripts have declared by let, const and class, by name; it is a copy
static JSValue js_declarations(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  return declarations(ctx);
}

// namespace(): object -- what the loaded program exports
static JSValue js_namespace(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  return program ? JS_GetModuleNamespace(ctx, program) : JS_UNDEFINED;
}

// runJobs(): undefined -- promise reactions and microtasks, until none is left. Throws what one of them throws; the
// rest is still there.
static JSValue js_run_jobs(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  JSRuntime *runtime = JS_GetRuntime(ctx);
  JSContext *other;
  int status;
  do
    status = exiting ? 0 : JS_ExecutePendingJob(runtime, &other);
  while (status > 0);
  if (exiting) { // what went through the program's code to end it
    JS_FreeValue(ctx, JS_GetException(ctx));
    return JS_UNDEFINED;
  }
  return status < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

// exit(): never -- no `catch` and no `finally` of the program sees the error that is thrown
static JSValue js_exit(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  exiting = true;
  JS_ThrowPlainError(ctx, "the program ended itself");
  JSValue thrown = JS_GetException(ctx);
  JS_SetUncatchableError(ctx, thrown);
  return JS_Throw(ctx, thrown);
}

// call(function): any -- what exit() throws ends here, as an error that the runtime can catch
static JSValue js_call(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  JSValue result = JS_Call(ctx, argv[0], JS_UNDEFINED, 0, NULL);
  if (!JS_IsException(result) || !(exiting || interrupted))
    return result;
  JSValue thrown = JS_GetException(ctx);
  end_interrupt();
  if (!exiting) {
    JS_ClearUncatchableError(ctx, thrown); // its stack tells where
    return JS_Throw(ctx, thrown);
  }
  JS_FreeValue(ctx, thrown);
  return JS_ThrowPlainError(ctx, "the program ended itself");
}

// resetExit(): undefined
static JSValue js_reset_exit(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  exiting = false;
  return JS_UNDEFINED;
}

// enqueue(function): undefined -- a microtask
static JSValue run_microtask(JSContext *ctx, int argc, JSValueConst *argv) {
  return JS_Call(ctx, argv[0], JS_UNDEFINED, 0, NULL);
}

static JSValue js_enqueue(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  return JS_EnqueueJob(ctx, run_microtask, 1, argv) < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

// promiseState(promise): [0 pending | 1 fulfilled | 2 rejected, value] | undefined
static JSValue js_promise_state(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  JSPromiseStateEnum state = JS_PromiseState(ctx, argv[0]);
  if (state == JS_PROMISE_NOT_A_PROMISE)
    return JS_UNDEFINED;
  JSValue parts[] = {JS_NewInt32(ctx, state), JS_PromiseResult(ctx, argv[0])};
  return JS_NewArrayFrom(ctx, 2, parts);
}

// proxyParts(value): [target, handler] | undefined
static JSValue js_proxy_parts(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  if (!JS_IsProxy(argv[0]))
    return JS_UNDEFINED;
  JSValue parts[] = {JS_GetProxyTarget(ctx, argv[0]), JS_GetProxyHandler(ctx, argv[0])};
  return JS_NewArrayFrom(ctx, 2, parts);
}

// kindOf(value): string | undefined -- the engine's name for what an object is inside: "Object", "Date", "Map Iterator", …
static JSValue js_kind_of(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  if (!JS_IsObject(argv[0]))
    return JS_UNDEFINED;
  JSAtom name = JS_GetClassName(JS_GetRuntime(ctx), JS_GetClassID(argv[0]));
  JSValue text = JS_AtomToString(ctx, name);
  JS_FreeAtom(ctx, name);
  return text;
}

// setBuiltins(object): undefined; setRejectionHook(function): undefined
static JSValue js_keep(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv, int hook) {
  JSValue *kept = hook ? &on_rejection : &builtins;
  JSValue old = *kept;
  *kept = JS_DupValue(ctx, argv[0]);
  JS_FreeValue(ctx, old);
  return JS_UNDEFINED;
}

static void rejected(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool handled, void *opaque) {
  (void)opaque;
  JSValueConst arguments[] = {promise, reason, JS_NewBool(ctx, handled)};
  if (!JS_IsFunction(ctx, on_rejection))
    return;
  // QuickJS calls this amid other work, which goes on whatever comes of it.
  JSValue result = JS_Call(ctx, on_rejection, JS_UNDEFINED, 3, arguments);
  if (JS_IsException(result))
    result = JS_GetException(ctx);
  JS_FreeValue(ctx, result);
}

static JSValue exports_of(JSContext *ctx, const char *name) {
  return JS_IsObject(builtins) ? JS_GetPropertyStr(ctx, builtins, name) : JS_UNDEFINED;
}

// Called when a built-in module is first evaluated: its exports get their values.
static int fill_module(JSContext *ctx, JSModuleDef *module) {
  JSAtom atom = JS_GetModuleName(ctx, module);
  const char *name = JS_AtomToCString(ctx, atom);
  JS_FreeAtom(ctx, atom);
  if (!name)
    return -1;
  JSValue exports = exports_of(ctx, name);
  JS_FreeCString(ctx, name);
  JSPropertyEnum *properties = NULL;
  uint32_t count = 0;
  int status = -1;
  if (JS_IsObject(exports) &&
      JS_GetOwnPropertyNames(ctx, &properties, &count, exports, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) == 0)
    status = 0;
  for (uint32_t i = 0; i < count && status == 0; i++) {
    const char *key = JS_AtomToCString(ctx, properties[i].atom);
    JSValue value = key ? JS_GetProperty(ctx, exports, properties[i].atom) : JS_EXCEPTION;
    if (JS_IsException(value) || JS_SetModuleExport(ctx, module, key, value) < 0)
      status = -1;
    JS_FreeCString(ctx, key);
  }
  JS_FreePropertyEnum(ctx, properties, count);
  JS_FreeValue(ctx, exports);
  return status;
}

static JSModuleDef *declare_module(JSContext *ctx, const char *name, JSValueConst exports) {
  JSPropertyEnum *properties;
  uint32_t count;
  if (JS_GetOwnPropertyNames(ctx, &properties, &count, exports, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY))
    return NULL;
  JSModuleDef *module = JS_NewCModule(ctx, name, fill_module);
  for (uint32_t i = 0; i < count && module; i++) {
    const char *key = JS_AtomToCString(ctx, properties[i].atom);
    if (!key || JS_AddModuleExport(ctx, module, key) < 0)
      module = NULL; // it stays in the context's list, and goes with the instance
    JS_FreeCString(ctx, key);
  }
  JS_FreePropertyEnum(ctx, properties, count);
  return module;
}

// A specifier is the name of a built-in module, and nothing else: the bundler has put in all the rest.
static char *normalize(JSContext *ctx, const char *base, const char *name, void *opaque) {
  (void)base;
  (void)opaque;
  return js_strdup(ctx, name);
}

static JSModuleDef *find_module(JSContext *ctx, const char *name, void *opaque) {
  (void)opaque;
  JSValue exports = exports_of(ctx, name);
  JSModuleDef *module = NULL;
  if (JS_IsObject(exports))
    module = declare_module(ctx, name, exports);
  else if (!JS_IsException(exports))
    JS_ThrowReferenceError(ctx,
                           "cannot import '%s': the sandbox has Node's built-in modules and @capsule/sdk, and what was "
                           "bundled into the program; name it in an import statement, so that it is bundled too",
                           name);
  JS_FreeValue(ctx, exports);
  return module;
}

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_CFUNC_DEF("compile", 2, js_compile),
    JS_CFUNC_DEF("evaluate", 2, js_evaluate),
    JS_CFUNC_DEF("declarations", 0, js_declarations),
    JS_CFUNC_DEF("load", 2, js_load),
    JS_CFUNC_DEF("namespace", 0, js_namespace),
    JS_CFUNC_DEF("runJobs", 0, js_run_jobs),
    JS_CFUNC_DEF("exit", 0, js_exit),
    JS_CFUNC_DEF("resetExit", 0, js_reset_exit),
    JS_CFUNC_DEF("call", 1, js_call),
    JS_CFUNC_DEF("enqueue", 1, js_enqueue),
    JS_CFUNC_DEF("kindOf", 1, js_kind_of),
    JS_CFUNC_DEF("promiseState", 1, js_promise_state),
    JS_CFUNC_DEF("proxyParts", 1, js_proxy_parts),
    JS_CFUNC_MAGIC_DEF("setBuiltins", 1, js_keep, 0),
    JS_CFUNC_MAGIC_DEF("setRejectionHook", 1, js_keep, 1),
};

void install_program_hooks(JSRuntime *runtime) {
  install_interrupts(runtime);
  JS_SetHostPromiseRejectionTracker(runtime, rejected, NULL);
  JS_SetModuleLoaderFunc(runtime, normalize, find_module, NULL);
}

bool add_program_functions(JSContext *ctx, JSValueConst native) {
  return JS_SetPropertyFunctionList(ctx, native, FUNCTIONS, COUNT(FUNCTIONS)) >= 0;
}
