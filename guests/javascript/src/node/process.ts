import { EventEmitter } from "./events.ts";
import { process } from "./internal/process.ts";

Object.setPrototypeOf(process, Object.create(EventEmitter.prototype, { constructor: { value: Object } }));
EventEmitter.call(process as never);
for (const name of ["_events", "_eventsCount", "_maxListeners"]) {
  Object.defineProperty(process, name, { enumerable: false });
}
Object.defineProperty(process, Symbol.toStringTag, { value: "process", configurable: true });

export default process;
