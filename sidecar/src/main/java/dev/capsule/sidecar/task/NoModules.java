package dev.capsule.sidecar.task;

import org.jspecify.annotations.Nullable;

/** Of code that is run as it stands: nothing of the host's files may be imported by it. */
final class NoModules implements Modules {
  private static final Module NOTHING = new Module("__main__", "", false, "", "");

  @Override
  public Module entry() {
    return NOTHING;
  }

  @Override
  public @Nullable Module find(String name) {
    return null;
  }

  @Override
  public boolean isCurrent() {
    return true;
  }
}
