"""The task's standard streams.

Output is written at line ends, so that it streams out, and in between kept, so that `print(a, b)` crosses the boundary
once. Any text can be printed: what UTF-8 cannot hold is shown as an escape. Input is empty.
"""

from __future__ import annotations

import io
import sys


def _writer(descriptor: int) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding="utf-8",
        errors="backslashreplace",
        newline="",
        line_buffering=True,
    )


_streams: list[io.TextIOWrapper] = []


def install() -> None:
    """Replaces the interpreter's streams. Called once, before the snapshot."""
    _streams[:] = (_writer(1), _writer(2))
    sys.stdout, sys.stderr = _streams
    sys.__stdout__, sys.__stderr__ = _streams  # type: ignore[misc]
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(  # type: ignore[misc]
        io.BufferedReader(io.BytesIO()),  # type: ignore[type-var, unused-ignore]
        encoding="utf-8",
    )


def flush() -> None:
    """Writes out what has been printed since the last line end, whatever the task did to its streams."""
    for stream in _streams:
        try:
            stream.flush()
        except (OSError, ValueError):  # closed by the task
            pass
    for current in (sys.stdout, sys.stderr):
        if current not in _streams and current is not None:
            try:
                current.flush()
            except Exception:  # whatever the task has put there
                pass
