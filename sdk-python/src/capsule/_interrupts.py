"""Ends the block of a workflow that is revoked while an event loop runs it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capsule._openworkflow import OpenWorkflow

__all__ = ["Interrupts"]


class Interrupts:
    """Cancels the asyncio task that has entered the block, as ``asyncio.timeout`` does."""

    def __init__(self, opened: OpenWorkflow) -> None:
        """To be made by that task."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._before = self._cancelling()
        self._cancelled = False
        opened.interrupt = self._interrupt
        if opened.revoked is not None:  # before this was in its place
            self._interrupt()

    def _interrupt(self) -> None:
        """Called by any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None:
            self._cancelled = True
            self._task.cancel()

    async def end(self, error: BaseException | None) -> bool:
        """Interrupt no more; whether this is what has ended the block with that error."""
        task = self._task
        if not self._cancelled or task is None:
            self._task = None
            return False
        if hasattr(task, "uncancel"):  # from Python 3.11 on
            task.uncancel()
        foreign = self._cancelling() > self._before
        self._task = None
        if isinstance(error, asyncio.CancelledError):
            return not foreign
        try:
            await asyncio.sleep(0)  # the block was left before the cancellation has come
        except asyncio.CancelledError:
            if foreign:
                raise
        return False

    def _cancelling(self) -> int:
        task = self._task
        return task.cancelling() if task is not None and hasattr(task, "cancelling") else 0
