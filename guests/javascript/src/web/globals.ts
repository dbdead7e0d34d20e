// All globals of the web's platform that the sandbox has, apart from console and timers.

import "./base-globals.ts";
import { Blob, File } from "./blob.ts";
import { structuredClone } from "./clone.ts";
import { CompressionStream, DecompressionStream } from "./compression.ts";
import { Crypto, SubtleCrypto, crypto } from "./crypto.ts";
import { defineGlobals } from "./define.ts";
import { MessageChannel, MessageEvent, MessagePort } from "./messages.ts";
import {
  Performance,
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  performance,
} from "./performance.ts";
import { Buffer } from "../node/buffer.ts";
import process from "../node/process.ts";

defineGlobals({
  Blob,
  Buffer,
  CompressionStream,
  Crypto,
  DecompressionStream,
  File,
  MessageChannel,
  MessageEvent,
  MessagePort,
  Performance,
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  SubtleCrypto,
  crypto,
  navigator: { userAgent: "Capsule", hardwareConcurrency: 1, language: "en-US", languages: ["en-US"], platform: "wasi" },
  performance,
  process,
  structuredClone,
});
