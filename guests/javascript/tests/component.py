"""The JavaScript guest's component, in the sandbox that all guests are tested in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sandbox import Guest

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent.parent.parent / "build" / "guests" / "javascript.wasm"


@pytest.fixture(scope="session")
def component(pytestconfig: pytest.Config) -> Guest:
    """CAPSULE_GUEST_COMPONENT, else what the checkout's build made: flat, as the sidecar runs it."""
    wasm = Path(os.environ.get("CAPSULE_GUEST_COMPONENT", BUILT))
    if not wasm.exists():
        pytest.skip("the JavaScript half needs Node 20 or newer; install it and run ./capsule build")
    return Guest(wasm, Path(pytestconfig.cache.mkdir("component")), ".ts")


@pytest.fixture
def guest(component: Guest) -> Guest:
    component.reset()
    return component


def value(reply: Any) -> Any:
    assert "ok" in reply, reply
    return reply["ok"]


def failed(reply: Any, kind: str) -> dict[str, Any]:
    error: dict[str, Any] = reply["error"]
    assert error["type"] == kind, error
    return error
