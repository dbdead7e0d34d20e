"""The one door to the host: operations go out through `submit`, and `wait` brings back what has ended.

Nothing else in the guest touches the imports of the WIT world, so that a test can stand in for the host here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from wit_world.imports import host as _wit_host

from capsule_guest import wire

MAX_TIMEOUT_MS = 2**63 - 1


class Imports(Protocol):
    """The functions of the WIT interface `host`."""

    def submit(self, operation: str) -> int: ...

    def wait(self, ids: list[int], timeout_ms: int | None) -> str: ...

    def interrupted(self) -> bool: ...


imports: Imports = _wit_host


def nothing() -> None:
    """Stands until `before_wait` and `after_wait` are set."""


before_wait: Callable[[], None] = nothing
"""Called before each wait: what the task has printed must be seen while it waits."""

after_wait: Callable[[], None] = nothing
"""Called after each wait, which also ends when the host wants the code to end."""


def submit(operation: str) -> int:
    """Starts the operation (JSON) and returns its id."""
    return imports.submit(operation)


def wait(ids: Sequence[int], timeout_ms: int | None) -> list[dict[str, Any]]:
    """Waits for any of the ids, at most `timeout_ms` milliseconds, and returns what has ended.

    The `apart` of a completion is the text that came apart from the JSON.
    """
    before_wait()
    text = imports.wait(list(ids), timeout_ms)
    after_wait()
    ended: list[dict[str, Any]]
    ended, end = wire.decode_first(text)
    if end < len(text):
        end += 1
        for completion in ended:
            if "apart" in completion:
                start, end = end, end + completion["apart"]
                completion["apart"] = text[start:end]
    return ended


def perform(operation: str) -> dict[str, Any]:
    """Runs one operation (JSON) to its end and returns its completion: a dict with `ok` or `error`."""
    number = submit(operation)
    for completion in wait((number,), None):
        if completion["id"] == number:
            return completion
    raise RuntimeError("the host ended a wait without a result")


def milliseconds(seconds: float) -> int:
    """Whole milliseconds that last at least `seconds`."""
    return min(math.ceil(seconds * 1000), MAX_TIMEOUT_MS) if seconds < MAX_TIMEOUT_MS else MAX_TIMEOUT_MS


def sleep(seconds: float) -> None:
    """Sleeps; the host's clock can end it, which WASI's own cannot."""
    before_wait()
    imports.wait([], milliseconds(seconds))
    after_wait()


def interrupted() -> bool:
    """Whether the host wants the code to end; it says so once."""
    return imports.interrupted()


def cancel(number: int) -> None:
    """Stops the operation of that id. Its end, which nobody waits for any more, is not reported."""
    submit(f'{{"op":"cancel","id":{number}}}')
