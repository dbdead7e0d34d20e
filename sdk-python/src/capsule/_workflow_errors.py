"""The exceptions of workflows, and how the sidecar's error replies become them.

WorkflowError            a workflow is used where or how it cannot be
├── WorkflowBusy         it runs elsewhere at this moment
├── WorkflowCancelled    someone has cancelled it
├── ReplayMismatch       the program no longer does what the journal has of it
└── JournalError         the journal cannot be written, read or trusted
StepError                a step of the program's own has failed
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from capsule._errors import CapsuleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capsule._connection import RpcError

__all__ = [
    "JournalError",
    "ReplayMismatch",
    "StepError",
    "WorkflowBusy",
    "WorkflowCancelled",
    "WorkflowError",
    "of_kind",
    "of_reply",
]

_JOURNAL_ERROR = -32013
_REPLAY_MISMATCH = -32014


class WorkflowError(CapsuleError):
    """A workflow is used where or how it cannot be; or one of the subclasses says what happened."""


class WorkflowBusy(WorkflowError):
    """The workflow runs at this moment, in another process or another part of this one."""


class WorkflowCancelled(WorkflowError):
    """Someone has cancelled the workflow, as by ``capsule cancel ID``.

    It does not run again until it is resumed, as by ``capsule resume ID``.
    """


class ReplayMismatch(WorkflowError):
    """The program no longer does what the journal has of it.

    It was changed, or is not the same each time, as by a random number that ``wf.random()`` did not
    draw. What follows is the choice of ``on_change``.
    """

    recorded: Mapping[str, Any] | None
    """The step in the journal: ``{"kind", "name", "args"}``; ``args`` may be shortened."""

    asked: Mapping[str, Any] | None
    """The step that the program asks for now, likewise."""

    workflow: str | None
    """The workflow's id."""

    def __init__(
        self,
        message: str,
        workflow: str | None = None,
        recorded: Mapping[str, Any] | None = None,
        asked: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, workflow, recorded, asked)
        self.workflow = workflow
        self.recorded = recorded
        self.asked = asked

    def __str__(self) -> str:
        """What does not fit."""
        return str(self.args[0])


class JournalError(WorkflowError):
    """The journal cannot be written, read or trusted; what it holds is not lost by that."""

    kind: str
    """``"full"``, ``"read_only"``, ``"damaged"``, ``"newer"``, ``"unavailable"``, or ``"lost"``:
    another process has taken the workflow over."""

    journal: str | None
    """Where the journal is: a file, or a server's address."""

    def __init__(self, message: str, kind: str = "unavailable", journal: str | None = None) -> None:
        super().__init__(message, kind, journal)
        self.kind = kind
        self.journal = journal

    def __str__(self) -> str:
        """What happened and what to do."""
        return str(self.args[0])


class StepError(CapsuleError):
    """A step of the program's own has failed, in this run or in an earlier one.

    It is the same in each run of the workflow, so that ``except`` clauses are, too. In the run in
    which the step failed its ``__cause__`` is the exception itself.
    """

    step: str
    """Name of the step."""

    class_name: str | None
    """Name of the exception's class, such as ``"KeyError"``."""

    message: str
    """The exception's message."""

    traceback: str | None
    """The exception's traceback, as text."""

    step_id: str | None
    """The step's id, as of ``context().step_id``."""

    def __init__(self, step: str, error: Mapping[str, Any], step_id: str | None = None) -> None:
        super().__init__(step, error, step_id)
        self.step = step
        self.class_name = error.get("class")
        self.message = error.get("message") or ""
        self.traceback = error.get("traceback")
        self.step_id = step_id

    @property
    def summary(self) -> str:
        """Which step failed and how, on one line, without the traceback."""
        what = ": ".join(part for part in (self.class_name, self.message) if part)
        return f"the step {self.step!r}: {what or 'failed'}"

    def __str__(self) -> str:
        """Say which step failed and how; where, too, if that is not told by ``__cause__``."""
        if not self.traceback or self.__cause__ is not None:
            return self.summary
        shown = textwrap.indent(self.traceback.rstrip(), "  ")
        return f"{self.summary}\n\nIn the run that recorded it:\n{shown}"


def of_reply(error: RpcError) -> WorkflowError | None:
    """The exception for an error reply; None if it does not speak of a workflow."""
    if error.code == _JOURNAL_ERROR:
        kind, journal = error.data.get("kind"), error.data.get("journal")
        return of_kind(
            str(kind or "unavailable"), error.message, journal if journal is None else str(journal)
        )
    if error.code == _REPLAY_MISMATCH:
        data = error.data
        return ReplayMismatch(
            error.message, data.get("workflow"), data.get("recorded"), data.get("asked")
        )
    return None


def of_kind(kind: str, message: str, journal: str | None = None) -> WorkflowError:
    """The exception for one of the journal's ``kind``s."""
    if kind == "busy":
        return WorkflowBusy(message)
    if kind == "cancelled":
        return WorkflowCancelled(message)
    return JournalError(message, kind, journal)


# Users see and catch these as `capsule.X`; tracebacks and pickles should say the same.
for _name in __all__:
    if _name[0].isupper():
        globals()[_name].__module__ = "capsule"
