// The globals that are set up here and used here, by the types that they have here.

declare global {
  var AbortSignal: typeof import("./web/abort.ts").AbortSignal;
  var DOMException: typeof import("./web/dom-exception.ts").DOMException;
  var EventTarget: typeof import("./web/events.ts").EventTarget;
  var ReadableStream: typeof import("./web/streams.ts").ReadableStream;
  var TextDecoder: typeof import("./web/encoding.ts").TextDecoder;
  var URL: typeof import("./web/url.ts").URL;
  var WritableStream: typeof import("./web/streams.ts").WritableStream;
  var clearImmediate: typeof import("./timers.ts").clearImmediate;
  var clearInterval: typeof import("./timers.ts").clearInterval;
  var clearTimeout: typeof import("./timers.ts").clearTimeout;
  var console: typeof import("./console.ts").console;
  var performance: import("./web/performance.ts").Performance;
  var queueMicrotask: (callback: () => void) => void;
  var setImmediate: typeof import("./timers.ts").setImmediate;
  var setInterval: typeof import("./timers.ts").setInterval;
  var setTimeout: typeof import("./timers.ts").setTimeout;
}

export {};
