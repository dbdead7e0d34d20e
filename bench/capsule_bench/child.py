"""The measured processes, seen from the driver."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from capsule_bench import layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class ChildFailedError(Exception):
    """A measured process ended before it answered; what it said is on standard error."""


class Child:
    """A process that takes and gives lines of JSON."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self.name = name
        self.process = process

    def tell(self, request: dict[str, Any]) -> None:
        """Sends a line of JSON."""
        self.tell_line(json.dumps(request))

    def tell_line(self, line: str) -> None:
        """Sends a line."""
        assert self.process.stdin is not None  # noqa: S101 - tells the type checker
        try:
            print(line, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            raise ChildFailedError(f"{self.name} has ended") from None

    def hear(self) -> dict[str, Any]:
        """Waits for a line."""
        assert self.process.stdout is not None  # noqa: S101 - tells the type checker
        line = self.process.stdout.readline()
        if not line:
            raise ChildFailedError(f"{self.name} ended with status {self.process.wait()}")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def ask(self, program: str, *args: Any, task: str = "main", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Has calls made; the fields are those of ``children/calls.py``."""
        request = {"count": 1, "in_flight": 1, "how": "threads", **more}
        self.tell({"program": program, "task": task, "args": args, **request})
        return self.hear()


@contextlib.contextmanager
def child(
    name: str,
    script: str | Path,
    *args: str | Path,
    python: str | Path = sys.executable,
    sdk: bool = False,
    env: dict[str, str] | None = None,
) -> Iterator[Child]:
    """A process that runs a script of ``children/``, or another by its path; ended at the end.

    With ``sdk`` it can import Capsule's SDK; ``env`` adds to its environment.
    """
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
    environment.pop("PYTHONPATH", None)
    if sdk:
        environment["PYTHONPATH"] = str(layout.SDK)
    command: Sequence[str] = [str(python), str(layout.CHILDREN / script), *map(str, args)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    )
    try:
        yield Child(name, process)
    finally:
        if process.stdin:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
