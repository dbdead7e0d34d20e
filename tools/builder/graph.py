"""Runs the steps that are stale, two at a time, each after those that it needs."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from builder.errors import BuildError
from builder.stamp import digest, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from builder.progress import Progress


@dataclass(frozen=True)
class Step:
    """One thing that the build makes.

    It is stale if its outputs are not all there, or if the content of its inputs or one of the ``extra``
    texts has changed since it last succeeded.
    """

    name: str
    title: str
    action: Callable[[], None]
    outputs: Sequence[Path]
    inputs: Sequence[Path] = ()
    extra: Sequence[str] = ()
    after: Sequence[str] = field(default=())


class Graph:
    """The steps of a checkout, with their stamps."""

    def __init__(self, root: Path, stamps: Path, steps: Sequence[Step]) -> None:
        self._root = root
        self._stamps = stamps
        self._steps = {step.name: step for step in steps}

    @property
    def names(self) -> list[str]:
        """Every step's name, in order."""
        return list(self._steps)

    def needed_for(self, wanted: Sequence[str]) -> list[Step]:
        """The wanted steps and all that they need, in order."""
        needed: set[str] = set()
        pending = list(wanted)
        while pending:
            name = pending.pop()
            if name not in needed:
                needed.add(name)
                pending.extend(self._steps[name].after)
        return [step for step in self._steps.values() if step.name in needed]

    def is_current(self, step: Step) -> bool:
        """Whether there is nothing to do for a step."""
        stamp = self._stamps / step.name
        if not stamp.is_file() or not all(output.exists() for output in step.outputs):
            return False
        return stamp.read_text(encoding="utf-8") == self._digest(step)

    def _check_inputs(self, step: Step) -> None:
        missing = [str(path) for path in step.inputs if not path.exists()]
        if missing:
            raise BuildError(f"{step.title}: the checkout lacks {', '.join(missing)}")

    def run(self, wanted: Sequence[str], progress: Progress) -> None:
        """Brings the wanted steps up to date. The first error stops the rest, once running steps have ended."""
        todo = self.needed_for(wanted)
        running: dict[Future[None], Step] = {}
        done: set[str] = set()
        names = {step.name for step in todo}
        with ThreadPoolExecutor(max_workers=2) as pool:
            while todo or running:
                for step in [s for s in todo if done.issuperset(names.intersection(s.after))]:
                    todo.remove(step)
                    running[pool.submit(self._bring_up_to_date, step, progress)] = step
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    step = running.pop(future)
                    future.result()
                    done.add(step.name)

    def _bring_up_to_date(self, step: Step, progress: Progress) -> None:
        self._check_inputs(step)
        if self.is_current(step):
            return
        # Without its stamp the step counts as not done, should this process end in the middle.
        (self._stamps / step.name).unlink(missing_ok=True)
        # A file that changes while the step runs makes it stale: the digest is of what was there before.
        before = self._digest(step)
        started = time.monotonic()
        with progress.step(step.title):
            step.action()
        progress.finished(step.title, time.monotonic() - started)
        write_atomically(self._stamps / step.name, before)

    def _digest(self, step: Step) -> str:
        return digest(self._root, step.inputs, step.extra)
