"""Capsule runs the tasks of AI agents, each in its own WebAssembly sandbox.

from capsule import task

@task(timeout="30s", ram="128MB")
def word_count(text: str) -> int:     # runs in a fresh sandbox, without files or network
    return len(text.split())

word_count("to be or not to be")      # 6; inside an event loop: await word_count(...)
"""

from capsule._ceiling import Ceiling
from capsule._cells import CellResult, Part, run_javascript, run_python
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
    SessionError,
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
from capsule._scope import Context, context
from capsule._session import FileInfo, Session
from capsule._step import step
from capsule._task import Task, TaskRef, task, task_ref
from capsule._tool import Tool, tool
from capsule._types import Envelope
from capsule._version import __version__
from capsule._workflow import Workflow, workflow
from capsule._workflow_errors import (
    JournalError,
    ReplayMismatch,
    StepError,
    WorkflowBusy,
    WorkflowCancelled,
    WorkflowError,
)

__all__ = [
    "Cancelled",
    "CapsuleError",
    "Ceiling",
    "CellResult",
    "Context",
    "Envelope",
    "FileInfo",
    "InternalError",
    "InvalidArguments",
    "InvalidResult",
    "JournalError",
    "OptionError",
    "OutOfFuel",
    "OutOfMemory",
    "Overloaded",
    "Part",
    "PolicyDenied",
    "ProgramError",
    "ReplayMismatch",
    "Session",
    "SessionError",
    "SidecarError",
    "SidecarLost",
    "SourceError",
    "StackOverflow",
    "StepError",
    "Task",
    "TaskError",
    "TaskExit",
    "TaskNotFound",
    "TaskRef",
    "TaskTimeout",
    "Tool",
    "ToolError",
    "WorkerLost",
    "Workflow",
    "WorkflowBusy",
    "WorkflowCancelled",
    "WorkflowError",
    "__version__",
    "close",
    "context",
    "run",
    "run_javascript",
    "run_python",
    "run_sync",
    "step",
    "task",
    "task_ref",
    "tool",
    "workflow",
]
