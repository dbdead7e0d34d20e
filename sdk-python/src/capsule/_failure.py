"""What is written down of an exception: its class, its message, the user's frames."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from capsule._errors import TaskError
from capsule._workflow_errors import StepError

__all__ = ["failure", "plain_text", "steps_of"]

_MAX_MESSAGE = 10_000
_MAX_TRACEBACK = 30_000
_PACKAGE = str(Path(__file__).parent)
_MAX_CHAIN = 1_000


def failure(error: BaseException) -> dict[str, Any]:
    """The exception as the protocol's failure: ``{"type", "message", "class", "traceback"}``."""
    if isinstance(error, TaskError):
        name: str | None = error.class_name or type(error).__name__
        kind = error.type
    else:
        name, kind = type(error).__name__, "task_error"
    return {
        "type": kind,
        "message": plain_text(_message(error)),
        "class": name,
        "traceback": plain_text(_traceback(error), _MAX_TRACEBACK),
    }


def plain_text(text: str, longest: int = _MAX_MESSAGE) -> str:
    """The text without lone surrogates, and cut if it is too long."""
    if len(text) > longest:
        text = f"{text[:longest]}… ({len(text) - longest} more characters)"
    return text.encode("utf-8", "backslashreplace").decode()


def _message(error: BaseException) -> str:
    try:
        return error.summary if isinstance(error, (TaskError, StepError)) else str(error)
    except Exception as second:  # noqa: BLE001 - its __str__ may do anything
        return f"<its __str__ raised {type(second).__name__}>"


def _traceback(error: BaseException) -> str:
    try:
        told = traceback.TracebackException.from_exception(error, compact=True)
        _leave_out_ours(told)
        return "".join(told.format())
    except Exception:  # noqa: BLE001 - what a program's exceptions do must not hide its failure
        return f"{type(error).__name__}\n"


def _leave_out_ours(told: traceback.TracebackException | None) -> None:
    if told is not None:
        frames = [frame for frame in told.stack if not frame.filename.startswith(_PACKAGE)]
        told.stack = traceback.StackSummary.from_list(frames)
        _leave_out_ours(told.__cause__)
        _leave_out_ours(told.__context__)
        for each in getattr(told, "exceptions", None) or ():
            _leave_out_ours(each)


def steps_of(error: BaseException) -> list[str]:
    """Ids of the steps whose failure this is: its own, its group's members', its causes'."""
    seen: dict[int, BaseException] = {}
    steps: dict[str, None] = {}
    waiting = [error]
    while waiting and len(seen) < _MAX_CHAIN:
        at = waiting.pop()
        if id(at) in seen:
            continue
        seen[id(at)] = at
        if isinstance(at, TaskError):
            step = at.envelope["execution"].get("step_id")
        else:
            step = at.step_id if isinstance(at, StepError) else None
        if step is not None:
            steps[step] = None
        waiting += getattr(at, "exceptions", ())
        if at.__cause__ is not None:
            waiting.append(at.__cause__)
    return list(steps)
