"""``workflow``: a piece of a program whose finished steps are not repeated when it runs again."""

from __future__ import annotations

import datetime
import inspect
import json
import logging
import os
import random
import uuid
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from capsule._drive import drive, drive_async
from capsule._errors import SidecarError
from capsule._failure import failure, steps_of
from capsule._interrupts import Interrupts
from capsule._json import InvalidValueError, encode, encode_plain
from capsule._openworkflow import OpenWorkflow
from capsule._scope import Context, Scope, current_scope, current_workflow, enter, leave
from capsule._task import in_event_loop
from capsule._whereabouts import calling_module, whereabouts
from capsule._workflow_errors import JournalError, WorkflowCancelled, WorkflowError

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Awaitable, Callable, Coroutine
    from concurrent.futures import Future
    from types import TracebackType

    from typing_extensions import Self, TypeVarTuple, Unpack

    from capsule._drive import Waits

    Ts = TypeVarTuple("Ts")

__all__ = ["Workflow", "workflow"]

R = TypeVar("R")

OnChange = Literal["fail", "restart", "continue"]
Durability = Literal["full", "relaxed", "off"]


class Workflow:
    """Journals what runs in it: ``async with workflow("research-42"):``, or ``with``.

    It is ``async with`` inside of an event loop, and ``with`` elsewhere.

    Each call of a task in the block, and each ``step``, is a step of the workflow: its outcome is
    written down before the program has it. When the program runs again with the same id, finished
    steps are not repeated: their outcomes come from the journal, and the program goes on from
    there. A step that was under way when something died runs again, with the same
    ``context().step_id``.

    - ``id``: 1 to 200 characters; the same for runs that belong together.
    - ``on_change``: what follows where the program no longer does what is recorded: ``"fail"``
      (``ReplayMismatch``), ``"restart"`` (what is recorded is dropped, and ``ReplayMismatch`` says
      to run it again; ``workflow.run`` does so itself), ``"continue"`` (recorded steps that nobody
      asks for stay unused).
    - ``durability``: ``"full"`` (a step is safe from a power cut when the program has its result),
      ``"relaxed"`` (from a crash of the program and of Capsule), ``"off"`` (nothing is written);
      None: what the project's configuration says.

    Leaving the block ends the workflow: finished, or failed if an exception leaves it. An interrupt
    (Ctrl-C, a cancelled task, ``sys.exit``) leaves it to be gone on with. When a finished one is
    entered again all of its steps come from the journal; ``workflow.run`` does not even go through
    them.

    Entering raises ``WorkflowBusy`` if the workflow runs elsewhere, ``WorkflowCancelled`` if it was
    cancelled, ``WorkflowError`` inside of another workflow, ``OptionError`` for a parameter that is
    refused, ``JournalError`` and ``SidecarError``. When someone cancels it, its block is
    interrupted, and ends with ``WorkflowCancelled``.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - what users call it
        *,
        on_change: OnChange = "fail",
        durability: Durability | None = None,
    ) -> None:
        if not isinstance(id, str):
            raise TypeError(f"a workflow's id is a string, not {type(id).__name__}")
        self.id = id
        """The workflow's id."""
        self.resumed = False
        """Whether an earlier run had begun it."""
        self.finished = False
        """Whether an earlier run had finished it."""
        self._on_change = on_change
        self._durability = durability
        self._module = calling_module()
        self._input: str | None = None
        self._replay = True
        self._result: str | None = None
        self._tried: OpenWorkflow | None = None
        self._open: OpenWorkflow | None = None
        self._token: contextvars.Token[Scope | None] | None = None
        self._interrupts: Interrupts | None = None

    @property
    def result(self) -> Any:
        """What a finished workflow's journal keeps; until then, what was assigned to it.

        Assign a JSON value in the block to have it kept. That of a finished workflow stays as it
        is. Raises ``TypeError`` if the value has no JSON form.
        """
        return None if self._result is None else json.loads(self._result)

    @result.setter
    def result(self, value: object) -> None:
        if not self.finished:
            self._result = _json(f"the result of the workflow {self.id!r}", "result", value)

    @staticmethod
    def current() -> Workflow:
        """The workflow whose block the code runs in. Raises ``WorkflowError`` if there is none."""
        scope = current_scope()
        if scope is None or scope.owner is None:
            raise WorkflowError("there is no workflow here: use `with workflow(ID):` around it")
        return scope.owner

    # ---- the whole as one call

    @classmethod
    def run(
        cls,
        id: str,  # noqa: A002
        fn: Callable[[Unpack[Ts]], Awaitable[R]],
        /,
        *args: Unpack[Ts],
        on_change: OnChange = "fail",
        durability: Durability | None = None,
    ) -> Coroutine[Any, Any, R]:
        """Run ``fn(*args)`` as the workflow, and return its result; ``await`` it.

        The result is JSON, and is written down: when the workflow has finished, it is returned
        without calling ``fn``. So are the arguments: others, under the same id, are a
        ``ReplayMismatch``. In ``fn``, ``workflow.current()`` is the workflow. Otherwise as
        ``Workflow``.
        """
        flow = cls(id, on_change=on_change, durability=durability)
        return flow._whole_async(fn, args)

    @classmethod
    def run_sync(
        cls,
        id: str,  # noqa: A002
        fn: Callable[[Unpack[Ts]], R],
        /,
        *args: Unpack[Ts],
        on_change: OnChange = "fail",
        durability: Durability | None = None,
    ) -> R:
        """As ``run``, for code without an event loop."""
        flow = cls(id, on_change=on_change, durability=durability)
        return cast("R", flow._whole(fn, args))

    async def _whole_async(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        self._prepare(args)
        for may_restart in (True, False):
            try:
                async with self:
                    if not self.finished:
                        value = fn(*args)
                        self.result = await value if inspect.isawaitable(value) else value
            except Exception:
                if not (may_restart and self._restarts()):
                    raise
            else:
                break
        return self.result

    def _whole(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        self._prepare(args)
        for may_restart in (True, False):
            try:
                with self:
                    if not self.finished:
                        self.result = fn(*args)
            except Exception:
                if not (may_restart and self._restarts()):
                    raise
            else:
                break
        return self.result

    def _prepare(self, args: tuple[Any, ...]) -> None:
        self._replay = False
        if args:
            self._input = _json(f"an argument of the workflow {self.id!r}", "args", args)

    # ---- entering and leaving

    def __enter__(self) -> Self:
        """Open it; see the class."""
        if in_event_loop():
            raise WorkflowError(
                "inside of an event loop it is `async with workflow(...)`, which the loop can "
                "interrupt"
            )
        drive(self._enter())
        return self

    async def __aenter__(self) -> Self:
        """Open it; see the class."""
        await drive_async(self._enter())
        if self._open is not None:
            self._interrupts = Interrupts(self._open)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it, or leave it to be gone on with; see the class."""
        drive(self._exit(error, stopped=error is None))

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it, or leave it to be gone on with; see the class."""
        interrupts, self._interrupts = self._interrupts, None
        ours = await interrupts.end(error) if interrupts is not None else False
        await drive_async(self._exit(error, stopped=error is None or ours))

    def _enter(self) -> Waits[None]:
        outer = current_workflow()
        if outer is not None:
            raise WorkflowError(
                f"the workflow {self.id!r} is inside of the workflow {outer.id!r}: let the one end "
                "before the other begins, or run it inside of a step"
            )
        if self._open is not None:
            raise WorkflowError(f"the workflow {self.id!r} is entered already")
        params = {
            **whereabouts(self._module),
            "onChange": self._on_change,
            "replay": self._replay,
        }
        if self._durability is not None:
            params["durability"] = self._durability
        if self._input is not None:
            params["input"] = json.loads(self._input)
        opened = self._tried = OpenWorkflow(self.id, params)
        opening = opened.open()
        try:
            answer = yield opening
        except BaseException:
            opened.abandon(opening)
            raise
        self.resumed = answer["state"] != "new"
        self.finished = answer["state"] == "finished"
        self._result = encode_plain(answer["result"]) if self.finished else None
        if answer["workflow"] is None:
            return
        if self.resumed and not self.finished:
            logging.getLogger("capsule").info(
                "the workflow %s goes on after %s finished steps", self.id, answer.get("steps")
            )
        self._open = opened
        self._token = enter(Scope(opened, Context(workflow_id=self.id), self))

    def _exit(self, error: BaseException | None, *, stopped: bool) -> Waits[None]:
        """``stopped``: nothing but its revocation, if it was revoked, has ended the block."""
        opened, self._open = self._open, None
        if opened is None:
            return
        if self._token is not None:
            leave(self._token)
        if opened.pid != os.getpid():  # a forked child leaves its parent's block
            return
        try:
            yield self._close(opened, error)
        except Exception as problem:
            if error is None:
                raise
            logging.getLogger("capsule").warning(
                "how the workflow %s ended could not be written down: %s", self.id, problem
            )
        if stopped and opened.revoked is not None:
            raise opened.revoked from error

    def _close(self, opened: OpenWorkflow, error: BaseException | None) -> Future[Any]:
        if isinstance(opened.revoked, WorkflowCancelled):
            return opened.close("cancelled")
        if self.finished:
            return opened.close("released")
        if error is None:
            return opened.close("finished", self._result)
        # not the workflow's failures: it goes on where it was when it is run again
        released = isinstance(error, (JournalError, SidecarError)) or self._restarts()
        if released or not isinstance(error, Exception):
            return opened.close("released")
        return opened.close("failed", error=failure(error), failed_steps=steps_of(error) or None)

    def _restarts(self) -> bool:
        """Whether what was recorded has been dropped, because the program is another one."""
        return self._on_change == "restart" and self._tried is not None and self._tried.mismatch

    # ---- what would not be the same when it runs again

    def now(self) -> Any:
        """The time, as a ``datetime`` in UTC; the same when the workflow runs again.

        An awaitable inside a running event loop.
        """
        value = datetime.datetime.now(datetime.timezone.utc).isoformat()
        return self._recorded("now", value, datetime.datetime.fromisoformat)

    def random(self) -> Any:
        """A random ``float``, at least 0 and less than 1; the same when the workflow runs again.

        An awaitable inside a running event loop.
        """
        return self._recorded("random", random.SystemRandom().random(), float)

    def uuid(self) -> Any:
        """A random ``uuid.UUID``; the same when the workflow runs again.

        An awaitable inside a running event loop.
        """
        return self._recorded("uuid", str(uuid.uuid4()), uuid.UUID)

    def _recorded(self, name: str, value: object, read: Callable[[Any], Any]) -> Any:
        opened = self._open
        if opened is None:
            raise WorkflowError(
                f"the workflow {self.id!r} is not entered: {name}() is for its block"
            )

        def waits() -> Waits[Any]:
            answer = yield opened.record_step(name, value)
            return read(answer["result"])

        return drive_async(waits()) if in_event_loop() else drive(waits())


def _json(what: str, root: str, value: object) -> str:
    try:
        return encode(value, root)
    except InvalidValueError as invalid:
        raise TypeError(f"{what}: {invalid}") from None


workflow = Workflow

Workflow.__module__ = "capsule"
