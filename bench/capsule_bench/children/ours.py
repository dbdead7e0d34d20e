"""Calls tasks through Capsule's own SDK.

Arguments: the folder of the programs; and, if the spans of all calls are to be told, how much of them.
"""

from __future__ import annotations

import functools
import importlib
import json
import sys

from calls import Callee, serve


@functools.cache
def find(program: str, task: str) -> Callee:
    """The task, imported as users import it."""
    callee: Callee = getattr(importlib.import_module(program), task)
    return callee


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    if len(sys.argv) > 2:  # noqa: PLR2004 - that is the second argument
        connection = importlib.import_module("capsule._client").connection()
        connection.notify("$/setTrace", json.dumps({"value": sys.argv[2]}))
    serve(find)
