"""Names of the SDK that only work in the user's own process: they import fine in here and say so when used."""

from __future__ import annotations

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


def run_javascript(*_: Any, **__: Any) -> NoReturn:
    """Outside: runs source code in JavaScript."""
    _refuse("run_javascript()")


def close(*_: Any, **__: Any) -> NoReturn:
    """Outside: stops the sidecar."""
    _refuse("close()")


def _refuse_journal(name: str) -> NoReturn:
    raise RuntimeError(
        f"{name} journals what your program does; inside a sandbox call the task itself, "
        "which is a step of your program's workflow"
    )


def step(*_: Any, **__: Any) -> NoReturn:
    """Outside: a step of a workflow that the program carries out itself."""
    _refuse_journal("step()")


class Workflow:
    """Outside: journals the tasks that are called within."""

    def __init__(self, *_: Any, **__: Any) -> None:
        _refuse_journal("workflow()")

    @staticmethod
    def run(*_: Any, **__: Any) -> NoReturn:
        """Outside: runs a function as a workflow."""
        _refuse_journal("workflow.run()")

    @staticmethod
    def run_sync(*_: Any, **__: Any) -> NoReturn:
        """Outside: `run` for code without an event loop."""
        _refuse_journal("workflow.run_sync()")

    @staticmethod
    def current() -> NoReturn:
        """Outside: the workflow around the code."""
        _refuse_journal("workflow.current()")


workflow = Workflow


class Session:
    """Outside: a sandbox that keeps its state from call to call."""

    def __init__(self, *_: Any, **__: Any) -> None:
        _refuse("Session()")


class Ceiling:
    """Outside: bounds what a run may be granted."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Takes what it is given: a program may make one at its top level."""


class Envelope(dict[str, Any]):
    """Outside: the whole outcome of a task."""


class CellResult:
    """Outside: what came of running source code."""


class Part:
    """Outside: a form of a value that displays can show."""


class FileInfo:
    """Outside: a file of a session."""
