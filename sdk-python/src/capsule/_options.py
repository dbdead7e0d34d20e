"""The caller's options, from how they are written to what the sidecar takes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsule._tool import Tool, by_name, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capsule._types import FileGrant

__all__ = ["absolute_grant", "absolute_mount", "given_tools", "to_wire"]

_MODES = frozenset(("ro", "rw", "read-only", "read-write"))


def to_wire(options: Mapping[str, Any], base: str | None = None) -> dict[str, Any]:
    """The options as JSON: tools and tasks by their names, mounts with absolute host paths.

    ``base`` is the folder that relative mounts start at; None for the current one. Raises
    ``TypeError`` for what cannot be an option of that name.
    """
    wire = dict(options)
    if wire.get("tools") is not None:
        wire["tools"] = names_of(wire["tools"])
    if wire.get("tasks") is not None:
        wire["tasks"] = [each if isinstance(each, str) else each.name for each in wire["tasks"]]
    mounts = wire.pop("mounts", None)
    if isinstance(mounts, str):
        raise TypeError("mounts is a list: mounts=['./data:ro']")
    if mounts:
        folder = os.getcwd() if base is None else base
        wire["mounts"] = [absolute_mount(mount, folder) for mount in mounts]
    return wire


def given_tools(tools: Iterable[Any] | None) -> dict[str, Tool[..., Any]]:
    """Those tools that are given as objects and not by name, by their names."""
    return by_name(each for each in tools or () if isinstance(each, Tool))


def absolute_mount(mount: str | FileGrant, base: str) -> str:
    """The mount with its host folder made absolute, since the sidecar has its own current folder.

    Without ``::GUEST`` the task still sees the folder where it is written: ``./data`` at ``/data``,
    and a folder outside of ``base`` under its own name.
    """
    host, separator, guest, mode = _split(mount)
    if not separator and not os.path.isabs(host):
        inside = os.path.normpath(host)
        guest = os.path.basename(inside) if inside.startswith("..") else inside
        guest = Path("/", guest).as_posix()
    separator = "::" if guest else ""
    return f"{os.path.join(base, host)}{separator}{guest}{mode}"


def absolute_grant(grant: str | FileGrant) -> str:
    """A ceiling's folder or file made absolute; it starts at the current folder."""
    host, _, _, mode = _split(grant)
    return os.path.join(os.getcwd(), host) + mode


def _split(mount: str | FileGrant) -> tuple[str, str, str, str]:
    """``HOST``, ``::`` or nothing, ``GUEST`` and ``:MODE`` or nothing."""
    text = mount if isinstance(mount, str) else f"{mount['path']}:{mount.get('mode', 'rw')}"
    folder, colon, mode = text.rpartition(":")
    if mode not in _MODES or not folder:
        folder, colon, mode = text, "", ""
    host, separator, guest = folder.partition("::")
    return host, separator, guest, colon + mode
