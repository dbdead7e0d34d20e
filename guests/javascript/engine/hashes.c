// native.hash: hash functions, whose code is in hashes.zig. The state of a computation is an ArrayBuffer that only the
// runtime holds, so that it can be copied.
#include "engine.h"

typedef struct {
  const uint8_t *start;
  size_t length;
} Bytes;

uint32_t hash_count(void);
size_t hash_state_size(uint32_t kind);
size_t hash_digest_size(uint32_t kind);
void hash_init(uint32_t kind, uint8_t *state);
void hash_update(uint32_t kind, uint8_t *state, const uint8_t *bytes, size_t length);
void hash_final(uint32_t kind, uint8_t *state, uint8_t *out);
bool hash_pbkdf2(uint32_t kind, const Bytes *password, const Bytes *salt, uint32_t rounds, uint8_t *out, size_t length);
bool hash_scrypt(const Bytes *password, const Bytes *salt, uint32_t ln, uint32_t r, uint32_t p, uint8_t *out,
                 size_t length);

static bool kind_of(JSContext *ctx, JSValueConst value, uint32_t *kind) {
  if (JS_ToUint32(ctx, kind, value))
    return false;
  if (*kind >= hash_count()) {
    JS_ThrowRangeError(ctx, "no such hash");
    return false;
  }
  return true;
}

// The state of a computation of this kind.
static bool state_of(JSContext *ctx, JSValueConst *argv, uint32_t *kind, uint8_t **state) {
  size_t size;
  if (!kind_of(ctx, argv[0], kind) || !bytes_of(ctx, argv[1], state, &size))
    return false;
  if (size != hash_state_size(*kind)) {
    JS_ThrowTypeError(ctx, "not the state of this hash");
    return false;
  }
  return true;
}

static bool read_bytes(JSContext *ctx, JSValueConst value, Bytes *bytes) {
  uint8_t *start;
  if (!bytes_of(ctx, value, &start, &bytes->length))
    return false;
  bytes->start = start ? start : (const uint8_t *)"";
  return true;
}

// hashStart(kind): ArrayBuffer
static JSValue js_start(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  uint32_t kind;
  if (!kind_of(ctx, argv[0], &kind))
    return JS_EXCEPTION;
  uint8_t *state = js_mallocz(ctx, hash_state_size(kind));
  if (!state)
    return JS_EXCEPTION;
  hash_init(kind, state);
  return buffer_of(ctx, state, hash_state_size(kind));
}

// hashUpdate(kind, state, bytes): undefined
static JSValue js_update(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  uint32_t kind;
  uint8_t *state;
  Bytes bytes;
  if (!state_of(ctx, argv, &kind, &state) || !read_bytes(ctx, argv[2], &bytes))
    return JS_EXCEPTION;
  hash_update(kind, state, bytes.start, bytes.length);
  return JS_UNDEFINED;
}

// hashFinish(kind, state): ArrayBuffer -- the state is of no more use
static JSValue js_finish(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  uint32_t kind;
  uint8_t *state;
  if (!state_of(ctx, argv, &kind, &state))
    return JS_EXCEPTION;
  uint8_t *digest = js_malloc(ctx, hash_digest_size(kind));
  if (!digest)
    return JS_EXCEPTION;
  hash_final(kind, state, digest);
  return buffer_of(ctx, digest, hash_digest_size(kind));
}

// The key that a function derives, of `length` bytes: at least one.
static JSValue key_of(JSContext *ctx, uint8_t *key, uint32_t length, bool derived) {
  if (!derived) {
    js_free(ctx, key);
    return JS_ThrowRangeError(ctx, "the parameters are out of range, or need more memory than there is");
  }
  return buffer_of(ctx, key, length);
}

// pbkdf2(kind, password, salt, rounds, length): ArrayBuffer
static JSValue js_pbkdf2(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  uint32_t kind, rounds, length;
  Bytes password, salt;
  if (!kind_of(ctx, argv[0], &kind) || JS_ToUint32(ctx, &rounds, argv[3]) || JS_ToUint32(ctx, &length, argv[4]) ||
      !read_bytes(ctx, argv[1], &password) || !read_bytes(ctx, argv[2], &salt))
    return JS_EXCEPTION;
  uint8_t *key = js_malloc(ctx, length ? length : 1);
  if (!key)
    return JS_EXCEPTION;
  return key_of(ctx, key, length, hash_pbkdf2(kind, &password, &salt, rounds, key, length));
}

// scrypt(password, salt, ln, r, p, length): ArrayBuffer
static JSValue js_scrypt(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  uint32_t ln, r, p, length;
  Bytes password, salt;
  if (JS_ToUint32(ctx, &ln, argv[2]) || JS_ToUint32(ctx, &r, argv[3]) || JS_ToUint32(ctx, &p, argv[4]) ||
      JS_ToUint32(ctx, &length, argv[5]) || !read_bytes(ctx, argv[0], &password) || !read_bytes(ctx, argv[1], &salt))
    return JS_EXCEPTION;
  uint8_t *key = js_malloc(ctx, length ? length : 1);
  if (!key)
    return JS_EXCEPTION;
  return key_of(ctx, key, length, hash_scrypt(&password, &salt, ln, r, p, key, length));
}

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_CFUNC_DEF("hashStart", 1, js_start),   JS_CFUNC_DEF("hashUpdate", 3, js_update),
    JS_CFUNC_DEF("hashFinish", 2, js_finish), JS_CFUNC_DEF("pbkdf2", 5, js_pbkdf2),
    JS_CFUNC_DEF("scrypt", 6, js_scrypt),
};

bool add_hash_functions(JSContext *ctx, JSValueConst native) {
  return JS_SetPropertyFunctionList(ctx, native, FUNCTIONS, COUNT(FUNCTIONS)) >= 0;
}
