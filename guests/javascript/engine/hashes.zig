// Hash functions of Zig's standard library, for hashes.c. JavaScript would take some fifty times as long.

const std = @import("std");
const hash = std.crypto.hash;
const pwhash = std.crypto.pwhash;

/// In the order of src/node/internal/hashes.ts.
const kinds = .{
    hash.Md5,           hash.Sha1,            hash.sha2.Sha224,     hash.sha2.Sha256,     hash.sha2.Sha384,
    hash.sha2.Sha512,   hash.sha2.Sha512_224, hash.sha2.Sha512_256, hash.sha3.Sha3_224,   hash.sha3.Sha3_256,
    hash.sha3.Sha3_384, hash.sha3.Sha3_512,   hash.blake2.Blake2b512, hash.blake2.Blake2s256,
};

export fn hash_count() u32 {
    return kinds.len;
}

/// Bytes that a computation takes.
export fn hash_state_size(kind: u32) usize {
    inline for (kinds, 0..) |Kind, index| {
        if (kind == index) return @sizeOf(Kind);
    }
    return 0;
}

export fn hash_digest_size(kind: u32) usize {
    inline for (kinds, 0..) |Kind, index| {
        if (kind == index) return Kind.digest_length;
    }
    return 0;
}

/// Memory of QuickJS is aligned for any type.
fn stateOf(comptime Kind: type, state: [*]u8) *Kind {
    return @ptrCast(@alignCast(state));
}

export fn hash_init(kind: u32, state: [*]u8) void {
    inline for (kinds, 0..) |Kind, index| {
        if (kind == index) stateOf(Kind, state).* = Kind.init(.{});
    }
}

export fn hash_update(kind: u32, state: [*]u8, bytes: [*]const u8, length: usize) void {
    inline for (kinds, 0..) |Kind, index| {
        if (kind == index) stateOf(Kind, state).update(bytes[0..length]);
    }
}

export fn hash_final(kind: u32, state: [*]u8, out: [*]u8) void {
    inline for (kinds, 0..) |Kind, index| {
        if (kind == index) stateOf(Kind, state).final(out[0..Kind.digest_length]);
    }
}

const Bytes = extern struct { start: [*]const u8, length: usize };

fn slice(bytes: *const Bytes) []const u8 {
    return bytes.start[0..bytes.length];
}

/// False: the parameters are not those of the function.
export fn hash_pbkdf2(kind: u32, password: *const Bytes, salt: *const Bytes, rounds: u32, out: [*]u8, length: usize) bool {
    inline for (kinds, 0..) |Kind, index| {
        if (kind == index) {
            const Prf = std.crypto.auth.hmac.Hmac(Kind);
            pwhash.pbkdf2(out[0..length], slice(password), slice(salt), rounds, Prf) catch return false;
            return true;
        }
    }
    return false;
}

/// N is 2 ** ln. False: the parameters are not those of the function, or there is not enough memory.
export fn hash_scrypt(password: *const Bytes, salt: *const Bytes, ln: u32, r: u32, p: u32, out: [*]u8, length: usize) bool {
    const params: pwhash.scrypt.Params = .{
        .ln = std.math.cast(u6, ln) orelse return false,
        .r = std.math.cast(u30, r) orelse return false,
        .p = std.math.cast(u30, p) orelse return false,
    };
    pwhash.scrypt.kdf(std.heap.c_allocator, out[0..length], slice(password), slice(salt), params) catch return false;
    return true;
}
