"""The scripted peer's journal: a JSON file that the next peer finds, keyed by what is asked.

It is no model of the real one: it knows neither leases nor mismatches. See `fake_sidecar`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = Callable[[dict[str, Any]], None]

FILE = Path(os.environ["FAKE_LOG"]).with_suffix(".journal")
PAGES = Path(os.environ["FAKE_LOG"]).with_suffix(".replay")
"""What a test has `replaySteps` answer: a JSON list of pages."""

KNOWN: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def key_of(name: str, params: dict[str, Any]) -> str:
    return f"{name}-{json.dumps(params.get('args'))}-{params['occurrence']}"


def keep(key: str, outcome: Any) -> None:
    KNOWN[key] = outcome
    FILE.write_text(json.dumps(KNOWN), encoding="utf-8")


def open_workflow(params: dict[str, Any]) -> dict[str, Any]:
    found = FILE.exists() or PAGES.exists()
    state = "finished" if "result" in KNOWN else "resumed" if found else "new"
    return {
        "workflow": None if state == "finished" and not params["replay"] else "w1",
        "state": state,
        "result": KNOWN.get("result"),
        "steps": len(KNOWN) + sum(len(page) for page in pages()),
        "runs": 1,
    }


def pages() -> list[Any]:
    return list(json.loads(PAGES.read_text(encoding="utf-8"))) if PAGES.exists() else [[]]


def replay_steps(params: dict[str, Any]) -> dict[str, Any]:
    at = params["after"] or 0
    return {"steps": pages()[at], "next": at + 1 if at + 1 < len(pages()) else None}


def begin_step(params: dict[str, Any]) -> dict[str, Any]:
    key = key_of(params["name"], params)
    known = KNOWN.get(key)
    return {
        "step": key,
        "done": known is not None,
        "success": known and known["success"],
        "result": known and known.get("result"),
        "error": known and known.get("error"),
    }


def end_step(params: dict[str, Any]) -> None:
    if os.environ.get("FAKE_FORGET_END") and not FILE.exists():
        keep("died", {})
        os._exit(7)
    keep(params["step"], params)


def record_step(params: dict[str, Any]) -> dict[str, Any]:
    key = key_of(params["name"], params)
    if key not in KNOWN:
        keep(key, params["result"])
    return {"result": KNOWN[key]}


def close_workflow(params: dict[str, Any]) -> None:
    if params["outcome"] == "finished":
        keep("result", params["result"])
        if os.environ.get("FAKE_DIE_AT_END"):
            os._exit(7)


METHODS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "openWorkflow": open_workflow,
    "beginStep": begin_step,
    "endStep": end_step,
    "recordStep": record_step,
    "closeWorkflow": close_workflow,
    "replaySteps": replay_steps,
}
