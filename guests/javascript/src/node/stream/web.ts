import { CompressionStream, DecompressionStream } from "../../web/compression.ts";
import { TextDecoderStream, TextEncoderStream } from "../../web/encoding.ts";
import * as streams from "../../web/streams.ts";

export * from "../../web/streams.ts";
export { CompressionStream, DecompressionStream, TextDecoderStream, TextEncoderStream };
export default { ...streams, CompressionStream, DecompressionStream, TextDecoderStream, TextEncoderStream };
