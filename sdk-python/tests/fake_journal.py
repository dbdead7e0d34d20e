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
CLAIMED: set[str] = set()
KNOWN: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def claim(name: str, args: Any) -> str:
    """The key of the first step of that name and those arguments that is not taken."""
    occurrence = 0
    while (key := f"{name}-{json.dumps(args)}-{occurrence}") in CLAIMED:
        occurrence += 1
    CLAIMED.add(key)
    return key


def keep(key: str, outcome: Any) -> None:
    KNOWN[key] = outcome
    FILE.write_text(json.dumps(KNOWN), encoding="utf-8")


def open_workflow(params: dict[str, Any]) -> dict[str, Any]:
    claimed = params.get("claimed")
    CLAIMED.update(claimed or ())
    state = "finished" if "result" in KNOWN else "resumed" if FILE.exists() else "new"
    return {
        "workflow": None if state == "finished" and not params["replay"] else "w1",
        "state": state,
        "result": KNOWN.get("result"),
        "steps": len(KNOWN),
        "runs": 1,
        **({} if claimed is None or os.environ.get("FAKE_OLD") else {"claimed": len(claimed)}),
    }


def begin_step(params: dict[str, Any]) -> dict[str, Any]:
    key = claim(params["name"], params.get("args"))
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
    key = claim(params["name"], None)
    if key not in KNOWN:
        keep(key, params["result"])
    return {"result": KNOWN[key], "step": key}


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
}
