"""One implementation for code with and without an event loop.

What has to wait is a generator that yields what it waits for, a ``concurrent.futures.Future`` or an
awaitable, and is sent the outcome; one of the two functions here does the waiting.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar, cast

T = TypeVar("T")

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator

    Waits = Generator[Future[Any] | Awaitable[Any], Any, T]

__all__ = ["drive", "drive_async"]


def drive(waits: Waits[T]) -> T:
    """Run it to its end; the thread blocks where it waits."""
    try:
        waited = next(waits)
        while True:
            try:
                value = waited.result() if isinstance(waited, Future) else _run(waited)
            except BaseException as error:  # noqa: BLE001 - the generator deals with it
                waited = waits.throw(error)
            else:
                waited = waits.send(value)
    except StopIteration as end:
        return cast("T", end.value)


async def drive_async(waits: Waits[T]) -> T:
    """Run it to its end; the event loop goes on where it waits."""
    try:
        waited = next(waits)
        while True:
            try:
                value = await (
                    asyncio.wrap_future(waited) if isinstance(waited, Future) else waited
                )
            except BaseException as error:  # noqa: BLE001 - the generator deals with it
                waited = waits.throw(error)
            else:
                waited = waits.send(value)
    except StopIteration as end:
        return cast("T", end.value)


def _run(awaitable: Awaitable[Any]) -> Any:
    async def wait() -> Any:
        return await awaitable

    return asyncio.run(wait())
