"""Interrupting a cell that computes, without losing what earlier ones have left behind.

There are no signals in here, and the host cannot write to this memory. So while a cell of a session runs, the
interpreter tells of each jump backwards and of each call (`sys.monitoring`), and every so many of these the host is
asked. Tasks and snippets, which have no state to lose, do not pay for this.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from itertools import repeat
from time import monotonic
from types import CodeType
from typing import Any

from capsule_guest import host

MOST_EVENTS = 1_000
"""Events from one question to the next, where they are quick."""

_LONG = 0.02
"""Seconds from one question to the next that are too many."""

_TOOL = 4
"""One that neither debuggers nor profilers use."""

_monitoring: Any = getattr(sys, "monitoring", None)


class _State:
    allowed = False
    watching = False
    events = 50
    asked = 0.0


_state = _State()


def _countdown() -> Any:
    return repeat(None, _state.events).__next__


_next = _countdown()


def _on_event(code: CodeType, offset: int, target: Any = None) -> None:
    """At each jump and call: counts."""
    try:
        _next()
        return
    except StopIteration:
        pass
    _ask()


def _ask() -> None:
    global _next
    now = monotonic()
    passed = now - _state.asked
    _state.asked = now
    if passed > _LONG:
        _state.events = max(1, _state.events >> 1)
    elif passed < _LONG / 4:
        _state.events = min(MOST_EVENTS, _state.events << 1)
    _next = _countdown()
    check()


def check() -> None:
    """Raises KeyboardInterrupt if the host wants the cell to end."""
    if _state.allowed and host.interrupted():
        raise KeyboardInterrupt


@contextlib.contextmanager
def allowed(allowed: bool) -> Iterator[None]:  # noqa: FBT001
    """Whether the code within can be interrupted."""
    before, _state.allowed = _state.allowed, allowed
    if allowed and not _state.watching:
        _watch()
    try:
        yield
    finally:
        _state.allowed = before


def _watch() -> None:
    """From the first cell on: to switch it on and off has every function's code written anew."""
    _state.watching = True
    host.after_wait = check
    if _monitoring is None:
        return
    events = _monitoring.events
    _monitoring.use_tool_id(_TOOL, "capsule")
    for event in (events.JUMP, events.PY_START):
        _monitoring.register_callback(_TOOL, event, _on_event)
    _monitoring.set_events(_TOOL, events.JUMP | events.PY_START)


def forget() -> None:
    """The state before the first cell, for the snapshot."""
    if _state.watching and _monitoring is not None:
        _monitoring.set_events(_TOOL, 0)
        _monitoring.free_tool_id(_TOOL)
    _state.watching = _state.allowed = False
    host.after_wait = host.nothing
