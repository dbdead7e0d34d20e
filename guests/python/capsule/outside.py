"""Names of the SDK that only work in the user's own process: they import fine in here and say so when used."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn


def _refuse(name: str) -> NoReturn:
    raise RuntimeError(f"{name} starts sandboxes from your program; inside a sandbox call the task itself")


def run(*_: Any, **__: Any) -> NoReturn:
    """Outside: runs a task of a file."""
    _refuse("run()")


def run_sync(*_: Any, **__: Any) -> NoReturn:
    """Outside: `run` for code without an event loop."""
    _refuse("run_sync()")


def run_python(*_: Any, **__: Any) -> NoReturn:
    """Outside: runs source code."""
    _refuse("run_python()")


def close(*_: Any, **__: Any) -> NoReturn:
    """Outside: stops the sidecar."""
    _refuse("close()")


def workflow(*_: Any, **__: Any) -> NoReturn:
    """Outside: journals the tasks that are called within."""
    _refuse("workflow()")


class Session:
    """Outside: a sandbox that keeps its state from call to call."""

    def __init__(self, *_: Any, **__: Any) -> None:
        _refuse("Session()")


class Envelope(dict[str, Any]):
    """Outside: the whole outcome of a task."""


def tool(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Outside: declares a function that runs in the user's process. In here it only has a name."""
    if function is None:
        return functools.partial(tool, **options)
    return Tool(function, options.get("name") or function.__name__)


class Tool:
    """A function of the user's process, as a task's options name it."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        functools.update_wrapper(self, function)
        self.name = name

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        raise RuntimeError(f"the tool {self.name}() runs in your process; this sandbox was not given it")
