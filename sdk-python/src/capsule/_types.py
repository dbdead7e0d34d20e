"""The shapes of what goes in and comes out: options, and the envelope. No behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capsule._ceiling import Ceiling
    from capsule._task import Task
    from capsule._tool import Tool

__all__ = [
    "CallOptions",
    "Envelope",
    "ErrorInfo",
    "ExecutionInfo",
    "FileGrant",
    "RunOptions",
    "TaskOptions",
]


class FileGrant(TypedDict, total=False):
    """A folder that a task may use; ``path`` is required."""

    path: str
    mode: str
    """``"read-only"`` or ``"ro"``, ``"read-write"`` or ``"rw"`` (the default)."""


class _Limits(TypedDict, total=False):
    compute: str | int
    """How much it may compute: ``"LOW"``, ``"MEDIUM"`` (default), ``"HIGH"``, or units of fuel."""

    ram: str | int
    """Memory: bytes, or a size such as ``"512MB"``. Default ``"256MB"``."""

    timeout: str | float
    """Time of one attempt: seconds, or a duration such as ``"500ms"``. Default ``"5m"``."""

    max_retries: int
    """How often a failed attempt is repeated, 0 (default) to 100."""

    max_output: str | int
    """Size of stdout and stderr together; what is beyond is dropped. Default ``"64MB"``."""

    max_result: str | int
    """Size of the result's JSON. Default ``"32MB"``."""

    allowed_files: Sequence[str | FileGrant]
    """Folders it may use: ``"PATH"``, ``"HOST::GUEST"``, either with ``:ro`` or ``:rw``."""

    max_disk: str | int
    """Size of what it may write to files in one attempt. Default ``"256MB"``."""

    retry_on: Sequence[str]
    """Types of failure (``error.type``) after which it is repeated, if ``max_retries`` allows."""

    allowed_hosts: Sequence[str]
    """Hosts it may send HTTP requests to: ``"api.example.com"``, ``"*.example.com"``, with
    ``:port`` or ``https://``, or ``"*"``."""

    env_variables: Sequence[str]
    """Names of the environment variables that it may see."""

    tools: Sequence[Tool[..., Any] | str]
    """Functions of the host, marked with ``@tool``, that it may call; or their names."""

    tasks: Sequence[Task[..., Any] | str]
    """Tasks that it may call; default: all of its program."""


class TaskOptions(_Limits, total=False):
    """The options of the ``@task`` decorator. What they mean: docs/protocol.md."""

    name: str
    """The task's name; default: the function's."""


class RunOptions(_Limits, total=False):
    """The caller's options of ``run``; they win over the decorator's."""


class CallOptions(RunOptions, total=False):
    """The caller's options of ``Task.using``; they win over the decorator's."""

    mounts: Sequence[str | FileGrant]
    """Folders that it may use besides its ``allowed_files``, as of ``run``."""

    ceiling: Ceiling
    """What neither the task nor any task that it calls may exceed."""


class HostRequest(TypedDict):
    """An HTTP request that a task made through the host."""

    method: str
    url: str
    """Without user and password, and with the values of its environment variables blotted out."""
    status: int | None
    bytes: int
    """Of both bodies, sent and received."""
    duration_ms: int
    error: str | None
    """Why there was no answer, or no whole one."""


class Limits(TypedDict):
    """What a task is held to, when all who have a say have said it."""

    fuel: int
    ram: int
    """Bytes."""
    timeout_ms: int
    lowered: list[str]
    """Options that asked for more than the ceiling allows."""


class ExecutionInfo(TypedDict):
    """What a run cost."""

    task_name: str | None
    duration_ms: int
    """Milliseconds from acceptance to the end, waiting and retries included."""
    retries: int
    """Retries that happened."""
    fuel_consumed: int | None
    ram_used: int | None
    """Bytes: the highest size of the sandbox's memory."""
    host_requests: list[HostRequest]
    limits: Limits | None
    """What it was held to; None if it never came to that."""
    run_id: str | None
    trace_id: str | None
    step_id: str | None
    """Of a workflow's step: the same whenever it runs again."""
    replayed: bool
    """Whether the outcome was written down in an earlier run, and nothing was run now."""


# By the functional form, because "class" is a keyword.
ErrorInfo = TypedDict(
    "ErrorInfo",
    {"type": str, "message": str, "class": "str | None", "traceback": "str | None"},
)
"""Why a task failed; ``type`` is one of the types in docs/protocol.md."""


class Envelope(TypedDict):
    """The whole outcome of a task; ``error`` is None if it succeeded."""

    success: bool
    result: Any
    error: ErrorInfo | None
    execution: ExecutionInfo
