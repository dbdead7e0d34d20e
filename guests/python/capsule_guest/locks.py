"""Locks for a program of one thread: where it would wait for another thread, it would wait for ever.

The interpreter's own locks end the sandbox then, with nothing that says why. These raise, and wait for a time limit by
the host's clock.
"""

from __future__ import annotations

import _thread
import queue
import threading
from typing import Any, NoReturn

from capsule_guest import host


def _refuse_to_wait(what: str) -> NoReturn:
    raise RuntimeError(f"{what} would wait for ever: there are no other threads inside the sandbox to end the wait")


class Lock:
    """`threading.Lock` without other threads."""

    def __init__(self) -> None:
        self._held = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if not self._held:
            self._held = True
            return True
        if not blocking:
            if timeout != -1:
                raise ValueError("can't specify a timeout for a non-blocking call")
            return False
        if timeout == -1:
            _refuse_to_wait("Lock.acquire()")
        if timeout < 0:
            raise ValueError("timeout value must be a non-negative number")
        host.sleep(timeout)
        return False

    def release(self) -> None:
        if not self._held:
            raise RuntimeError("release unlocked lock")
        self._held = False

    def locked(self) -> bool:
        return self._held

    __enter__ = acquire

    def __exit__(self, *_: object) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self._held = False

    def __repr__(self) -> str:
        return f"<{'locked' if self._held else 'unlocked'} Lock at {id(self):#x}>"


def _wait(self: Any, timeout: float | None = None) -> bool:
    """`Condition.wait`: nobody can notify, so only the time limit ends it."""
    if not self._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    if timeout is None:
        _refuse_to_wait("waiting for an Event, a Condition, a Semaphore or a Queue")
    host.sleep(max(timeout, 0))
    return False


def install() -> None:
    """Replaces the locks of `threading`, and what is built on them."""
    threading.Lock = threading._allocate_lock = Lock  # type: ignore[assignment, attr-defined]
    _thread.allocate_lock = _thread.allocate = Lock  # type: ignore[assignment]
    threading.Condition.wait = _wait  # type: ignore[method-assign]
    queue.SimpleQueue = queue._PySimpleQueue  # type: ignore[misc, attr-defined]
