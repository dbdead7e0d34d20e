"""Calls bare Python: a process a call, with neither site packages nor any limit; the function natively, for compute."""

from __future__ import annotations

import functools
import importlib
import subprocess
import sys
import types
from typing import Any

from calls import Callee, serve

HELLO = "import sys; print('Hello, ' + sys.argv[1] + '!', end='')"


class Process:
    """A fresh interpreter for each call. The text comes back as it is: importing json would double the time."""

    def call(self, *args: Any) -> Any:  # noqa: ANN401 - as the other callees
        """Waits for the process."""
        return subprocess.run([sys.executable, "-I", "-S", "-c", HELLO, *args], stdout=-1, check=True).stdout.decode()

    async def aio(self, *args: Any) -> Any:  # noqa: ANN401 - as the other callees
        """Only a thread waits well for a process."""
        return self.call(*args)


class Native:
    """The function itself, in this process."""

    def __init__(self, program: str, task: str) -> None:
        self.call = getattr(importlib.import_module(program), task)

    async def aio(self, *args: Any) -> Any:  # noqa: ANN401 - as the other callees
        """Calls it."""
        return self.call(*args)


@functools.cache
def find(program: str, task: str) -> Callee:
    """``hello`` as a process, anything else natively."""
    return Process() if program == "hello" else Native(program, task)


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    # Natively, @task does nothing.
    decorator = types.ModuleType("capsule")
    decorator.task = lambda *functions, **_: functions[0] if functions else lambda function: function  # type: ignore[attr-defined]
    sys.modules["capsule"] = decorator
    serve(find)
