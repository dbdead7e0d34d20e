"""``run``: runs a task of a file that the host does not import, in any language."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from capsule._options import given_tools, to_wire
from capsule._program import Program
from capsule._runs import Call, execute, execute_async

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Unpack

    from capsule._ceiling import Ceiling
    from capsule._types import Envelope, FileGrant, RunOptions

__all__ = ["run", "run_sync"]


async def run(
    *,
    file: str | os.PathLike[str],
    args: Sequence[Any] | None = None,
    mounts: Sequence[str | FileGrant] | None = None,
    task: str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    ceiling: Ceiling | None = None,
    **options: Unpack[RunOptions],
) -> Envelope:
    """Run a task of a source file and return the envelope, whether it succeeded or not.

    - ``file``: the program's entry module, in Python (.py), TypeScript or JavaScript (.ts, .js,
      .mjs, ...). It is read anew at each run.
    - ``args``, ``kwargs``: the task's arguments; JSON, as with any task.
    - ``mounts``: folders that the task may use besides its own ``allowed_files``:
      ``HOST[::GUEST][:ro|:rw]``.
    - ``task``: which task; None for ``main``, or the only one.
    - ``cwd``: the folder that a relative ``file`` and relative mounts start at; None for the
      current one.
    - ``ceiling``: what neither the task nor any task that it calls may exceed.
    - ``options``: as of ``@task``; they win over the decorator's. ``tools`` are functions marked
      with ``@tool``: they run in this process when the task calls them.

    Raises ``FileNotFoundError`` if there is no such file, ``OptionError`` for a wrong option or
    mount, ``ProgramError`` for two tools of one name, ``SidecarError``. Everything else is told by
    the envelope.
    """
    return await execute_async(_call(file, args, mounts, task, kwargs, cwd, ceiling, options))


def run_sync(
    *,
    file: str | os.PathLike[str],
    args: Sequence[Any] | None = None,
    mounts: Sequence[str | FileGrant] | None = None,
    task: str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    ceiling: Ceiling | None = None,
    **options: Unpack[RunOptions],
) -> Envelope:
    """As ``run``, for code without an event loop: waits for the task."""
    return execute(_call(file, args, mounts, task, kwargs, cwd, ceiling, options))


def _call(
    file: str | os.PathLike[str],
    args: Sequence[Any] | None,
    mounts: Sequence[str | FileGrant] | None,
    task: str | None,
    kwargs: Mapping[str, Any] | None,
    cwd: str | os.PathLike[str] | None,
    ceiling: Ceiling | None,
    options: Mapping[str, Any],
) -> Call:
    if isinstance(args, str):
        raise TypeError("args is a list: args=['one argument']")
    base = os.path.abspath(cwd) if cwd is not None else os.getcwd()
    path = os.path.normpath(os.path.join(base, file))
    if not os.path.isfile(path):
        raise FileNotFoundError(f"no such file: {path}")
    return Call(
        Program.of_file(path),
        task,
        list(args or ()),
        dict(kwargs or {}),
        to_wire({**options, "mounts": mounts}, base),
        ceiling.to_json() if ceiling is not None else {},
        given_tools(options.get("tools")),
    )
