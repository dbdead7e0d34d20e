"""What a nested task's failure raises in its caller. The names are the SDK's, one for each `error.type`."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any


class CapsuleError(Exception):
    """Base of all errors that Capsule raises."""


class TaskError(CapsuleError):
    """A task failed: it raised, or one of the subclasses says what else happened."""

    type: str
    """The protocol's `error.type`, such as `"task_error"` or `"timeout"`."""

    message: str
    """What happened, in words."""

    class_name: str | None
    """Name of the exception's class inside the task, such as `"KeyError"`."""

    traceback: str | None
    """The traceback inside the task: the user's frames only."""

    task: str | None
    """Name of the task that failed."""

    default_type = "task_error"

    def __init__(
        self,
        message: str = "",
        *,
        type: str | None = None,
        class_name: str | None = None,
        traceback: str | None = None,
        task: str | None = None,
    ) -> None:
        super().__init__(message)
        self.type = type or self.default_type
        self.message = message
        self.class_name = class_name
        self.traceback = traceback
        self.task = task

    @property
    def summary(self) -> str:
        """Which task failed and how, on one line, without the traceback."""
        what = self.message or self.type
        if self.type == "task_error" and self.class_name:
            what = f"{self.class_name}: {self.message}" if self.message else self.class_name
        return f"{self.task}: {what}" if self.task else what

    def __str__(self) -> str:
        if not self.traceback:
            return self.summary
        return f"{self.summary}\n\nInside the sandbox:\n{textwrap.indent(self.traceback.rstrip(), '  ')}"


class TaskTimeout(TaskError):
    """An attempt took longer than the task's `timeout`."""

    default_type = "timeout"


class OutOfFuel(TaskError):
    """The task computed more than its `compute` allows."""

    default_type = "out_of_fuel"


class OutOfMemory(TaskError):
    """The task needed more memory than its `ram`."""

    default_type = "out_of_memory"


class StackOverflow(TaskError):
    """The task recursed too deeply."""

    default_type = "stack_overflow"


class TaskExit(TaskError):
    """The task called `sys.exit` or the like."""

    default_type = "exit"


class InvalidArguments(TaskError):
    """The arguments are not JSON, or do not fit the task's signature."""

    default_type = "invalid_arguments"


class InvalidResult(TaskError):
    """The task's result is not JSON, or larger than its `max_result`."""

    default_type = "invalid_result"


class PolicyDenied(TaskError):
    """The task was denied something that it needs."""

    default_type = "policy_denied"


class TaskNotFound(TaskError):
    """The program has no task of that name."""

    default_type = "task_not_found"


class SourceError(TaskError):
    """The program has a syntax error, or its top level failed in the sandbox."""

    default_type = "source_error"


class Cancelled(TaskError):
    """The task was stopped."""

    default_type = "cancelled"


class Overloaded(TaskError):
    """Too many tasks at once: nested too deeply, or no sandbox to be had."""

    default_type = "overloaded"


class WorkerLost(TaskError):
    """The process that ran the task died. The task may have run in part."""

    default_type = "worker_lost"


class InternalError(TaskError):
    """A fault of Capsule itself."""

    default_type = "internal"


class ToolError(TaskError):
    """A tool failed: `class_name` and `message` are those of what it raised in the user's process."""


# Not raised in here; programs name them in `except` clauses of the code that they run outside.


class OptionError(CapsuleError, ValueError):
    """An option or parameter was refused."""


class SessionError(CapsuleError):
    """Outside: a session is closed, or cannot do what is asked."""


class ProgramError(CapsuleError):
    """A task was declared where Capsule cannot run it from, or twice."""


class SidecarError(CapsuleError):
    """The sidecar cannot be found, started or understood."""


class SidecarLost(SidecarError):
    """The sidecar died while a call was in flight."""


class StepError(CapsuleError):
    """A step that the program carries out itself has failed."""


class WorkflowError(CapsuleError):
    """A workflow is used where or how it cannot be."""


class WorkflowBusy(WorkflowError):
    """The workflow runs elsewhere."""


class WorkflowCancelled(WorkflowError):
    """Someone has cancelled the workflow."""


class ReplayMismatch(WorkflowError):
    """The program no longer does what the journal has of it."""


class JournalError(WorkflowError):
    """The journal cannot be written, read or trusted."""


_CLASSES: dict[str, type[TaskError]] = {
    each.default_type: each
    for each in (
        TaskTimeout,
        OutOfFuel,
        OutOfMemory,
        StackOverflow,
        TaskExit,
        TaskError,
        InvalidArguments,
        InvalidResult,
        PolicyDenied,
        TaskNotFound,
        SourceError,
        Cancelled,
        Overloaded,
        WorkerLost,
        InternalError,
    )
}


def from_wire(error: Mapping[str, Any], task: str | None = None, failed: type[TaskError] = TaskError) -> TaskError:
    """The exception for the host's error object: its class follows `type`.

    It is `failed` for the type `task_error`, and a plain TaskError for a type that is not known.
    """
    kind = error.get("type") or "internal"
    return (failed if kind == TaskError.default_type else _CLASSES.get(kind, TaskError))(
        error.get("message") or "",
        type=kind,
        class_name=error.get("class"),
        traceback=error.get("traceback"),
        task=error.get("task") or task,
    )


# users see and catch these as `capsule.X`; tracebacks should say the same
for _class in (
    *_CLASSES.values(),
    CapsuleError,
    JournalError,
    OptionError,
    ProgramError,
    ReplayMismatch,
    SessionError,
    SidecarError,
    SidecarLost,
    StepError,
    ToolError,
    WorkflowBusy,
    WorkflowCancelled,
    WorkflowError,
):
    _class.__module__ = "capsule"
