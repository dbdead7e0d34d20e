"""``run``: runs a task of a file that the host does not import."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsule._program import Program
from capsule._runs import Call, execute, execute_async

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Unpack

    from capsule._types import Envelope, FileGrant, RunOptions

__all__ = ["run", "run_sync"]

_MODES = frozenset(("ro", "rw", "read-only", "read-write"))


async def run(
    *,
    file: str | os.PathLike[str],
    args: Sequence[Any] | None = None,
    mounts: Sequence[str | FileGrant] | None = None,
    task: str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    **options: Unpack[RunOptions],
) -> Envelope:
    """Run a task of a source file and return the envelope, whether it succeeded or not.

    - ``file``: the program's entry module. It is read anew at each run.
    - ``args``, ``kwargs``: the task's arguments; JSON, as with any task.
    - ``mounts``: folders that the task may use besides its own ``allowed_files``:
      ``HOST[::GUEST][:ro|:rw]``.
    - ``task``: which task; None for ``main``, or the only one.
    - ``cwd``: the folder that a relative ``file`` and relative mounts start at; None for the
      current one.
    - ``options``: as of ``@task``; they win over the decorator's.

    Raises ``FileNotFoundError`` if there is no such file, ``OptionError`` for a wrong option or
    mount, ``SidecarError``. Everything else is told by the envelope.
    """
    return await execute_async(_call(file, args, mounts, task, kwargs, cwd, options))


def run_sync(
    *,
    file: str | os.PathLike[str],
    args: Sequence[Any] | None = None,
    mounts: Sequence[str | FileGrant] | None = None,
    task: str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    **options: Unpack[RunOptions],
) -> Envelope:
    """As ``run``, for code without an event loop: waits for the task."""
    return execute(_call(file, args, mounts, task, kwargs, cwd, options))


def _call(
    file: str | os.PathLike[str],
    args: Sequence[Any] | None,
    mounts: Sequence[str | FileGrant] | None,
    task: str | None,
    kwargs: Mapping[str, Any] | None,
    cwd: str | os.PathLike[str] | None,
    options: Mapping[str, Any],
) -> Call:
    if isinstance(args, str) or isinstance(mounts, str):
        raise TypeError("args and mounts are lists: args=['one argument'], mounts=['./data:ro']")
    base = os.path.abspath(cwd) if cwd is not None else os.getcwd()
    path = os.path.normpath(os.path.join(base, file))
    if not os.path.isfile(path):
        raise FileNotFoundError(f"no such file: {path}")
    merged = dict(options)
    if mounts:
        merged["mounts"] = [_mount(mount, base) for mount in mounts]
    return Call(Program.of_file(path), task, list(args or ()), dict(kwargs or {}), merged)


def _mount(mount: str | FileGrant, base: str) -> str:
    """The mount with its host folder made absolute, since the sidecar has its own current folder.

    Without ``::GUEST`` the task still sees the folder where it is written: ``./data`` at ``/data``,
    and a folder outside of ``base`` under its own name.
    """
    text = mount if isinstance(mount, str) else f"{mount['path']}:{mount.get('mode', 'rw')}"
    folder, colon, mode = text.rpartition(":")
    if mode not in _MODES or not folder:
        folder, colon, mode = text, "", ""
    host, separator, guest = folder.partition("::")
    if not separator and not os.path.isabs(host):
        inside = os.path.normpath(host)
        guest = os.path.basename(inside) if inside.startswith("..") else inside
        guest = Path("/", guest).as_posix()
    separator = "::" if guest else ""
    return f"{os.path.join(base, host)}{separator}{guest}{colon}{mode}"
