// native.fs: POSIX files by wasi-libc. Numbers are Linux's, as Node's are; errors are as Node's.
// Every right is the host's to decide: what is not mounted does not exist here.
#include "engine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ARGUMENT 9007199254740991.0

typedef struct {
  int number;     // wasi-libc's
  int linux_code; // what Node shows, negated
  const char *code, *text;
} ErrorName;

static const ErrorName ERRORS[] = {
    {ENOENT, 2, "ENOENT", "no such file or directory"},
    {EACCES, 13, "EACCES", "permission denied"},
    {EPERM, 1, "EPERM", "operation not permitted"},
    {EROFS, 30, "EROFS", "read-only file system"},
    {EEXIST, 17, "EEXIST", "file already exists"},
    {ENOTDIR, 20, "ENOTDIR", "not a directory"},
    {EISDIR, 21, "EISDIR", "illegal operation on a directory"},
    {ENOTEMPTY, 39, "ENOTEMPTY", "directory not empty"},
    {EBADF, 9, "EBADF", "bad file descriptor"},
    {EINVAL, 22, "EINVAL", "invalid argument"},
    {EXDEV, 18, "EXDEV", "cross-device link not permitted"},
    {ELOOP, 40, "ELOOP", "too many symbolic links encountered"},
    {ENAMETOOLONG, 36, "ENAMETOOLONG", "name too long"},
    {ENOSPC, 28, "ENOSPC", "no space left on device"},
    {EFBIG, 27, "EFBIG", "file too large"},
    {EMFILE, 24, "EMFILE", "too many open files"},
    {ENFILE, 23, "ENFILE", "file table overflow"},
    {EBUSY, 16, "EBUSY", "resource busy or locked"},
    {ETXTBSY, 26, "ETXTBSY", "text file is busy"},
    {EIO, 5, "EIO", "i/o error"},
    {EMLINK, 31, "EMLINK", "too many links"},
    {ENOMEM, 12, "ENOMEM", "not enough memory"},
    {ENOSYS, 38, "ENOSYS", "function not implemented"},
    {ENOTSUP, 95, "ENOTSUP", "operation not supported"},
    {EOVERFLOW, 75, "EOVERFLOW", "value too large for defined data type"},
    {ESPIPE, 29, "ESPIPE", "invalid seek"},
    {EILSEQ, 84, "EILSEQ", "illegal byte sequence"},
    {ENOTCAPABLE, 1, "EPERM", "operation not permitted"},
};

static bool set_string(JSContext *ctx, JSValueConst object, const char *name, const char *text) {
  JSValue value = JS_NewString(ctx, text);
  return !JS_IsException(value) && JS_DefinePropertyValueStr(ctx, object, name, value, JS_PROP_C_W_E) >= 0;
}

// Throws the error for errno; `path` and `target` may be NULL.
static JSValue fail(JSContext *ctx, const char *syscall, const char *path, const char *target) {
  int number = errno;
  char unknown[24];
  ErrorName error = {number, number, unknown, "unknown error"};
  snprintf(unknown, sizeof(unknown), "E%d", number);
  for (int i = 0; i < COUNT(ERRORS); i++)
    if (ERRORS[i].number == number)
      error = ERRORS[i];
  const char *arrow = target ? "' -> '" : "", *quote = path ? " '" : "", *end = path ? "'" : "";
  JS_ThrowPlainError(ctx, "%s: %s, %s%s%s%s%s%s", error.code, error.text, syscall, quote, path ? path : "", arrow,
                     target ? target : "", end);
  JSValue thrown = JS_GetException(ctx);
  if (!JS_IsError(thrown))
    return JS_Throw(ctx, thrown); // there was no memory for it
  JSValue linux_code = JS_NewInt32(ctx, -error.linux_code);
  if (JS_DefinePropertyValueStr(ctx, thrown, "errno", linux_code, JS_PROP_C_W_E) < 0 ||
      !set_string(ctx, thrown, "code", error.code) || !set_string(ctx, thrown, "syscall", syscall) ||
      (path && !set_string(ctx, thrown, "path", path)) || (target && !set_string(ctx, thrown, "dest", target))) {
    JS_FreeValue(ctx, thrown);
    return JS_EXCEPTION;
  }
  return JS_Throw(ctx, thrown);
}

// A path without a NUL, which would cut it; to be freed by JS_FreeCString. NULL: exception pending.
static const char *path_of(JSContext *ctx, JSValueConst value) {
  size_t length;
  const char *path = well_formed_utf8(ctx, &length, value);
  if (path && memchr(path, 0, length)) {
    JS_FreeCString(ctx, path);
    JS_ThrowTypeError(ctx, "a path has no null bytes");
    return NULL;
  }
  return path;
}

// A whole number from `low` to 2^53 - 1. False: exception pending.
static bool number_of(JSContext *ctx, JSValueConst value, int64_t low, int64_t *result) {
  double number;
  if (JS_ToFloat64(ctx, &number, value))
    return false;
  if (!(number >= (double)low && number <= MAX_ARGUMENT)) {
    JS_ThrowRangeError(ctx, "a number is out of range");
    return false;
  }
  *result = (int64_t)number;
  return true;
}

// A descriptor that open() gave: the standard streams and the preopened folders are not for programs.
static bool descriptor_of(JSContext *ctx, JSValueConst value, int *result) {
  int64_t number;
  if (!number_of(ctx, value, 0, &number))
    return false;
  *result = number > INT32_MAX ? -1 : (int)number;
  return true;
}

static JSValue done(JSContext *ctx, int status, const char *syscall, const char *path, const char *target) {
  return status < 0 ? fail(ctx, syscall, path, target) : JS_UNDEFINED;
}

// Linux's flags as wasi-libc's.
static int open_flags(int64_t flags) {
  int result = (flags & 3) == 0 ? O_RDONLY : (flags & 3) == 1 ? O_WRONLY : O_RDWR;
  result |= flags & 0100 ? O_CREAT : 0;
  result |= flags & 0200 ? O_EXCL : 0;
  result |= flags & 01000 ? O_TRUNC : 0;
  result |= flags & 02000 ? O_APPEND : 0;
  result |= flags & 0200000 ? O_DIRECTORY : 0;
  result |= flags & 0400000 ? O_NOFOLLOW : 0;
  return result;
}

static JSValue fs_open(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  int64_t flags, mode;
  if (!number_of(ctx, argv[1], 0, &flags) || !number_of(ctx, argv[2], 0, &mode))
    return JS_EXCEPTION;
  const char *path = path_of(ctx, argv[0]);
  if (!path)
    return JS_EXCEPTION;
  int descriptor = open(path, open_flags(flags), (mode_t)mode);
  JSValue result = descriptor < 0 ? fail(ctx, "open", path, NULL) : JS_NewInt32(ctx, descriptor);
  JS_FreeCString(ctx, path);
  return result;
}

static JSValue fs_close(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  int descriptor;
  if (!descriptor_of(ctx, argv[0], &descriptor))
    return JS_EXCEPTION;
  return done(ctx, close(descriptor), "close", NULL, NULL);
}

// read and write (descriptor, bytes, offset, length, position or -1): number
static JSValue fs_transfer(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv, int writing) {
  int descriptor;
  int64_t offset, length, position;
  uint8_t *bytes;
  size_t size;
  if (!descriptor_of(ctx, argv[0], &descriptor) || !number_of(ctx, argv[2], 0, &offset) ||
      !number_of(ctx, argv[3], 0, &length) || !number_of(ctx, argv[4], -1, &position))
    return JS_EXCEPTION;
  // last: converting the numbers may have run code that shrank the buffer
  if (!bytes_of(ctx, argv[1], &bytes, &size))
    return JS_EXCEPTION;
  if (offset > (int64_t)size || length > (int64_t)size - offset)
    return JS_ThrowRangeError(ctx, "the range is out of the buffer's bounds");
  if (length == 0)
    return JS_NewInt32(ctx, 0);
  ssize_t count;
  if (writing)
    count = position < 0 ? write(descriptor, bytes + offset, (size_t)length)
                         : pwrite(descriptor, bytes + offset, (size_t)length, position);
  else
    count = position < 0 ? read(descriptor, bytes + offset, (size_t)length)
                         : pread(descriptor, bytes + offset, (size_t)length, position);
  return count < 0 ? fail(ctx, writing ? "write" : "read", NULL, NULL) : JS_NewInt64(ctx, count);
}

static double milliseconds(struct timespec time) { return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6; }

// [dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, atimeMs, mtimeMs, ctimeMs]
static JSValue numbers_of(JSContext *ctx, const struct stat *st) {
  // Permissions are not known to WASI; these are what Node shows on Windows.
  double mode = S_ISDIR(st->st_mode) ? 040777 : S_ISREG(st->st_mode) ? 0100666 : S_ISLNK(st->st_mode) ? 0120777
                : S_ISCHR(st->st_mode) ? 020666 : S_ISFIFO(st->st_mode) ? 010666 : S_ISSOCK(st->st_mode) ? 0140777 : 0;
  double values[] = {(double)st->st_dev, mode, (double)st->st_nlink, 0, 0, 0, 4096, (double)st->st_ino,
                     (double)st->st_size, (double)((st->st_size + 511) / 512), milliseconds(st->st_atim),
                     milliseconds(st->st_mtim), milliseconds(st->st_ctim)};
  JSValue numbers[COUNT(values)];
  for (int i = 0; i < COUNT(values); i++)
    numbers[i] = JS_NewNumber(ctx, values[i]);
  return JS_NewArrayFrom(ctx, COUNT(values), numbers);
}

// stat(path), lstat(path): numbers
static JSValue fs_stat(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv, int link) {
  const char *path = path_of(ctx, argv[0]);
  if (!path)
    return JS_EXCEPTION;
  struct stat st;
  int status = link ? lstat(path, &st) : stat(path, &st);
  JSValue result = status < 0 ? fail(ctx, link ? "lstat" : "stat", path, NULL) : numbers_of(ctx, &st);
  JS_FreeCString(ctx, path);
  return result;
}

static JSValue fs_fstat(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  int descriptor;
  struct stat st;
  if (!descriptor_of(ctx, argv[0], &descriptor))
    return JS_EXCEPTION;
  return fstat(descriptor, &st) < 0 ? fail(ctx, "fstat", NULL, NULL) : numbers_of(ctx, &st);
}

static int kind_of(unsigned char type) {
  switch (type) {
  case DT_REG:
    return 1;
  case DT_DIR:
    return 2;
  case DT_LNK:
    return 3;
  case DT_FIFO:
    return 4;
  case DT_CHR:
    return 6;
  case DT_BLK:
    return 7;
  default:
    return 0;
  }
}

// readdir(path): [name, kind, ...] -- kinds are libuv's: 0 unknown, 1 file, 2 folder, 3 link, 4 fifo, 6 char, 7 block
static JSValue fs_readdir(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  const char *path = path_of(ctx, argv[0]);
  if (!path)
    return JS_EXCEPTION;
  DIR *folder = opendir(path);
  JSValue names = folder ? JS_NewArray(ctx) : fail(ctx, "scandir", path, NULL);
  uint32_t count = 0;
  while (!JS_IsException(names)) {
    errno = 0;
    struct dirent *entry = readdir(folder);
    if (!entry) {
      if (errno) {
        JS_FreeValue(ctx, names);
        names = fail(ctx, "scandir", path, NULL);
      }
      break;
    }
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
      continue;
    JSValue kind = JS_NewInt32(ctx, kind_of(entry->d_type));
    if (JS_SetPropertyUint32(ctx, names, count, JS_NewString(ctx, entry->d_name)) < 0 ||
        JS_SetPropertyUint32(ctx, names, count + 1, kind) < 0) {
      JS_FreeValue(ctx, names);
      names = JS_EXCEPTION;
    }
    count += 2;
  }
  if (folder)
    closedir(folder);
  JS_FreeCString(ctx, path);
  return names;
}

enum { MKDIR, RMDIR, UNLINK, ACCESS };

// mkdir(path), rmdir(path), unlink(path), access(path, mode)
static JSValue fs_path(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv, int what) {
  static const char *const NAMES[] = {"mkdir", "rmdir", "unlink", "access"};
  int64_t mode = 0;
  if (what == ACCESS && !number_of(ctx, argv[1], 0, &mode))
    return JS_EXCEPTION;
  const char *path = path_of(ctx, argv[0]);
  if (!path)
    return JS_EXCEPTION;
  int status = what == MKDIR    ? mkdir(path, 0777)
               : what == RMDIR  ? rmdir(path)
               : what == UNLINK ? unlink(path)
                                : access(path, (mode & 4 ? R_OK : 0) | (mode & 2 ? W_OK : 0));
  JSValue result = done(ctx, status, NAMES[what], path, NULL);
  JS_FreeCString(ctx, path);
  return result;
}

enum { RENAME, LINK, SYMLINK };

// rename(from, to), link(existing, path), symlink(target, path)
static JSValue fs_two_paths(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv, int what) {
  static const char *const NAMES[] = {"rename", "link", "symlink"};
  const char *from = path_of(ctx, argv[0]), *to = from ? path_of(ctx, argv[1]) : NULL;
  JSValue result = JS_EXCEPTION;
  if (to) {
    int status = what == RENAME ? rename(from, to) : what == LINK ? link(from, to) : symlink(from, to);
    result = done(ctx, status, NAMES[what], from, to);
  }
  JS_FreeCString(ctx, from);
  JS_FreeCString(ctx, to);
  return result;
}

// readlink(path): string
static JSValue fs_readlink(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  const char *path = path_of(ctx, argv[0]);
  if (!path)
    return JS_EXCEPTION;
  char target[4096];
  ssize_t length = readlink(path, target, sizeof(target));
  JSValue result = length < 0 ? fail(ctx, "readlink", path, NULL) : JS_NewStringLen(ctx, target, (size_t)length);
  JS_FreeCString(ctx, path);
  return result;
}

// truncate(path, length), ftruncate(descriptor, length)
static JSValue fs_truncate(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv, int open) {
  int64_t length;
  if (!number_of(ctx, argv[1], 0, &length))
    return JS_EXCEPTION;
  if (open) {
    int descriptor;
    if (!descriptor_of(ctx, argv[0], &descriptor))
      return JS_EXCEPTION;
    return done(ctx, ftruncate(descriptor, length), "ftruncate", NULL, NULL);
  }
  const char *path = path_of(ctx, argv[0]);
  if (!path)
    return JS_EXCEPTION;
  JSValue result = done(ctx, truncate(path, length), "truncate", path, NULL);
  JS_FreeCString(ctx, path);
  return result;
}

// False: exception pending.
static bool time_of(JSContext *ctx, JSValueConst value, struct timespec *time) {
  double ms;
  if (JS_ToFloat64(ctx, &ms, value))
    return false;
  if (!(ms >= -8.64e15 && ms <= 8.64e15)) {
    JS_ThrowRangeError(ctx, "a time is out of range");
    return false;
  }
  int64_t whole = (int64_t)(ms / 1000);
  double rest = ms - (double)whole * 1000;
  if (rest < 0) {
    whole--;
    rest += 1000;
  }
  time->tv_sec = whole;
  time->tv_nsec = (long)(rest * 1e6) % 1000000000;
  return true;
}

// utimes(path, atimeMs, mtimeMs, followLinks), futimes(descriptor, atimeMs, mtimeMs)
static JSValue fs_utimes(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv, int open) {
  struct timespec times[2];
  if (!time_of(ctx, argv[1], &times[0]) || !time_of(ctx, argv[2], &times[1]))
    return JS_EXCEPTION;
  if (open) {
    int descriptor;
    if (!descriptor_of(ctx, argv[0], &descriptor))
      return JS_EXCEPTION;
    return done(ctx, futimens(descriptor, times), "futime", NULL, NULL);
  }
  int follow = JS_ToBool(ctx, argv[3]);
  const char *path = path_of(ctx, argv[0]);
  if (!path)
    return JS_EXCEPTION;
  int status = utimensat(AT_FDCWD, path, times, follow == 1 ? 0 : AT_SYMLINK_NOFOLLOW);
  JSValue result = done(ctx, status, follow == 1 ? "utime" : "lutime", path, NULL);
  JS_FreeCString(ctx, path);
  return result;
}

static JSValue fs_fsync(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  int descriptor;
  if (!descriptor_of(ctx, argv[0], &descriptor))
    return JS_EXCEPTION;
  return done(ctx, fsync(descriptor), "fsync", NULL, NULL);
}

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_CFUNC_DEF("open", 3, fs_open),
    JS_CFUNC_DEF("close", 1, fs_close),
    JS_CFUNC_MAGIC_DEF("read", 5, fs_transfer, 0),
    JS_CFUNC_MAGIC_DEF("write", 5, fs_transfer, 1),
    JS_CFUNC_MAGIC_DEF("stat", 1, fs_stat, 0),
    JS_CFUNC_MAGIC_DEF("lstat", 1, fs_stat, 1),
    JS_CFUNC_DEF("fstat", 1, fs_fstat),
    JS_CFUNC_DEF("readdir", 1, fs_readdir),
    JS_CFUNC_MAGIC_DEF("mkdir", 1, fs_path, MKDIR),
    JS_CFUNC_MAGIC_DEF("rmdir", 1, fs_path, RMDIR),
    JS_CFUNC_MAGIC_DEF("unlink", 1, fs_path, UNLINK),
    JS_CFUNC_MAGIC_DEF("access", 2, fs_path, ACCESS),
    JS_CFUNC_MAGIC_DEF("rename", 2, fs_two_paths, RENAME),
    JS_CFUNC_MAGIC_DEF("link", 2, fs_two_paths, LINK),
    JS_CFUNC_MAGIC_DEF("symlink", 2, fs_two_paths, SYMLINK),
    JS_CFUNC_DEF("readlink", 1, fs_readlink),
    JS_CFUNC_MAGIC_DEF("truncate", 2, fs_truncate, 0),
    JS_CFUNC_MAGIC_DEF("ftruncate", 2, fs_truncate, 1),
    JS_CFUNC_MAGIC_DEF("utimes", 4, fs_utimes, 0),
    JS_CFUNC_MAGIC_DEF("futimes", 3, fs_utimes, 1),
    JS_CFUNC_DEF("fsync", 1, fs_fsync),
};

bool add_file_functions(JSContext *ctx, JSValueConst native) {
  JSValue fs = JS_NewObject(ctx);
  if (JS_IsException(fs))
    return false;
  if (JS_SetPropertyFunctionList(ctx, fs, FUNCTIONS, COUNT(FUNCTIONS)) < 0) {
    JS_FreeValue(ctx, fs);
    return false;
  }
  return JS_SetPropertyStr(ctx, native, "fs", fs) >= 0;
}
