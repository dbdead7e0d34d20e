"""The shapes of what goes in and comes out: options, and the envelope. No behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Envelope", "ErrorInfo", "ExecutionInfo", "FileGrant", "RunOptions", "TaskOptions"]


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

    allowed_hosts: Sequence[str]
    """Hosts it may reach."""

    env_variables: Sequence[str]
    """Names of the environment variables that it may see."""


class TaskOptions(_Limits, total=False):
    """The options of the ``@task`` decorator. What they mean: docs/protocol.md."""

    name: str
    """The task's name; default: the function's."""

    tools: Sequence[Callable[..., Any]]
    """Functions of the host that it may call."""

    tasks: Sequence[Any]
    """Other tasks that it may call."""


class RunOptions(_Limits, total=False):
    """The caller's options of ``run``; they win over the decorator's."""


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
