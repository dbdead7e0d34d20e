// https://encoding.spec.whatwg.org

export { TextDecoder, TextDecoderStream, TextEncoder, TextEncoderStream } from "@exodus/bytes/encoding.js";
