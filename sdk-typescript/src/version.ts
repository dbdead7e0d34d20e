/** The version of this package; a test compares it with package.json. */
export const version = "0.1.0";

/**
 * Whether this is a task's sandbox and not your program: a file that declares tasks is loaded in both.
 *
 *     if (!inSandbox) {
 *       await main();
 *     }
 */
export const inSandbox: boolean = false;

/** The version of the protocol that it speaks (docs/protocol.md). */
export const PROTOCOL_VERSION = "0.1";
