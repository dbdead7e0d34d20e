/** The version of this package; a test compares it with package.json. */
export const version = "0.1.0";

/** The version of the protocol that it speaks (docs/protocol.md). */
export const PROTOCOL_VERSION = "0.1";
