"""Where this process's work belongs in a trace that somebody else keeps: W3C Trace Context.

OpenTelemetry is used where the program uses it, and never imported for this.
"""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["adopt", "current"]


def current() -> dict[str, str]:
    """``traceparent`` and perhaps ``tracestate`` of whoever asks now; empty: nobody traces this."""
    trace = _loaded("opentelemetry.trace")
    if trace is not None:
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            flags = int(context.trace_flags)
            parent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{flags:02x}"
            return _fields(parent, context.trace_state.to_header())
    return _fields(os.environ.get("TRACEPARENT"), os.environ.get("TRACESTATE"))


def _fields(parent: str | None, state: str | None) -> dict[str, str]:
    if not parent:
        return {}
    return {"traceparent": parent, "tracestate": state} if state else {"traceparent": parent}


def adopt(parent: object, state: object) -> None:
    """Make what the current context begins a part of that trace, if the program traces at all."""
    trace, context = _loaded("opentelemetry.trace"), _loaded("opentelemetry.context")
    if trace is None or context is None or not isinstance(parent, str):
        return
    try:
        _, trace_id, span_id, flags = parent.split("-")
        span = trace.SpanContext(
            int(trace_id, 16),
            int(span_id, 16),
            is_remote=True,
            trace_flags=trace.TraceFlags(int(flags, 16)),
            trace_state=trace.TraceState.from_header([state] if isinstance(state, str) else []),
        )
    except ValueError:
        return  # the sidecar sends none like that
    context.attach(trace.set_span_in_context(trace.NonRecordingSpan(span)))


def _loaded(name: str) -> Any:
    """A module that the program has imported whole; None: it has not."""
    module = sys.modules.get(name)
    return module if getattr(module, "__spec__", None) is not None else None
