/** The trace that a program is in goes to the sidecar, and comes back to its tools. */

import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { afterEach, describe, expect, test } from "vitest";
import { currentTrace, inTrace } from "../src/tracecontext.js";

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;
const SPAN = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: TRACE_ID,
  spanId: "00f067aa0ba902b7",
  traceFlags: 1,
});

afterEach(() => {
  context.disable();
  propagation.disable();
  delete process.env.TRACEPARENT;
  delete process.env.TRACESTATE;
});

function useOpenTelemetry(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

describe("what is told", () => {
  test("the current span, before the environment", () => {
    useOpenTelemetry();
    process.env.TRACEPARENT = PARENT.replace("4bf9", "0000");
    expect(context.with(SPAN, currentTrace)).toEqual({ traceparent: PARENT });
  });

  test("without a span, the environment", () => {
    expect(currentTrace()).toEqual({});
    process.env.TRACESTATE = "vendor=1";
    expect(currentTrace()).toEqual({});
    process.env.TRACEPARENT = PARENT;
    expect(currentTrace()).toEqual({ traceparent: PARENT, tracestate: "vendor=1" });
  });
});

describe("a tool", () => {
  test("runs as a part of the trace", async () => {
    useOpenTelemetry();
    const seen = await inTrace({ traceparent: PARENT, tracestate: null }, async () => {
      await Promise.resolve();
      return trace.getSpanContext(context.active())?.traceId;
    });
    expect(seen).toBe(TRACE_ID);
    expect(trace.getSpanContext(context.active())).toBeUndefined();
  });

  test("runs all the same where nobody traces", () => {
    expect(inTrace({ traceparent: PARENT, tracestate: null }, () => 1)).toBe(1);
  });
});
