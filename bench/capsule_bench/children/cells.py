"""Seconds of trivial tasks, snippets and cells by turns: a line of JSON for each count on standard input."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from capsule import Session, run_python

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "programs"))

import hello


def _seconds(count: int, action: Callable[[], object]) -> list[float]:
    each = []
    for _ in range(count):
        began = time.perf_counter()
        action()
        each.append(time.perf_counter() - began)
    return each


def _snippet() -> None:
    if run_python("1 + 1").value != 2:  # noqa: PLR2004
        raise ValueError("1 + 1")


with Session() as session:
    session.run("x = 0").check()
    ran = 0
    for line in sys.stdin:
        count = int(line)
        reply = {
            "task": _seconds(count, lambda: hello.main("bench")),
            "snippet": _seconds(count, _snippet),
            "cell": _seconds(count, lambda: session.run("x += 1; x")),
        }
        ran += count
        if session.run("x").value != ran:
            raise ValueError("a cell was lost")
        print(json.dumps(reply), flush=True)
