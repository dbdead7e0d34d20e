package dev.capsule.sidecar.task;

import dev.capsule.sidecar.bundle.Bundle;
import dev.capsule.sidecar.bundle.Bundler;
import dev.capsule.sidecar.bundle.SourceMaps;
import dev.capsule.sidecar.sandbox.Engine;
import org.jspecify.annotations.Nullable;

/**
 * A program that is one module. Beside it a guest can ask for its source map, by the module's name
 * and {@code ".map"}; most runs need none, so it is not sent with them.
 */
final class BundledModule implements Modules {
  private static final String MAP = ".map";

  private final Module entry;
  private final Bundle bundle;
  private volatile @Nullable Module map;

  private BundledModule(Module entry, Bundle bundle) {
    this.entry = entry;
    this.bundle = bundle;
  }

  /**
   * Compiles a bundle, unless that was done before.
   *
   * @param file the entry's, as shown to users
   */
  static BundledModule of(
      Engine engine, String language, Bundler bundler, Bundle bundle, String name, String file)
      throws RejectedException {
    // a guest writes both into what it compiles
    String guest = engine.build(language) + "\n" + name + "\n" + file;
    String code = bundler.compiled(bundle, guest);
    if (code == null) {
      try {
        code = Modules.compile(engine, language, name, file, bundle.code());
      } catch (RejectedException e) {
        throw new RejectedException(inSource(e.error, bundle, file));
      }
      bundler.keep(bundle, guest, code);
    }
    return new BundledModule(Module.of(name, file, false, bundle.code(), code), bundle);
  }

  /** The guest knows only the place in the bundle. */
  private static GuestError inSource(GuestError error, Bundle bundle, String file) {
    Integer line = error.line();
    Integer column = error.column();
    SourceMaps.Place place =
        line == null ? null : SourceMaps.original(bundle.map(), line, column == null ? 1 : column);
    return place == null
        ? error.at(file, null, null)
        : error.at(place.file(), place.line(), column == null ? null : place.column());
  }

  @Override
  public Module entry() {
    return entry;
  }

  @Override
  public @Nullable Module find(String name) {
    if (!name.equals(entry.name() + MAP)) {
      return null;
    }
    Module found = map;
    if (found == null) {
      found = Module.of(name, entry.file() + MAP, false, "", bundle.map());
      map = found;
    }
    return found;
  }

  /** Another bundle is another program. */
  @Override
  public boolean isCurrent() {
    return true;
  }
}
