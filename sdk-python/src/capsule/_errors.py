"""The package's exceptions.

CapsuleError
├── TaskError            a task failed; one subclass for each ``error.type`` of the protocol
│   ├── TaskTimeout, OutOfFuel, OutOfMemory, StackOverflow, TaskExit
│   ├── InvalidArguments, InvalidResult, PolicyDenied, TaskNotFound, SourceError
│   ├── Cancelled, Overloaded, WorkerLost, InternalError
│   └── ToolError        inside a sandbox: a tool failed
├── OptionError          an option or parameter was refused (also a ``ValueError``)
├── SessionError         a session is closed, or cannot do what is asked
├── ProgramError         a task was declared where Capsule cannot run it from
├── WorkflowError, StepError, …  of workflows: see ``_workflow_errors``
└── SidecarError         the sidecar cannot be found, started or understood
    └── SidecarLost      it died while a call was in flight
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capsule._types import Envelope

__all__ = [
    "Cancelled",
    "CapsuleError",
    "InternalError",
    "InvalidArguments",
    "InvalidResult",
    "OptionError",
    "OutOfFuel",
    "OutOfMemory",
    "Overloaded",
    "PolicyDenied",
    "ProgramError",
    "SidecarError",
    "SidecarLost",
    "SourceError",
    "StackOverflow",
    "TaskError",
    "TaskExit",
    "TaskNotFound",
    "TaskTimeout",
    "ToolError",
    "WorkerLost",
    "task_error",
]


class CapsuleError(Exception):
    """Base of all errors that Capsule raises."""


class TaskError(CapsuleError):
    """A task failed. Raised itself when the task's own code raised; else one of the subclasses is.

    ``str(error)`` names the task and what happened, and shows the traceback inside the sandbox.
    """

    type: str
    """The protocol's ``error.type``, such as ``"task_error"`` or ``"timeout"``."""

    message: str
    """What happened, in words."""

    class_name: str | None
    """Name of the exception class inside the sandbox, such as ``"KeyError"``."""

    traceback: str | None
    """The traceback inside the sandbox: the task's own frames only."""

    envelope: Envelope
    """The whole outcome, with what the attempt cost."""

    task: str | None
    """Name of the task that failed."""

    def __init__(self, envelope: Envelope) -> None:
        # The envelope is the only argument, so that pickling (by `args`) brings everything across.
        super().__init__(envelope)
        error: Mapping[str, Any] = envelope["error"] or {}
        self.envelope = envelope
        self.type = error.get("type") or "internal"
        self.message = error.get("message") or ""
        self.class_name = error.get("class")
        self.traceback = error.get("traceback")
        self.task = envelope["execution"]["task_name"]

    @property
    def summary(self) -> str:
        """Which task failed and how, on one line, without the traceback."""
        what = self.message or self.type
        if self.type == "task_error" and self.class_name:
            what = f"{self.class_name}: {self.message}" if self.message else self.class_name
        return f"{self.task}: {what}" if self.task else what

    def __str__(self) -> str:
        """Say which task failed and how, then show where in the sandbox."""
        if not self.traceback:
            return self.summary
        shown = textwrap.indent(self.traceback.rstrip(), "  ")
        return f"{self.summary}\n\nInside the sandbox:\n{shown}"

    def __repr__(self) -> str:
        """Short, unlike the envelope."""
        return f"{type(self).__name__}(task={self.task!r}, message={self.message!r})"


class TaskTimeout(TaskError):
    """An attempt took longer than the task's ``timeout``."""


class OutOfFuel(TaskError):
    """The task computed more than its ``compute`` allows."""


class OutOfMemory(TaskError):
    """The task needed more memory than its ``ram``."""


class StackOverflow(TaskError):
    """The task recursed too deeply."""


class TaskExit(TaskError):
    """The task called ``sys.exit`` or the like."""


class InvalidArguments(TaskError):
    """The arguments are not JSON, or do not fit the task's signature."""


class InvalidResult(TaskError):
    """The task's result is not JSON, or larger than its ``max_result``."""


class PolicyDenied(TaskError):
    """The task was denied something that it needs."""


class TaskNotFound(TaskError):
    """The program has no task of that name."""


class SourceError(TaskError):
    """The program has a syntax error, or its top level failed in the sandbox."""


class Cancelled(TaskError):
    """The task was stopped, by its caller or by the end of what had started it."""


class Overloaded(TaskError):
    """Too many tasks at once: nested too deeply, or no sandbox to be had."""


class WorkerLost(TaskError):
    """The process that ran the task died. The task may have run in part."""


class InternalError(TaskError):
    """A fault of Capsule itself."""


class ToolError(TaskError):
    """A tool that a task called has failed; raised in the sandbox, where the task may catch it.

    ``class_name`` and ``message`` are those of the exception that the tool raised.
    """


class RefusedError(Exception):
    """A call that is ended before it begins, as if by the sidecar. Never leaves the package."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.type = error_type


class OptionError(CapsuleError, ValueError):
    """An option or parameter was refused."""

    field: str | None
    """What was refused, such as ``"timeout"``."""

    value: Any
    """The value that was given."""

    allowed: Any
    """What is allowed, in words or as a list."""

    where: str | None
    """``FILE:LINE`` of the decorator that says it; None if the caller passed it."""

    def __init__(
        self,
        message: str,
        field: str | None = None,
        value: Any = None,
        allowed: Any = None,
        where: str | None = None,
    ) -> None:
        super().__init__(message, field, value, allowed, where)
        self.field = field
        self.value = value
        self.allowed = allowed
        self.where = where

    def __str__(self) -> str:
        """The sidecar's message, led by the place in the source if it is not in it."""
        message = str(self.args[0])
        return message if not self.where or self.where in message else f"{self.where}: {message}"


class SessionError(CapsuleError):
    """A session is closed, cannot be opened because there are too many, or cannot be forked."""


class ProgramError(CapsuleError):
    """A task was declared where Capsule cannot run it from, or twice."""


class SidecarError(CapsuleError):
    """The sidecar cannot be found, started or understood."""


class SidecarLost(SidecarError):
    """The sidecar died while a call was in flight.

    The call is not repeated, because its task may already have done a part of its work; the next
    call starts a new sidecar.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        """``sent`` is False if it was gone before it could have read the request."""
        super().__init__(message)
        self.sent = sent


_CLASSES: dict[str, type[TaskError]] = {
    "timeout": TaskTimeout,
    "out_of_fuel": OutOfFuel,
    "out_of_memory": OutOfMemory,
    "stack_overflow": StackOverflow,
    "exit": TaskExit,
    "task_error": TaskError,
    "invalid_arguments": InvalidArguments,
    "invalid_result": InvalidResult,
    "policy_denied": PolicyDenied,
    "task_not_found": TaskNotFound,
    "source_error": SourceError,
    "cancelled": Cancelled,
    "overloaded": Overloaded,
    "worker_lost": WorkerLost,
    "internal": InternalError,
}


def task_error(envelope: Envelope) -> TaskError:
    """The exception for the envelope of a failed task; its class follows ``error.type``.

    A type that this version does not know becomes a plain ``TaskError``.
    """
    error: Mapping[str, Any] = envelope["error"] or {}
    return _CLASSES.get(error.get("type", ""), TaskError)(envelope)


# Users see and catch these as `capsule.X`; tracebacks and pickles should say the same.
for _name in __all__:
    if _name != "task_error":
        globals()[_name].__module__ = "capsule"
