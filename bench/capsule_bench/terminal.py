"""Programs at a pseudo-terminal, as somebody sees them who types: only where there are any, so not on Windows."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from typing import TYPE_CHECKING

from capsule_bench.child import ChildFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ROWS, COLUMNS = 24, 80
PATIENCE = 60.0  # seconds
CONTROL = re.compile(rb"\x1b\[[0-9;?]*[$ ]?[@-~]|\x1b[=>]")
END = b"\x04"


class Terminal:
    """A process and the terminal that it shows its output at."""

    def __init__(self, name: str, process: int, descriptor: int, began: float) -> None:
        self.name = name
        self.began = began
        """When it was started, by ``time.perf_counter``."""
        self._process = process
        self._descriptor = descriptor

    def type(self, keys: bytes) -> None:
        """Types."""
        os.write(self._descriptor, keys)

    def wait(self, text: bytes) -> float:
        """Reads until a text is shown, between whatever else; returns when, by ``time.perf_counter``.

        What was shown before the last wait ended does not count.
        """
        shown = b""
        deadline = time.monotonic() + PATIENCE
        while text not in CONTROL.sub(b"", shown):
            ready, _, _ = select.select([self._descriptor], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise ChildFailedError(f"{self.name} did not show {text!r}, but {shown!r}")
            piece = self._read()
            if not piece:
                raise ChildFailedError(f"{self.name} ended; it showed {shown!r}, not {text!r}")
            shown += piece
        return time.perf_counter()

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, 65536)
        except OSError:  # Linux tells so that nobody has the other side open any more
            return b""

    def leave(self) -> None:
        """Types what ends the input, and waits for the end of the process."""
        self.type(END)
        while self._read():
            pass
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        if status:
            raise ChildFailedError(f"{self.name} ended with status {os.waitstatus_to_exitcode(status)}")

    def close(self) -> None:
        """Ends what is still there."""
        os.close(self._descriptor)
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)


@contextlib.contextmanager
def terminal(name: str, command: Sequence[str], folder: Path, environment: dict[str, str]) -> Iterator[Terminal]:
    """A new terminal with a program that runs in a folder; ended at the end."""
    began = time.perf_counter()
    process, descriptor = pty.fork()
    if not process:
        _become(command, folder, environment)
    opened = Terminal(name, process, descriptor, began)
    try:
        yield opened
        opened.leave()
    finally:
        opened.close()


def _become(command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    """Makes this process, a fork, the program; never returns."""
    try:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.chdir(folder)
        os.execvpe(command[0], [*command], environment)  # noqa: S606 - a benchmark starts programs
    finally:
        os._exit(127)
