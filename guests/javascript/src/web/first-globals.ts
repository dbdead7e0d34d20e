// Globals that libraries look for when they are loaded: this module comes before all that is built on them.

import { AbortController, AbortSignal } from "./abort.ts";
import { atob, btoa } from "./base64.ts";
import { defineGlobals } from "./define.ts";
import { DOMException } from "./dom-exception.ts";
import { TextDecoder, TextDecoderStream, TextEncoder, TextEncoderStream } from "./encoding.ts";
import { CustomEvent, Event, EventTarget } from "./events.ts";
import * as streams from "./streams.ts";

defineGlobals({
  AbortController,
  AbortSignal,
  CustomEvent,
  DOMException,
  Event,
  EventTarget,
  TextDecoder,
  TextDecoderStream,
  TextEncoder,
  TextEncoderStream,
  atob,
  btoa,
  global: globalThis,
  ...streams,
});
