"""What the measured processes have in common: they make calls on request and say how long each took.

A request is a line of JSON: ``program``, ``task``, ``args``, ``count`` calls, ``in_flight`` at once, ``how`` ("asyncio"
or "threads"); ``expected``, if each result is to be that; and ``options``, if any, which only Capsule's own tasks take.
The reply: ``each`` call's seconds, ``total`` seconds, and the ``last`` result.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Callee(Protocol):
    """A task as one contestant calls it."""

    def call(self, *args: Any) -> Any:  # noqa: ANN401 - any JSON
        """Waits for the result."""

    async def aio(self, *args: Any) -> Any:  # noqa: ANN401 - any JSON
        """Awaits the result."""


class Adjustable(Callee, Protocol):
    """A task whose options the caller may set."""

    def using(self, **options: Any) -> Callee:  # noqa: ANN401 - any JSON
        """Returns the same with these options."""


def serve(find: Callable[[str, str], Callee]) -> None:
    """Answers requests until standard input ends. ``find`` gives a program's task."""
    # Tasks may print; the replies have a stream to themselves.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout = sys.stderr
    loop = asyncio.new_event_loop()  # one for all requests: the peer's worker belongs to its loop
    for line in sys.stdin:
        request = json.loads(line)
        callee = find(request["program"], request["task"])
        if request.get("options"):
            callee = cast("Adjustable", callee).using(**request["options"])
        if request["how"] == "asyncio":
            reply = loop.run_until_complete(_in_loop(callee, request))
        else:
            reply = _in_threads(callee, request)
        print(json.dumps(reply), file=replies, flush=True)
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


class _Calls:
    """The calls of one request, shared by those who make them."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.args: list[Any] = request["args"]
        self.left: Iterator[int] = iter(range(request["count"]))
        self.each: list[float] = []
        self.last: Any = None
        self._request = request
        self._began = time.perf_counter()

    def made(self, began: float, result: Any) -> None:  # noqa: ANN401 - any JSON
        """Notes a call; a wrong result ends the measurement."""
        self.each.append(time.perf_counter() - began)
        self.last = result
        if "expected" in self._request and result != self._request["expected"]:
            raise ValueError(f"expected {self._request['expected']!r}, got {result!r}")

    def reply(self) -> dict[str, Any]:
        """What the driver is told."""
        return {"each": self.each, "total": time.perf_counter() - self._began, "last": self.last}


async def _in_loop(callee: Callee, request: dict[str, Any]) -> dict[str, Any]:
    calls = _Calls(request)

    async def caller() -> None:
        for _ in calls.left:
            began = time.perf_counter()
            calls.made(began, await callee.aio(*calls.args))

    await asyncio.gather(*(caller() for _ in range(request["in_flight"])))
    return calls.reply()


def _in_threads(callee: Callee, request: dict[str, Any]) -> dict[str, Any]:
    calls = _Calls(request)

    def caller() -> None:
        for _ in calls.left:
            began = time.perf_counter()
            calls.made(began, callee.call(*calls.args))

    if request["in_flight"] == 1:
        caller()
        return calls.reply()
    with ThreadPoolExecutor(request["in_flight"]) as pool:
        for done in [pool.submit(caller) for _ in range(request["in_flight"])]:
            done.result()
    return calls.reply()
