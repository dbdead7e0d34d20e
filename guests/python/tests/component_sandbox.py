"""The Python guest's component, in the sandbox that all guests are tested in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import FUEL, HOST, MIB, Guest, Sandbox, is_current

__all__ = ["FUEL", "GUEST", "HOST", "MIB", "Guest", "Sandbox", "component", "guest"]

GUEST = Path(__file__).resolve().parent.parent
SOURCES = (GUEST / "build.py", GUEST / "immortal.py", GUEST / "capsule_component.py", *GUEST.glob("capsule*/**/*.py"))


@pytest.fixture(scope="session")
def component(pytestconfig: pytest.Config) -> Guest:
    """CAPSULE_GUEST_COMPONENT, else the checkout's build of it, else a build of our own."""
    cache = Path(pytestconfig.cache.mkdir("component"))
    named = os.environ.get("CAPSULE_GUEST_COMPONENT")
    wasm = Path(named) if named else GUEST.parent.parent / "build" / "guests" / "python-linked.wasm"
    if not named and not is_current(wasm, SOURCES):
        wasm = cache / "guest.wasm"
        if not is_current(wasm, SOURCES):
            subprocess.run([sys.executable, str(GUEST / "build.py"), str(wasm)], check=True)
    return Guest(wasm, cache, ".py")


@pytest.fixture
def guest(component: Guest) -> Guest:
    component.reset()
    return component
