// Run at build time: bytecode, without its source, of the script on standard input. A snapshot in which nothing was ever
// parsed is smaller, and what belongs together lies together.
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>

static char *read_all(FILE *file, size_t *length) {
  size_t room = 1 << 20, used = 0;
  char *text = malloc(room);
  while (text) {
    used += fread(text + used, 1, room - used - 1, file);
    if (used < room - 1)
      break;
    text = realloc(text, room *= 2);
  }
  if (text)
    text[used] = 0;
  *length = used;
  return text;
}

int main(void) {
  size_t length, size;
  JSRuntime *runtime = JS_NewRuntime();
  JSContext *ctx = runtime ? JS_NewContext(runtime) : NULL;
  char *source = read_all(stdin, &length);
  if (!ctx || !source)
    return 1;
  JSValue script = JS_Eval(ctx, source, length, RUNTIME_FILE, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
  uint8_t *code = NULL;
  if (!JS_IsException(script))
    code = JS_WriteObject(ctx, &size, script, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
  if (!code) {
    const char *message = JS_ToCString(ctx, JS_GetException(ctx));
    fprintf(stderr, "the runtime does not compile: %s\n", message ? message : "?");
    return 1;
  }
  return fwrite(code, 1, size, stdout) == size && fflush(stdout) == 0 ? 0 : 1;
}
