// Text and bytes: UTF-8 and base64, both ways.
#include "engine.h"

#include <stdlib.h>
#include <string.h>

const char *well_formed_utf8(JSContext *ctx, size_t *length, JSValueConst value) {
  const char *text = JS_ToCStringLen(ctx, length, value);
  if (!text)
    return NULL;
  // Half of a surrogate pair is 3 bytes from ED A0 80 to ED BF BF, and U+FFFD is 3 bytes as well. Text without any is
  // never written to: QuickJS may share its memory with the string.
  char *at = (char *)text, *end = at + *length;
  while ((at = memchr(at, 0xED, (size_t)(end - at))) != NULL) {
    if (end - at >= 3 && (uint8_t)at[1] >= 0xA0)
      memcpy(at, "\xEF\xBF\xBD", 3);
    at++;
  }
  return text;
}

static void *resize(JSRuntime *runtime, void *opaque, void *bytes, size_t size) {
  (void)opaque;
  if (size == 0) {
    js_free_rt(runtime, bytes);
    return NULL;
  }
  return js_realloc_rt(runtime, bytes, size);
}

JSValue buffer_of(JSContext *ctx, uint8_t *bytes, size_t length) {
  if (!bytes)
    return JS_NewArrayBufferCopy(ctx, (const uint8_t *)"", 0);
  JSValue buffer = JS_NewArrayBuffer(ctx, bytes, length, 0, resize, NULL, false);
  if (JS_IsException(buffer))
    js_free(ctx, bytes);
  return buffer;
}

bool bytes_of(JSContext *ctx, JSValueConst value, uint8_t **bytes, size_t *length) {
  if (JS_IsArrayBuffer(value)) {
    *bytes = JS_GetArrayBuffer(ctx, length, value);
    return *bytes != NULL || !JS_HasException(ctx);
  }
  if (JS_GetTypedArrayType(value) < 0) {
    JS_ThrowTypeError(ctx, "expected an ArrayBuffer or a typed array");
    return false;
  }
  size_t offset, size;
  JSValue buffer = JS_GetTypedArrayBuffer(ctx, value, &offset, &size, NULL);
  if (JS_IsException(buffer))
    return false;
  size_t whole = 0;
  uint8_t *start = JS_GetArrayBuffer(ctx, &whole, buffer);
  JS_FreeValue(ctx, buffer);
  if (!start && JS_HasException(ctx))
    return false;
  if (offset > whole || size > whole - offset) {
    JS_ThrowTypeError(ctx, "the array is out of the bounds of its buffer");
    return false;
  }
  *bytes = start ? start + offset : NULL;
  *length = size;
  return true;
}

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

JSValue base64_of(JSContext *ctx, const uint8_t *bytes, size_t length) {
  if (length == 0)
    return JS_NewStringLen(ctx, "", 0);
  if (length > (SIZE_MAX - 4) / 4 * 3)
    return JS_ThrowRangeError(ctx, "too many bytes");
  size_t size = (length + 2) / 3 * 4;
  char *text = js_malloc(ctx, size);
  if (!text)
    return JS_EXCEPTION;
  char *out = text;
  size_t at = 0;
  for (; at + 2 < length; at += 3, out += 4) {
    uint32_t group = (uint32_t)bytes[at] << 16 | (uint32_t)bytes[at + 1] << 8 | bytes[at + 2];
    out[0] = ALPHABET[group >> 18];
    out[1] = ALPHABET[group >> 12 & 63];
    out[2] = ALPHABET[group >> 6 & 63];
    out[3] = ALPHABET[group & 63];
  }
  if (at < length) {
    uint32_t group = (uint32_t)bytes[at] << 16 | (at + 1 < length ? (uint32_t)bytes[at + 1] << 8 : 0);
    out[0] = ALPHABET[group >> 18];
    out[1] = ALPHABET[group >> 12 & 63];
    out[2] = at + 1 < length ? ALPHABET[group >> 6 & 63] : '=';
    out[3] = '=';
  }
  JSValue result = JS_NewStringLen(ctx, text, size);
  js_free(ctx, text);
  return result;
}

static uint8_t digit_values[256]; // value + 1; 0 for what is no digit

static void prepare_digits(void) {
  for (int value = 0; value < 64; value++)
    digit_values[(uint8_t)ALPHABET[value]] = (uint8_t)(value + 1);
}

uint8_t *bytes_of_base64(JSContext *ctx, const char *text, size_t length, size_t *size) {
  if (length % 4 != 0)
    return NULL;
  size_t padding = 0;
  if (length)
    padding = text[length - 1] != '=' ? 0 : text[length - 2] != '=' ? 1 : 2;
  size_t count = length / 4 * 3 - padding;
  uint8_t *bytes = js_malloc(ctx, count + 3);
  if (!bytes)
    return NULL;
  uint8_t *out = bytes;
  uint32_t bad = 0;
  size_t whole = padding ? length - 4 : length;
  for (size_t at = 0; at < whole; at += 4, out += 3) {
    uint32_t group = 0;
    for (int i = 0; i < 4; i++) {
      uint32_t digit = digit_values[(uint8_t)text[at + i]];
      bad |= digit == 0;
      group = group << 6 | (digit - 1);
    }
    out[0] = (uint8_t)(group >> 16);
    out[1] = (uint8_t)(group >> 8);
    out[2] = (uint8_t)group;
  }
  if (padding) {
    uint32_t group = 0;
    for (size_t i = 0; i < 4; i++) {
      uint32_t digit = i < 4 - padding ? digit_values[(uint8_t)text[whole + i]] : 1;
      bad |= digit == 0;
      group = group << 6 | (digit - 1);
    }
    out[0] = (uint8_t)(group >> 16);
    if (padding == 1)
      out[1] = (uint8_t)(group >> 8);
  }
  if (bad) {
    js_free(ctx, bytes);
    return NULL;
  }
  *size = count;
  return bytes;
}

// encode(text): ArrayBuffer
static JSValue js_encode(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  size_t length;
  const char *text = well_formed_utf8(ctx, &length, argv[0]);
  if (!text)
    return JS_EXCEPTION;
  JSValue buffer = JS_NewArrayBufferCopy(ctx, (const uint8_t *)text, length);
  JS_FreeCString(ctx, text);
  return buffer;
}

// How many bytes at `at` are one valid character (RFC 3629); 0 if the first `*bad` of them can begin none.
static size_t character(const uint8_t *at, size_t left, size_t *bad) {
  uint8_t first = at[0], low = 0x80, high = 0xBF;
  size_t more = first < 0x80 ? 0 : first < 0xC2 ? 4 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : 4;
  *bad = 1;
  if (more == 4)
    return 0;
  if (first == 0xE0)
    low = 0xA0;
  else if (first == 0xED)
    high = 0x9F;
  else if (first == 0xF0)
    low = 0x90;
  else if (first == 0xF4)
    high = 0x8F;
  for (size_t i = 1; i <= more; i++, low = 0x80, high = 0xBF) {
    if (i >= left || at[i] < low || at[i] > high)
      return 0;
    *bad = i + 1;
  }
  return more + 1;
}

// decode(bytes): string | undefined -- what is not UTF-8 becomes U+FFFD, as the Encoding standard has it; with a second
// argument that is true it makes the result undefined.
static JSValue js_decode(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  uint8_t *bytes;
  size_t length;
  if (!bytes_of(ctx, argv[0], &bytes, &length))
    return JS_EXCEPTION;
  bool fatal = argc > 1 && JS_ToBool(ctx, argv[1]) == 1;
  size_t bad, wrong = 0;
  for (size_t at = 0, step; at < length; at += step)
    if ((step = character(bytes + at, length - at, &bad)) == 0) {
      step = bad;
      wrong++;
    }
  if (wrong == 0)
    return JS_NewStringLen(ctx, (const char *)bytes, length);
  if (fatal)
    return JS_UNDEFINED;
  if (wrong > (SIZE_MAX - length) / 3)
    return JS_ThrowRangeError(ctx, "too many bytes");
  uint8_t *text = js_malloc(ctx, length + 3 * wrong), *out = text;
  if (!text)
    return JS_EXCEPTION;
  for (size_t at = 0; at < length;) {
    size_t step = character(bytes + at, length - at, &bad);
    memcpy(out, step ? bytes + at : (const uint8_t *)"\xEF\xBF\xBD", step ? step : 3);
    out += step ? step : 3;
    at += step ? step : bad;
  }
  JSValue result = JS_NewStringLen(ctx, (const char *)text, (size_t)(out - text));
  js_free(ctx, text);
  return result;
}

// toBase64(bytes): string
static JSValue js_to_base64(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  uint8_t *bytes;
  size_t length;
  return bytes_of(ctx, argv[0], &bytes, &length) ? base64_of(ctx, bytes, length) : JS_EXCEPTION;
}

// fromBase64(text): ArrayBuffer | undefined
static JSValue js_from_base64(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  size_t length, size;
  const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
  if (!text)
    return JS_EXCEPTION;
  uint8_t *bytes = bytes_of_base64(ctx, text, length, &size);
  JS_FreeCString(ctx, text);
  if (!bytes)
    return JS_HasException(ctx) ? JS_EXCEPTION : JS_UNDEFINED;
  return buffer_of(ctx, bytes, size);
}

// Whether JSON has a number with at least 16 digits in a row, which a double may not hold. Most of a request is long
// strings, so these are skipped by memchr.
static bool has_long_number(const char *at, const char *end) {
  for (size_t digits = 0; at < end; at++) {
    digits = *at >= '0' && *at <= '9' ? digits + 1 : 0;
    if (digits == 16)
      return true;
    if (*at != '"')
      continue;
    for (bool escaped = true; escaped;) {
      const char *start = at, *quote = memchr(at + 1, '"', (size_t)(end - at - 1));
      if (!quote)
        return false;
      escaped = false;
      for (const char *before = quote - 1; before > start && *before == '\\'; before--)
        escaped = !escaped;
      at = quote;
    }
  }
  return false;
}

// hasLongNumber(json): boolean
static JSValue js_has_long_number(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  size_t length;
  const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
  if (!text)
    return JS_EXCEPTION;
  bool found = has_long_number(text, text + length);
  JS_FreeCString(ctx, text);
  return JS_NewBool(ctx, found);
}

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_CFUNC_DEF("encode", 1, js_encode),
    JS_CFUNC_DEF("decode", 2, js_decode),
    JS_CFUNC_DEF("toBase64", 1, js_to_base64),
    JS_CFUNC_DEF("fromBase64", 1, js_from_base64),
    JS_CFUNC_DEF("hasLongNumber", 1, js_has_long_number),
};

bool add_text_functions(JSContext *ctx, JSValueConst native) {
  prepare_digits();
  return JS_SetPropertyFunctionList(ctx, native, FUNCTIONS, COUNT(FUNCTIONS)) >= 0;
}
