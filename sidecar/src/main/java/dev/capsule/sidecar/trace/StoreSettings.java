package dev.capsule.sidecar.trace;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where traces are kept, and how long.
 *
 * @param folder absolute; made when it is needed, in a folder that may have to be made, too
 * @param maxBytes of all that is kept
 * @param maxAge of what is kept
 */
public record StoreSettings(Path folder, long maxBytes, Duration maxAge, Level level) {}
