"""``Ceiling``: what no task of a run may exceed, whatever its decorator says."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from capsule._options import absolute_grant
from capsule._tool import Tool, names_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capsule._types import FileGrant

__all__ = ["Ceiling"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ceiling:
    """Bounds for a run and for all that it calls; what is None is not bounded here.

    A limit (``ram`` to ``max_disk``) that a task sets higher is lowered, and named in
    ``execution.limits.lowered`` of the envelope. A grant that a task declares beyond the ceiling is
    not cut: the task fails with ``PolicyDenied``, which names both.
    """

    ram: str | int | None = None
    """Memory: bytes, or a size such as ``"512MB"``."""

    timeout: str | float | None = None
    """Time of one attempt: seconds, or a duration such as ``"30s"``."""

    compute: str | int | None = None
    """``"LOW"``, ``"MEDIUM"``, ``"HIGH"``, or units of fuel."""

    max_retries: int | None = None
    """Further attempts after a failed one."""

    max_output: str | int | None = None
    """Size of stdout and stderr together."""

    max_result: str | int | None = None
    """Size of the result's JSON."""

    max_disk: str | int | None = None
    """Size of what it may write to files."""

    allowed_files: Sequence[str | FileGrant] | None = None
    """Folders and files that its own must lie in, relative to the current folder; ``:ro`` forbids
    writing. An empty list: no files."""

    allowed_hosts: Sequence[str] | None = None
    """Hosts that its own must be among, such as ``"*.example.com"``."""

    env_variables: Sequence[str] | None = None
    """Environment variables that its own must be among."""

    tools: Sequence[Tool[..., Any] | str] | None = None
    """Tools that its own must be among."""

    network: bool = True
    """False: no hosts, as ``allowed_hosts=[]``."""

    def to_json(self) -> dict[str, Any]:
        """The ceiling as the protocol has it. Raises ``TypeError`` for tools that are none."""
        bounds = {
            field.name: value
            for field in dataclasses.fields(self)
            if field.name != "network" and (value := getattr(self, field.name)) is not None
        }
        if self.tools is not None:
            bounds["tools"] = names_of(self.tools)
        if self.allowed_files is not None:
            bounds["allowed_files"] = [absolute_grant(each) for each in self.allowed_files]
        if not self.network:
            bounds["network"] = False
        return bounds
