"""Which workflow the running code belongs to, and what ``context()`` tells.

It is a context variable: tasks of asyncio and ``asyncio.to_thread`` inherit it, threads that are
started otherwise do not.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule._openworkflow import OpenWorkflow
    from capsule._workflow import Workflow

__all__ = [
    "Context",
    "Scope",
    "Step",
    "context",
    "current_scope",
    "current_step",
    "current_workflow",
    "enter",
    "entered",
    "leave",
    "leave_workflow",
]


@dataclasses.dataclass(frozen=True)
class Context:
    """Where the running code stands; what does not apply is None."""

    run_id: str | None = None
    """Inside a sandbox: the run's id."""

    attempt: int | None = None
    """Inside a sandbox: which attempt of the task this is, from 0."""

    trace_id: str | None = None
    """Inside a sandbox: the id of its trace, 32 hex digits."""

    workflow_id: str | None = None
    """The workflow's id."""

    step_id: str | None = None
    """The step's id; in a tool that of the step which calls it. It is the same whenever the step
    runs again, also after a crash: pass it on as idempotency key to what must not happen twice."""


class Step:
    """A call that is a step of a workflow, however often its request is sent."""

    def __init__(self, workflow: OpenWorkflow) -> None:
        self.workflow = workflow
        self._number: int | None = None

    def number(self, module: str, task: str, args: str, kwargs: str) -> int:
        """Its number among those that are the same; ``args`` and ``kwargs`` are JSON."""
        self.workflow.check()
        if self._number is None:
            self._number = self.workflow.occurrences.next("task", task, args, kwargs, module)
        return self._number


@dataclasses.dataclass(frozen=True)
class Scope:
    """What the code in it belongs to."""

    workflow: OpenWorkflow | None
    """The one whose steps the calls are; None in a step of the program's own and in a tool: what
    they call is a part of them."""

    context: Context
    owner: Workflow | None = None
    """As what the user has that workflow."""

    pid: int = dataclasses.field(default_factory=os.getpid)


_scope: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("capsule_scope", default=None)


def current_scope() -> Scope | None:
    """The scope of the running code. A forked child has none: the workflow is its parent's."""
    scope = _scope.get()
    return scope if scope is None or scope.pid == os.getpid() else None


def current_workflow() -> OpenWorkflow | None:
    """The workflow whose steps the running code's calls are."""
    scope = current_scope()
    return None if scope is None else scope.workflow


def current_step() -> Step | None:
    """A new step of that workflow."""
    workflow = current_workflow()
    return None if workflow is None else Step(workflow)


def context() -> Context:
    """Where the running code stands: ``context().step_id``, ``.workflow_id``, ….

    In your program it tells the workflow, and in ``step`` the step; inside a sandbox the run, its
    attempt and its trace, too. What does not apply is None.
    """
    scope = current_scope()
    return Context() if scope is None else scope.context


@contextlib.contextmanager
def entered(scope: Scope) -> Iterator[None]:
    """Around code that belongs to the scope."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        leave(token)


def enter(scope: Scope) -> contextvars.Token[Scope | None]:
    """From here on code belongs to the scope, until ``leave``."""
    return _scope.set(scope)


def leave(token: contextvars.Token[Scope | None]) -> None:
    """End what the token's ``enter`` began."""
    try:
        _scope.reset(token)
    except ValueError:  # entered in another context, as by a fixture: that one is over
        _scope.set(None)


def leave_workflow(step_id: str | None) -> None:
    """For a tool: it is called by a step, and is a part of it."""
    scope = _scope.get()
    if scope is not None:
        _scope.set(Scope(None, Context(workflow_id=scope.context.workflow_id, step_id=step_id)))


Context.__module__ = "capsule"
