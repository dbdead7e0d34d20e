package dev.capsule.protocol;

import java.util.List;

/**
 * What the sidecar is and can do.
 *
 * @param maxMessageBytes the longest message it takes
 */
public record InitializeResult(
    String protocolVersion, ClientInfo serverInfo, List<String> languages, long maxMessageBytes) {}
