"""The trace that a program is in goes to the sidecar, and comes back to its tools."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from opentelemetry import context, trace

from capsule import _tracecontext
from programs import traced

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACE_ID = 0x4BF92F3577B34DA6A3CE929D0E0E4736
SPAN_ID = 0x00F067AA0BA902B7
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def span() -> Iterator[None]:
    """A span of the program's own, by OpenTelemetry."""
    state = trace.TraceState([("vendor", "1")])
    own = trace.NonRecordingSpan(
        trace.SpanContext(
            TRACE_ID, SPAN_ID, is_remote=False, trace_flags=trace.TraceFlags(1), trace_state=state
        )
    )
    token = context.attach(trace.set_span_in_context(own))
    yield
    context.detach(token)


@pytest.mark.usefixtures("span")
def test_the_current_span_is_told() -> None:
    assert _tracecontext.current() == {"traceparent": PARENT, "tracestate": "vendor=1"}


@pytest.mark.usefixtures("span")
def test_the_current_span_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACEPARENT", PARENT.replace("4bf9", "0000"))
    assert _tracecontext.current()["traceparent"] == PARENT


def test_without_a_span_the_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _tracecontext.current() == {}
    monkeypatch.setenv("TRACESTATE", "vendor=1")
    assert _tracecontext.current() == {}
    monkeypatch.setenv("TRACEPARENT", PARENT)
    assert _tracecontext.current() == {"traceparent": PARENT, "tracestate": "vendor=1"}


def test_what_is_no_trace_is_not_adopted() -> None:
    for parent in (None, 1, "", "00-xyz", "00-1-2", f"{PARENT}-more"):
        _tracecontext.adopt(parent, None)
    assert not trace.get_current_span().get_span_context().is_valid


def test_opentelemetry_is_not_imported_for_this() -> None:
    code = (
        "import sys, capsule; from capsule import _tracecontext as t; t.current(); "
        f"t.adopt('{PARENT}', None); print([m for m in sys.modules if 'opentelemetry' in m])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert ended.stdout == "[]\n"


@pytest.mark.usefixtures("span")
@pytest.mark.parametrize("kind", ["plain", "async"])
def test_a_run_and_its_tools_are_parts_of_the_program_s_trace(kind: str) -> None:
    envelope = traced.ask.envelope(kind)
    assert envelope["execution"]["trace_id"] == f"{TRACE_ID:032x}"
    trace_id, span_id = envelope["result"].split("-")
    assert trace_id == f"{TRACE_ID:032x}"
    assert len(span_id) == 16
    assert trace.get_current_span().get_span_context().span_id == SPAN_ID  # as before
