"""An open workflow: what the sidecar, or the one that replaces it, is told of it.

Its handle is of one connection. When a sidecar dies the next one opens the workflow again, and what
was in flight is sent again: each step has its number among those of the same name and arguments, so
that it is the same step there.
"""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from capsule import _tracecontext
from capsule._connection import RpcError
from capsule._json import encode_plain
from capsule._reliably import after, done, reliably
from capsule._replay import Replay
from capsule._stepkeys import Occurrences, step_key
from capsule._workflow_errors import (
    JournalError,
    ReplayMismatch,
    WorkflowBusy,
    WorkflowCancelled,
    WorkflowError,
    of_kind,
    of_reply,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from capsule._connection import Connection

__all__ = ["OpenWorkflow"]

_BUSY_SECONDS = 30.0
"""How long the workflow may be taken for the dead sidecar's: longer than a lease lasts."""

_BUSY_PAUSE_SECONDS = 0.2

_FEW = 8
"""So many finished steps are asked for one by one."""


@dataclasses.dataclass(frozen=True)
class _Opened:
    answer: Mapping[str, Any]
    replay: Replay | None
    """None: it has ended, and is not open."""

    ready: Future[Any]
    """Has ``replay``, for all calls."""


class OpenWorkflow:
    """A workflow that this process has. Safe to use from any thread; nothing in it waits."""

    def __init__(self, workflow_id: str, params: Mapping[str, Any]) -> None:
        """``params`` are the request's, except for the id."""
        self.id = workflow_id
        self.pid = os.getpid()
        self.revoked: Exception | None = None
        """Why it must stop."""
        self.mismatch = False
        """Whether the program was found to do something else than what is recorded."""
        self.interrupt: Callable[[], None] = self.stop_calls
        """Stops what runs in it; called by any thread, once, when it is revoked."""
        self.occurrences = Occurrences()
        self._params = {"id": workflow_id, **params, **_tracecontext.current()}
        self._lock = threading.RLock()
        self._connection: Connection | None = None
        self._opening: Future[Any] | None = None
        self._on: tuple[Connection, Future[Any]] | None = None
        self._was_finished: bool | None = None
        self._running: set[Future[Any]] = set()
        self._closed = False

    # ---- opening

    def open(self) -> Future[Any]:
        """Open it; the future's result is the sidecar's answer."""
        return reliably(
            lambda connection: after(
                self._opened_on(connection), lambda opened: done(opened.answer)
            )
        )

    def on(self, connection: Connection) -> Future[Any]:
        """Its ``Replay`` on that connection, as the future's result; opens it there if need be."""
        ready = self._on
        if ready is not None and ready[0] is connection:
            return ready[1]
        opening = self._opened_on(connection)
        if opening.done() and opening.exception() is None and opening.result().replay is not None:
            self._on = (connection, opening.result().ready)
        return after(opening, self._ready)

    def _ready(self, opened: _Opened) -> Future[Any]:
        if self._ended_elsewhere(opened.answer):
            raise JournalError(
                f"another process has taken the workflow {self.id!r} over, and ended it", "lost"
            )
        return opened.ready

    def _ended_elsewhere(self, answer: Mapping[str, Any]) -> bool:
        return answer["state"] == "finished" and not self._was_finished

    def _opened_on(self, connection: Connection) -> Future[Any]:
        with self._lock:
            opening = self._opening
            failed = opening is not None and opening.done() and opening.exception() is not None
            if opening is None or failed or self._connection is not connection:
                again = self._connection is not None
                self._connection = connection
                opening = self._opening = self._begin_opening(connection, again=again)
            return opening

    def _begin_opening(self, connection: Connection, *, again: bool) -> Future[Any]:
        opening: Future[Any] = Future()
        opening.set_running_or_notify_cancel()
        params = self._params
        if again:  # steps that the program has had already are not asked for again
            params = {**params, "onChange": "continue"}
        text = encode_plain(params)
        deadline = time.monotonic() + _BUSY_SECONDS

        def ask() -> None:
            try:
                asked = connection.request("openWorkflow", text, cancellable=False)
            except Exception as error:  # noqa: BLE001 - it is for those who wait
                opening.set_exception(error)
            else:
                asked.add_done_callback(answered)

        def answered(asked: Future[Any]) -> None:
            error = self._explained(asked.exception())
            if again and isinstance(error, WorkflowBusy) and time.monotonic() < deadline:
                timer = threading.Timer(_BUSY_PAUSE_SECONDS, ask)
                timer.daemon = True
                timer.start()
                return
            if error is None:
                self._take(connection, asked.result(), opening)
            else:
                opening.set_exception(error)

        ask()
        return opening

    def _take(
        self, connection: Connection, answer: Mapping[str, Any], opening: Future[Any]
    ) -> None:
        """Take what was opened; nothing that the sidecar sends later has been read yet."""
        if self._was_finished is None:
            self._was_finished = answer["state"] == "finished"
        handle = answer["workflow"]
        if handle is None:
            opening.set_result(_Opened(answer, None, done(None)))
            return
        connection.workflows[handle] = self._revoke
        replay = Replay(connection, handle)
        opened = _Opened(answer, replay, done(replay))
        if answer["steps"] > _FEW:
            replay.fetch(lambda: opening.set_result(opened))
        else:
            opening.set_result(opened)

    def abandon(self, opening: Future[Any]) -> None:
        """Nobody waits for the opening any more: give it back as soon as it is there."""

        def opened(_: Future[Any]) -> None:
            if opening.exception() is None and opening.result()["workflow"] is not None:
                self.close("released")

        opening.add_done_callback(opened)

    # ---- steps

    def begin_step(self, name: str, args: str | None) -> Future[Any]:
        """Begin a step that this process runs, told by its name and arguments, which are JSON."""
        self.check()
        number = self.occurrences.next("step", name, args or "null")
        told = f',"args":{args}' if args is not None else ""
        fields = f'"name":{encode_plain(name)}{told},"occurrence":{number}'
        return self._request("beginStep", fields, lambda: step_key("step", name, args, number))

    def end_step(
        self, step: str, result: str | None, error: Mapping[str, Any] | None
    ) -> Future[Any]:
        """Write down how the step has ended: with a result, which is JSON, or an error."""
        fields = f'"step":{encode_plain(step)},"success":{encode_plain(error is None)}'
        if error is None:
            return self._request("endStep", f'{fields},"result":{result}')
        return self._request("endStep", f'{fields},"error":{encode_plain(error)}')

    def record_step(self, name: str, value: object) -> Future[Any]:
        """Write down a plain value; the future's result has the one that counts."""
        self.check()
        number = self.occurrences.next("value", name)
        value = encode_plain(value)
        fields = f'"name":{encode_plain(name)},"result":{value},"occurrence":{number}'
        return self._request("recordStep", fields, lambda: step_key("value", name, None, number))

    def follow(self, call: Future[Any]) -> None:
        """Note a call whose thread waits for it, so that ``stop_calls`` stops it."""
        self._running.add(call)
        call.add_done_callback(self._running.discard)
        if self.revoked is not None:
            call.cancel()

    def stop_calls(self) -> None:
        """Stop the calls that threads wait for."""
        for call in list(self._running):
            call.cancel()

    def _request(
        self, method: str, fields: str, key: Callable[[], str | None] = lambda: None
    ) -> Future[Any]:
        """``key`` gives that of the step that is begun."""

        def ask(replay: Replay) -> Future[Any]:
            reply = None if replay.is_empty else replay.take(key())
            return self._ask(replay, method, fields) if reply is None else done(reply)

        return reliably(lambda connection: after(self.on(connection), ask), self._explained)

    @staticmethod
    def _ask(replay: Replay, method: str, fields: str) -> Future[Any]:
        params = f'{{"workflow":{encode_plain(replay.handle)},{fields}}}'
        return replay.request(method, params, cancellable=False)

    # ---- the end

    def check(self) -> None:
        """Raise if it must stop, or has ended."""
        if self.revoked is not None:
            raise self.revoked
        if self._closed:
            raise WorkflowError(
                f"the workflow {self.id!r} has ended, and code that it has started goes on: await "
                "it before the workflow's block ends"
            )

    def close(
        self,
        outcome: str,
        result: str | None = None,
        error: Mapping[str, Any] | None = None,
        failed_steps: Sequence[str] | None = None,
    ) -> Future[Any]:
        """End it, or give it back.

        ``result`` is JSON. ``failed_steps`` are those whose failure it is, which run again with it;
        None: those after whose failure no other began.
        """
        self._closed = True
        connection = self._connection
        gone = connection is None or not connection.alive
        lost = self.revoked is not None and not isinstance(self.revoked, WorkflowCancelled)
        if lost or (gone and outcome == "released"):
            return done(None)
        fields = f'"outcome":{encode_plain(outcome)}'
        if outcome == "finished":
            fields += f',"result":{"null" if result is None else result}'
        elif outcome == "failed":
            fields += f',"error":{encode_plain(error)},"failedSteps":{encode_plain(failed_steps)}'

        def ask(connection: Connection) -> Future[Any]:
            return after(self._opened_on(connection), lambda opened: tell(connection, opened))

        def tell(connection: Connection, opened: _Opened) -> Future[Any]:
            replay = opened.replay
            if replay is None:  # it has ended: the answer to an earlier request was lost
                return done(None)
            connection.workflows.pop(replay.handle, None)
            told = '"outcome":"released"' if self._ended_elsewhere(opened.answer) else fields
            return self._ask(replay, "closeWorkflow", told)

        return reliably(ask, self._explained)

    def _revoke(self, kind: str, message: str) -> None:
        self.revoked = self.revoked or of_kind(kind, message)
        self.interrupt()

    def explained(self, error: RpcError) -> Exception:
        """The exception for an error reply to a request that concerns it."""
        found = of_reply(error)
        if isinstance(found, ReplayMismatch):
            self.mismatch = True
        if isinstance(found, WorkflowCancelled) or (
            isinstance(found, JournalError) and found.kind == "lost"
        ):
            self.revoked = self.revoked or found
        if found is not None:
            return found
        return error.refusal()

    def _explained(self, error: BaseException | None) -> BaseException | None:
        return self.explained(error) if isinstance(error, RpcError) else error
