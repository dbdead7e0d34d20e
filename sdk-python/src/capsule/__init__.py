"""Capsule runs the tasks of AI agents, each in its own WebAssembly sandbox.

from capsule import task

@task(timeout="30s", ram="128MB")
def word_count(text: str) -> int:     # runs in a fresh sandbox, without files or network
    return len(text.split())

word_count("to be or not to be")      # 6; inside an event loop: await word_count(...)
"""

from capsule._ceiling import Ceiling
from capsule._client import close
from capsule._errors import (
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
from capsule._run import run, run_sync
from capsule._task import Task, TaskRef, task, task_ref
from capsule._tool import Tool, tool
from capsule._types import Envelope
from capsule._version import __version__

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
    "__version__",
    "close",
    "run",
    "run_sync",
    "task",
    "task_ref",
    "tool",
]
