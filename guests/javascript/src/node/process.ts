import events from "./events.ts";
import { process } from "./internal/process.ts";

Object.setPrototypeOf(process, Object.create(events.prototype, { constructor: { value: Object } }));
events.call(process);
for (const name of ["_events", "_eventsCount", "_maxListeners"]) {
  Object.defineProperty(process, name, { enumerable: false });
}
Object.defineProperty(process, Symbol.toStringTag, { value: "process", configurable: true });

export default process;
