"""The module `capsule` as a program sees it inside its sandbox.

The same file is imported by the user's own Python, where the SDK's `capsule` answers, and in here. So the SDK's names
all exist here; those that only make sense outside say so when they are used.
"""

from capsule.errors import (
    Cancelled,
    CapsuleError,
    InternalError,
    InvalidArguments,
    InvalidResult,
    OptionError,
    OutOfFuel,
    OutOfMemory,
    Overloaded,
    PolicyDenied,
    ProgramError,
    SidecarError,
    SidecarLost,
    SourceError,
    StackOverflow,
    TaskError,
    TaskExit,
    TaskNotFound,
    TaskTimeout,
    ToolError,
    WorkerLost,
)
from capsule.outside import Ceiling, Envelope, Session, close, run, run_python, run_sync, workflow
from capsule.tasks import Task, TaskRef, task, task_ref
from capsule.tools import Tool, tool

__all__ = [
    "Cancelled",
    "CapsuleError",
    "Ceiling",
    "Envelope",
    "InternalError",
    "InvalidArguments",
    "InvalidResult",
    "OptionError",
    "OutOfFuel",
    "OutOfMemory",
    "Overloaded",
    "PolicyDenied",
    "ProgramError",
    "Session",
    "SidecarError",
    "SidecarLost",
    "SourceError",
    "StackOverflow",
    "Task",
    "TaskError",
    "TaskExit",
    "TaskNotFound",
    "TaskRef",
    "TaskTimeout",
    "Tool",
    "ToolError",
    "WorkerLost",
    "close",
    "run",
    "run_python",
    "run_sync",
    "task",
    "task_ref",
    "tool",
    "workflow",
]
