"""`select.select` and `select.poll` for the sandbox's sockets; with nothing to watch, an old way to sleep."""

from __future__ import annotations

import errno
import math
import select
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from capsule_guest import connections
from capsule_guest.connections import Connection


def _connection(file: Any) -> Connection:
    descriptor = file if isinstance(file, int) else file.fileno()
    connection = connections.of(descriptor)
    if connection is None:
        raise OSError(errno.EBADF, f"only sockets can be waited for, and file descriptor {descriptor} is not one")
    return connection


def _wait_readable(readers: Iterable[Connection], timeout: float | None) -> None:
    """Waits until one of them is readable, or for `timeout` seconds."""
    watched = list(readers)
    deadline = math.inf if timeout is None else monotonic() + timeout if timeout > 0 else 0.0
    while not any(each.readable for each in watched):
        for each in watched:
            each.start()
        if not connections.wait_for(watched, deadline) and deadline != math.inf:
            break


def _select(
    readers: Iterable[Any], writers: Iterable[Any], errors: Iterable[Any], timeout: float | None = None, /
) -> tuple[list[Any], list[Any], list[Any]]:
    reading = [(each, _connection(each)) for each in readers]
    writing = [(each, _connection(each)) for each in writers]
    if timeout is None and not reading and not writing:
        raise OSError(errno.EDEADLK, "select() without files and without a timeout never ends")
    writable = [each for each, connection in writing if connection.exchange is not None]
    _wait_readable((connection for _, connection in reading), 0 if writable else timeout)
    return [each for each, connection in reading if connection.readable], writable, []


class _Poll:
    """`select.poll()`."""

    def __init__(self) -> None:
        self._watched: dict[int, int] = {}

    def register(self, file: Any, events: int = select.POLLIN | select.POLLOUT, /) -> None:
        _connection(file)
        self._watched[file if isinstance(file, int) else file.fileno()] = events

    def modify(self, file: Any, events: int, /) -> None:
        if (file if isinstance(file, int) else file.fileno()) not in self._watched:
            raise FileNotFoundError(errno.ENOENT, "the file is not registered")
        self.register(file, events)

    def unregister(self, file: Any, /) -> None:
        del self._watched[file if isinstance(file, int) else file.fileno()]

    def poll(self, timeout: float | None = None, /) -> list[tuple[int, int]]:
        """Descriptors and events; `timeout` is in milliseconds."""
        seconds = None if timeout is None or timeout < 0 else timeout / 1000
        readers = [number for number, events in self._watched.items() if events & select.POLLIN]
        writers = [number for number, events in self._watched.items() if events & select.POLLOUT]
        readable, writable, _ = _select(readers, writers, (), seconds)
        found: dict[int, int] = {}
        for numbers, event in ((readable, select.POLLIN), (writable, select.POLLOUT)):
            for number in numbers:
                found[number] = found.get(number, 0) | event
        return list(found.items())


def install() -> None:
    """Replaces the functions of `select`. Must come before `selectors` is imported."""
    replaced: dict[str, Callable[..., Any]] = {"select": _select, "poll": _Poll}
    for name, value in replaced.items():
        setattr(select, name, value)
