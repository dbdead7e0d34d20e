"""Where tools run when no event loop of the user's does: a few threads, and one event loop.

All are daemons: a tool that never ends must not keep the interpreter from exiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from typing import TYPE_CHECKING

from capsule._errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["BackgroundLoop", "ToolThreads", "Work", "forget_threads", "waiting"]

MAX_ACTIVE = 32
"""Threads that run tools at once."""

MAX_WAITING = 256
"""Further threads, whose tools wait for tasks that they have called."""

MAX_ABANDONED = 64
"""Further threads, whose tools go on though nobody waits for them any more."""

_CLOSE_SECONDS = 1.0


class Work:
    """One run of a synchronous tool."""

    def __init__(self, run: Callable[[], None]) -> None:
        self.run = run
        self.started = False
        self.waits = 0
        self.abandoned = False
        self.over = False


class _Current(threading.local):
    """What the thread is at, if it is one of ``ToolThreads``."""

    threads: ToolThreads | None = None
    work: Work | None = None


_current = _Current()


@contextlib.contextmanager
def waiting() -> Iterator[None]:
    """Around a wait for a task: if a tool waits here, its thread does not count meanwhile.

    Else tools that wait for tasks whose tools wait for a thread would wait for ever.
    Raises ``RefusedError`` if too many wait already.
    """
    threads, work = _current.threads, _current.work
    if threads is None or work is None:
        yield
        return
    threads.begin_wait(work)
    try:
        yield
    finally:
        threads.end_wait(work)


def forget_threads() -> None:
    """In a forked child: this thread serves nobody here."""
    _current.threads = _current.work = None


class ToolThreads:
    """Runs synchronous tools, in the order in which they come."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._queue: deque[Work] = deque()
        self._active = 0
        self._idle = 0
        self._waiting = 0
        self._abandoned = 0
        self._closed = False

    def submit(self, work: Work) -> None:
        """Run it as soon as a thread is free."""
        with self._changed:
            if not self._closed:
                self._queue.append(work)
                self._changed.notify()
                self._grow()

    def abandon(self, work: Work) -> None:
        """Nobody waits for it any more: not begun, it is dropped; else its thread is replaced."""
        with self._changed:
            if not work.started:
                with contextlib.suppress(ValueError):
                    self._queue.remove(work)
            elif not work.over and not work.abandoned and self._abandoned < MAX_ABANDONED:
                work.abandoned = True
                self._abandoned += 1
                if not work.waits:
                    self._active -= 1
                self._grow()

    def begin_wait(self, work: Work) -> None:
        """See ``waiting``."""
        with self._changed:
            if work.waits == 0:
                if self._waiting >= MAX_WAITING:
                    raise RefusedError(
                        "overloaded",
                        f"more than {MAX_WAITING} tools wait for tasks that they have called; "
                        "call fewer at once, or make the tools async functions",
                    )
                self._waiting += 1
                if not work.abandoned:
                    self._active -= 1
                self._grow()
            work.waits += 1

    def end_wait(self, work: Work) -> None:
        """See ``waiting``."""
        with self._changed:
            work.waits -= 1
            if work.waits == 0:
                self._waiting -= 1
                if not work.abandoned:
                    self._active += 1

    def close(self) -> None:
        """Begin nothing more. What runs is left to end."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()

    def _grow(self) -> None:
        if len(self._queue) > self._idle and self._active < MAX_ACTIVE:
            self._active += 1
            threading.Thread(target=self._serve, name="capsule-tool", daemon=True).start()

    def _serve(self) -> None:
        _current.threads = self
        while (work := self._next()) is not None:
            _current.work = work
            try:
                work.run()
            finally:
                _current.work = None
                self._end(work)

    def _next(self) -> Work | None:
        with self._changed:
            self._idle += 1
            try:
                while not self._queue and not self._closed and self._active <= MAX_ACTIVE:
                    self._changed.wait()
                if self._queue and not self._closed and self._active <= MAX_ACTIVE:
                    work = self._queue.popleft()
                    work.started = True
                    return work
                self._active -= 1  # no more, or more than there should be: some came back
                return None
            finally:
                self._idle -= 1

    def _end(self, work: Work) -> None:
        with self._changed:
            work.over = True
            if work.abandoned:
                self._abandoned -= 1
                self._active += 1


class BackgroundLoop:
    """An event loop in a thread of its own, started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def get(self) -> asyncio.AbstractEventLoop:
        """The loop, which runs. Raises ``RuntimeError`` after ``close``."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the connection is closed")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_run, args=(self._loop,), name="capsule-tool-loop", daemon=True
                )
                self._thread.start()
            return self._loop

    def close(self) -> None:
        """Cancel what runs in it, and end it."""
        with self._lock:
            loop, thread, self._closed = self._loop, self._thread, True
        if loop is not None and thread is not None:
            with contextlib.suppress(RuntimeError):  # closed already
                loop.call_soon_threadsafe(loop.stop)
            if thread is not threading.current_thread():
                thread.join(_CLOSE_SECONDS)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
