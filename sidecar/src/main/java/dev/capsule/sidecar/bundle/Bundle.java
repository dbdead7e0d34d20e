package dev.capsule.sidecar.bundle;

import dev.capsule.sidecar.sandbox.Hashes;

/**
 * A program and all that it imports, as one module.
 *
 * @param code the module's source
 * @param map where its parts come from, a <a href="https://tc39.es/ecma426/">source map</a>
 * @param hash of both
 */
public record Bundle(String code, String map, String hash) {
  static Bundle of(String code, String map) {
    return new Bundle(code, map, Hashes.of(code, map));
  }
}
