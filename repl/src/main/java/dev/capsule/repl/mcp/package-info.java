/**
 * The Model Context Protocol: a server, on lines of JSON or by HTTP, that offers a project's tasks
 * to the model behind an MCP client, and files that sandboxes may read. Turns its requests into
 * those of a sidecar; may use {@code client}, {@code view} and the module {@code protocol}, and
 * knows nothing of command lines or terminals.
 */
@NullMarked
package dev.capsule.repl.mcp;

import org.jspecify.annotations.NullMarked;
