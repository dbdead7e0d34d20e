"""The connections behind the sockets of the sandbox, and waiting for them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from time import monotonic

from capsule_guest.exchange import PART, Exchange

FIRST_DESCRIPTOR = 1 << 20
"""File descriptors of sockets start here: far from those of files, which WASI counts from 0."""


class Connection:
    """What a socket's file descriptor stands for: once connected, an exchange, and its operation at the host."""

    def __init__(self) -> None:
        self.exchange: Exchange | None = None
        self._operation: int | None = None
        self._is_late = False
        """True if the time limit for the answer has already passed while sending."""

    def send(self, data: memoryview, deadline: float) -> None:
        """Sends all of it, and after the request's last part waits for the answer. Raises OSError.

        Only then it is known whether there is such a server: libraries tell an error in connecting from one in reading.
        """
        exchange = self._connected()
        for start in range(0, len(data), PART):
            exchange.feed(data[start : start + PART])
            self.start()
            while self._operation is not None and not exchange.asked:
                if not wait_for((self,), deadline):
                    if deadline == 0:  # not to block: the rest goes when the answer is waited for
                        break
                    raise TimeoutError("timed out")
                self.start()
        if exchange.asked and deadline:
            self._is_late = self._operation is not None and not wait_for((self,), deadline)
        exchange.check()

    def receive(self, size: int, deadline: float) -> bytes:
        """What has come of the answer, at most `size` bytes; none at its end. Raises OSError."""
        exchange = self._connected()
        while not exchange.readable:
            self.start()
            if self._operation is None:
                exchange.expect_answer()
            if self._is_late or (not wait_for((self,), deadline) and not exchange.readable):
                self._is_late = False
                if deadline == 0:
                    raise BlockingIOError(_again(), "the answer is not there yet")
                raise TimeoutError("timed out")
        return exchange.take(size)

    def start(self) -> None:
        """Starts the next operation, if there is one to start."""
        from capsule_guest import host, wire

        if self.exchange is not None and self._operation is None:
            operation = self.exchange.next_operation()
            if operation is not None:
                self._operation = host.submit(wire.encode_ascii(operation))

    def close(self) -> None:
        """Stops what is going on for it at the host."""
        from capsule_guest import host, wire

        number, self._operation = self._operation, None
        if number is not None:
            host.cancel(number)
        operation = self.exchange.close() if self.exchange is not None else None
        if operation is not None:
            host.submit(wire.encode_ascii(operation))

    @property
    def readable(self) -> bool:
        """True if reading would not wait."""
        return self.exchange is not None and self.exchange.readable

    def _connected(self) -> Exchange:
        if self.exchange is None:
            import errno

            raise OSError(errno.ENOTCONN, "the socket is not connected")
        return self.exchange


def wait_for(connections: Iterable[Connection], deadline: float) -> bool:
    """Waits for the end of any of their operations, until `deadline` (by `monotonic`; 0: not at all, inf: for ever).

    False if none has ended.
    """
    from capsule_guest import host

    waiting: dict[int, Connection] = {}
    for each in connections:
        if each._operation is not None:
            waiting[each._operation] = each
    limit = None
    if deadline != math.inf:
        limit = host.milliseconds(max(deadline - monotonic(), 0)) if deadline else 0
    if not waiting:
        if limit is None:
            raise OSError("this would wait for ever: nothing has been asked of any of these connections")
        if limit:
            host.wait((), limit)
        return False
    ended = False
    for completion in host.wait(list(waiting), limit):
        connection = waiting[completion["id"]]
        connection._operation = None
        if connection.exchange is not None:
            connection.exchange.completed(completion)
        ended = True
    return ended


_open: dict[int, Connection] = {}
_last = FIRST_DESCRIPTOR


def add(connection: Connection) -> int:
    """Gives the connection a file descriptor."""
    global _last
    _last += 1
    _open[_last] = connection
    return _last


def of(descriptor: int) -> Connection | None:
    """The connection of a file descriptor."""
    return _open.get(descriptor)


def remove(descriptor: int) -> None:
    """Closes the file descriptor, and its connection if no other is open for it."""
    connection = _open.pop(descriptor, None)
    if connection is not None and connection not in _open.values():
        connection.close()


def _again() -> int:
    import errno

    return errno.EAGAIN
