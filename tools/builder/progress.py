"""Tells the user what the build is doing, on standard error, a short line for each step."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator


class Progress:
    """On a terminal the last line shows what is running; elsewhere only finished steps are printed."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._lock = threading.Lock()
        self._running: list[str] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Shows a step as running while the block lasts."""
        with self._lock:
            self._running.append(title)
            self._redraw()
        try:
            yield
        finally:
            with self._lock:
                self._running.remove(title)
                self._redraw()

    def finished(self, title: str, seconds: float) -> None:
        """Prints that a step is done, and how long it took."""
        self.say(f"{title}  {seconds:.1f} s")

    def say(self, text: str) -> None:
        """Prints a line."""
        with self._lock:
            self._erase()
            self._stream.write(f"capsule: {text}\n")
            self._redraw()

    def _redraw(self) -> None:
        self._erase()
        if self._live and self._running:
            self._stream.write(f"capsule: {', '.join(self._running)} ...")
        self._stream.flush()

    def _erase(self) -> None:
        if self._live:
            self._stream.write("\r\x1b[K")
