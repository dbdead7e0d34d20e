"""The task's standard streams.

Output is written at line ends, so that it streams out, and in between kept, so that `print(a, b)` crosses the boundary
once. Any text can be printed: what UTF-8 cannot hold is shown as an escape. Input is empty.
"""

from __future__ import annotations

import io
import sys
from time import monotonic

LINES_AT_ONCE = 1_000
"""Lines that are each written as they end. Crossing the boundary costs much more than keeping a line, so a task that
prints more than these has its lines gathered for a few milliseconds, and at most until it waits or ends."""

LINES_AFTER_A_PAUSE = 10
PAUSE_SECONDS = 0.005


class _Gatherer(io.BufferedWriter):
    """Below a text stream that flushes at each line end: decides whether a flush crosses the boundary now.

    It is here, and not in the text stream, because a line is several writes, and those should stay in C.
    """

    _at_once = LINES_AT_ONCE
    _flushed = 0.0

    def flush(self) -> None:
        if self._at_once > 0:
            self._at_once -= 1
            super().flush()
        else:
            now = monotonic()
            if now - self._flushed >= PAUSE_SECONDS:
                self._flushed = now
                self._at_once = LINES_AFTER_A_PAUSE
                super().flush()

    def start_over(self) -> None:
        """As before the first line."""
        self._at_once = LINES_AT_ONCE

    def flush_all(self) -> None:
        """Flushes whatever there is."""
        super().flush()

    def close(self) -> None:
        if not self.closed:
            super().flush()
        super().close()


def _writer(descriptor: int) -> tuple[io.TextIOWrapper, _Gatherer]:
    gatherer = _Gatherer(io.FileIO(descriptor, "w", closefd=False))
    text = io.TextIOWrapper(
        gatherer,
        encoding="utf-8",
        errors="backslashreplace",
        newline="",
        line_buffering=True,
    )
    return text, gatherer


_streams: list[tuple[io.TextIOWrapper, _Gatherer]] = []


def install() -> None:
    """Replaces the interpreter's streams. Called once, before the snapshot."""
    _streams[:] = (_writer(1), _writer(2))
    (sys.stdout, _), (sys.stderr, _) = _streams
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(  # type: ignore[misc]
        io.BufferedReader(io.BytesIO()),  # type: ignore[type-var, unused-ignore]
        encoding="utf-8",
    )


def reopen() -> None:
    """Gives the streams back that the last cell has closed."""
    for index, name in enumerate(("stdout", "stderr")):
        old, _ = _streams[index]
        if old.closed:
            _streams[index] = _writer(index + 1)
            if getattr(sys, name, None) in (old, None):
                setattr(sys, name, _streams[index][0])
            setattr(sys, f"__{name}__", _streams[index][0])


def start_over() -> None:
    """Each cell may print as many lines at once as a task."""
    for _, gatherer in _streams:
        gatherer.start_over()


def flush() -> None:
    """Writes out what has been printed since the last line end, whatever the task did to its streams."""
    own = []
    for stream, gatherer in _streams:
        own.append(stream)
        try:
            stream.flush()
            gatherer.flush_all()
        except (OSError, ValueError):  # closed by the task
            pass
    for current in (sys.stdout, sys.stderr):
        if current not in own and current is not None:
            try:
                current.flush()
            except Exception:  # whatever the task has put there
                pass
