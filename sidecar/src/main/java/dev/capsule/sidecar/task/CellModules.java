package dev.capsule.sidecar.task;

import dev.capsule.protocol.ErrorType;
import dev.capsule.sidecar.bundle.BundleException;
import dev.capsule.sidecar.bundle.Bundler;
import org.jspecify.annotations.Nullable;

/**
 * Of code that is run as it stands: nothing of the host's files may be imported by it. Where the
 * language's programs are bundled, the guest can ask for the code without its types.
 *
 * @param code what is run
 */
record CellModules(Language language, String code) implements Modules {
  /** The name that the guest asks by. */
  private static final String STRIPPED = "cell.js";

  @Override
  public Module entry() {
    return new Module("__main__", "", false, code, "");
  }

  @Override
  public @Nullable Module find(String name) throws RejectedException {
    if (!name.equals(STRIPPED)
        || !(language.sources() instanceof Language.Bundled(Bundler bundler))) {
      return null;
    }
    try {
      return Module.of(name, name, false, "", bundler.strip(code));
    } catch (BundleException e) {
      throw new RejectedException(
          new GuestError(
              ErrorType.SOURCE_ERROR,
              e.line() == null || e.column() == null
                  ? String.valueOf(e.getMessage())
                  : e.line() + ":" + e.column() + ": " + e.getMessage(),
              null,
              null,
              null,
              null,
              null));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  @Override
  public boolean isCurrent() {
    return true;
  }
}
