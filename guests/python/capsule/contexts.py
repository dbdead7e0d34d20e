"""`context()`: where the running task stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_told: Mapping[str, Any] = {}


class Context:
    """Which run, attempt and trace this is, and which step of which workflow; what does not apply is None."""

    run_id: str | None
    attempt: int | None
    """From 0."""
    trace_id: str | None
    workflow_id: str | None
    step_id: str | None
    """The same whenever the step runs again: the key by which others can tell that it is no new request."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        for name in ("run_id", "attempt", "trace_id", "workflow_id", "step_id"):
            setattr(self, name, told.get(name))

    def __repr__(self) -> str:
        return f"Context({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


def give(told: Mapping[str, Any] | None) -> None:
    """Notes what the host has told of the task."""
    global _told
    _told = told or {}


def context() -> Context:
    """Where the task stands."""
    return Context(_told)


Context.__module__ = "capsule"
