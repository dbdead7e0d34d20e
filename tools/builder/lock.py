"""Lets one build at a time work on a checkout."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt
    import time

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait_for_lock(descriptor: int) -> None:
        while not _try_lock(descriptor):
            time.sleep(0.1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait_for_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


@contextmanager
def build_lock(file: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the lock while the block runs. The system drops it when the process ends, however it ends.

    ``waiting`` is called once if another process has it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # Python opens files close-on-exec, so no tool that the build starts can hold the lock beyond it.
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _try_lock(descriptor):
            waiting()
            _wait_for_lock(descriptor)
        yield
    finally:
        os.close(descriptor)
