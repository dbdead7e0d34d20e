/**
 * Where this process's work belongs in a trace that somebody else keeps: W3C Trace Context.
 * OpenTelemetry's API is used where the program has loaded it, and never imported for this.
 */

type Carrier = Record<string, string>;

/** What OpenTelemetry's SDK has registered, as far as it is needed here. */
interface Registered {
  context?: {
    active(): unknown;
    with<T>(context: unknown, fn: () => T): T;
  };
  propagation?: {
    inject(context: unknown, carrier: Carrier, setter: typeof SETTER): void;
    extract(context: unknown, carrier: Carrier, getter: typeof GETTER): unknown;
  };
}

const SETTER = {
  set: (carrier: Carrier, name: string, value: string): void => {
    carrier[name] = value;
  },
};
const GETTER = {
  get: (carrier: Carrier, name: string): string | undefined => carrier[name],
  keys: (carrier: Carrier): string[] => Object.keys(carrier),
};

function registered(): Registered {
  const key = Symbol.for("opentelemetry.js.api.1");
  return ((globalThis as Record<symbol, unknown>)[key] as Registered | undefined) ?? {};
}

/** `traceparent` and perhaps `tracestate` of whoever asks now; empty if nobody traces this. */
export function currentTrace(): Carrier {
  const { context, propagation } = registered();
  const carrier: Carrier = {};
  if (context !== undefined && propagation !== undefined) {
    propagation.inject(context.active(), carrier, SETTER);
  }
  const traced = carrier.traceparent !== undefined;
  return fields(
    traced ? carrier.traceparent : process.env.TRACEPARENT,
    traced ? carrier.tracestate : process.env.TRACESTATE,
  );
}

function fields(traceparent: string | undefined, tracestate: string | undefined): Carrier {
  if (!traceparent) {
    return {};
  }
  return tracestate ? { traceparent, tracestate } : { traceparent };
}

/** The headers of a trace, as they come. */
export interface Trace {
  readonly traceparent: string | null;
  readonly tracestate: string | null;
}

/** Runs a function as a part of a trace, if the program traces at all. */
export function inTrace<T>(trace: Trace, fn: () => T): T {
  const { context, propagation } = registered();
  if (context === undefined || propagation === undefined || trace.traceparent === null) {
    return fn();
  }
  const carrier = fields(trace.traceparent, trace.tracestate ?? undefined);
  return context.with(propagation.extract(context.active(), carrier, GETTER), fn);
}
