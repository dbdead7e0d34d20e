"""Calls tasks through Capsule's own SDK. Argument: the folder of the programs."""

from __future__ import annotations

import functools
import importlib
import sys

from calls import Callee, serve


@functools.cache
def find(program: str, task: str) -> Callee:
    """The task, imported as users import it."""
    callee: Callee = getattr(importlib.import_module(program), task)
    return callee


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    serve(find)
