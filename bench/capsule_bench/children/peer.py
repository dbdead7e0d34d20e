"""Calls tasks through capsule-run's ``run()``, which keeps a worker process.

Arguments: its command, the folder of the built programs.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Any

from calls import serve
from capsule import run  # the peer's: this runs in its own environment


class BuiltProgram:
    """The main task of a program that was built to WebAssembly, its fastest form."""

    def __init__(self, command: str, wasm: Path) -> None:
        self.command = command
        self.wasm = wasm

    def call(self, *_: Any) -> Any:  # noqa: ANN401 - any JSON
        """The peer has no such call."""
        raise NotImplementedError("capsule-run's run() is a coroutine function")

    async def aio(self, *args: Any) -> Any:  # noqa: ANN401 - any JSON
        """Awaits the result; the worker runs in the program's folder, where its cache is."""
        envelope = await run(file=str(self.wasm), args=list(args), cwd=str(self.wasm.parent), capsule_path=self.command)
        if not envelope["success"]:
            raise RuntimeError(f"capsule-run failed: {envelope['error']}")
        return envelope["result"]


@functools.cache
def find(program: str, task: str) -> BuiltProgram:
    """The built program; ``main`` is the only task that can be run from outside."""
    if task != "main":
        raise ValueError(f"capsule-run can only run main, not {task}")
    return BuiltProgram(sys.argv[1], Path(sys.argv[2]) / program / f"{program}.wasm")


if __name__ == "__main__":
    serve(find)
