"""Imports the standard library before the snapshot: afterwards there are no files that it could be imported from.

It costs a task nothing, because memory that is not touched is shared by all sandboxes.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import pkgutil
import sys
import warnings

LEFT_OUT = (
    "__main__",
    "_aix_support",
    "_android_support",
    "_apple_support",
    "_ios_support",
    "_osx_support",
    "_pydatetime",
    "_pydecimal",
    "_pyio",
    "_pyrepl",
    "antigravity",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "test",
    "tkinter",
    "turtle",
    "turtledemo",
    "venv",
)
"""Not for programs: tests, demonstrations, tools with a screen, and what acts when it is imported."""

unavailable: dict[str, str] = {}
"""Modules that cannot be imported in WASI, and why."""


def import_everything() -> None:
    """Imports every module of the standard library, submodules too, and notes what cannot be."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for name in sorted(sys.stdlib_module_names):
            if not _is_left_out(name):
                _import(name)
    gc.collect()


def _is_left_out(name: str) -> bool:
    parts = name.split(".")
    return parts[0] in LEFT_OUT or parts[-1] in ("__main__", "test", "tests")


def _import(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except Exception as error:
        unavailable[name] = f"{type(error).__name__}: {error}"
        return
    path = getattr(module, "__path__", None)
    for found in pkgutil.iter_modules(path) if path else ():
        child = f"{name}.{found.name}"
        if not _is_left_out(child):
            _import(child)
