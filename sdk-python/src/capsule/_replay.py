"""What one sidecar has of an open workflow: its handle there, and the finished steps it hands over.

A request for each of ten thousand finished steps would take seconds. So their outcomes come in
bulk when the workflow is opened, and what the program asks for again is answered here. The sidecar
is told, because it waits for finished steps to come by before it lets the program begin a new one.

Nothing is answered here that the sidecar would answer otherwise. Of calls that are alike but for
their arguments the first is always the sidecar's to judge: the program may have gone, or a ceiling
may forbid today what was allowed when the step was run.
"""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from capsule._json import encode_plain
from capsule._reliably import done
from capsule._stepkeys import task_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from capsule._connection import Connection

__all__ = ["Replay"]

_MAX_CHARS = 32 << 20
_MAX_STEPS = 100_000
"""Of what is kept. Steps beyond are asked for one by one."""

_BATCH = 100
"""Steps in one notification: no message is then so long that a later one could overtake it."""


class Replay:
    """Safe to use from any thread; nothing in it waits."""

    def __init__(self, connection: Connection, handle: str) -> None:
        self.handle = handle
        self._connection = connection
        self._lock = threading.Lock()
        self._replies: dict[str, str] = {}
        """By the steps' keys, as JSON until they are asked for."""
        self._chars = 0
        self._untold: list[str] = []
        self._in_flight = 0
        self._fetching: Future[None] | None = None
        """Until all are handed over."""
        self._admitted: dict[str, Future[bool]] = {}
        """Of each sort of call whether the sidecar has let one through."""

    # ---- what is handed over

    def fetch(self, begun: Callable[[], None]) -> None:
        """Have the finished steps handed over; calls ``begun`` when the first of them are here.

        Where that fails there are fewer: the others are asked for one by one.
        """
        fetching: Future[None] = Future()
        fetching.set_running_or_notify_cancel()
        self._fetching = fetching

        def ask(after: int | None) -> None:
            params = encode_plain({"workflow": self.handle, "after": after})
            try:
                asked = self._connection.request("replaySteps", params, cancellable=False)
            except Exception:  # noqa: BLE001 - the next request tells it
                keep({}, more=False)
            else:
                asked.add_done_callback(take)

        def take(asked: Future[Any]) -> None:
            page = asked.result() if asked.exception() is None else {}
            following = page.get("next")
            more = following is not None and self._has_room(page)
            if more:
                ask(following)  # while this page is put away, and gone through
            keep(page, more=more)

        def keep(page: Mapping[str, Any], *, more: bool) -> None:
            self._replies.update((step["key"], step["reply"]) for step in page.get("steps", ()))
            if not more:
                self._fetching = None
                fetching.set_result(None)
            if not started.done():
                started.set_result(None)

        started: Future[None] = Future()
        started.add_done_callback(lambda _: begun())
        ask(None)

    def _has_room(self, page: Mapping[str, Any]) -> bool:
        self._chars += sum(len(step["reply"]) for step in page["steps"])
        return self._chars < _MAX_CHARS and len(self._replies) < _MAX_STEPS

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that could be answered here."""
        return not self._replies

    def key_of(self, module: str, task: str, args: str, kwargs: str, number: int) -> str | None:
        """The key of a task's call, if it is worth looking for."""
        return None if self.is_empty else task_key(module, task, args, kwargs, number)

    def take(self, key: str | None) -> Any:
        """The reply to the request that begins that step; None: ask the sidecar."""
        text = self._replies.pop(key, None) if key is not None else None
        if text is None:
            return None
        try:
            reply = json.loads(text)
        except ValueError:  # an integer of too many digits: it is told where the reply is read
            return None
        with self._lock:
            self._untold.append(str(key))
            due = self._in_flight > 0 or len(self._untold) >= _BATCH
        if due:  # a request that waits for this step may be in flight
            self._tell()
        return reply

    def _tell(self) -> None:
        while self._untold:
            with self._lock:
                keys, self._untold = self._untold[:_BATCH], self._untold[_BATCH:]
            try:
                params = encode_plain({"workflow": self.handle, "steps": keys})
                self._connection.notify("workflow/replayed", params)
            except BaseException:  # an interrupt: telling a step twice does no harm
                with self._lock:
                    self._untold += keys
                raise

    # ---- what is asked for

    def request(self, method: str, params: str, *, cancellable: bool = True) -> Future[Any]:
        """Send a request that concerns the workflow; as the connection's ``request``."""
        with self._lock:
            self._in_flight += 1
        try:
            self._tell()
            future = self._connection.request(method, params, cancellable=cancellable)
        except BaseException:
            self._answered(None)
            raise
        future.add_done_callback(self._answered)
        return future

    def _answered(self, _: Future[Any] | None) -> None:
        with self._lock:
            self._in_flight -= 1

    def turn(self, key: str | None, sort: str) -> Future[Any] | None:
        """What is to be waited for before ``call``, and before asking for the turn again.

        The reply may be on its way, or the sidecar is judging a call of that sort.
        """
        fetching = self._fetching
        if fetching is not None and key is not None and key not in self._replies:
            return fetching
        admitted = self._admitted.get(sort) if key in self._replies else None
        return None if admitted is None or admitted.done() else admitted

    def call(self, key: str | None, sort: str, send: Callable[[], Future[Any]]) -> Future[Any]:
        """The envelope of a task's call, which is here, or which ``send`` asks for.

        ``sort`` is all of the request but the arguments.
        """
        first: Future[bool] | None = None
        if key in self._replies:
            with self._lock:
                admitted = self._admitted.get(sort)
                if admitted is None:
                    first = self._admitted[sort] = Future()
                    first.set_running_or_notify_cancel()
            if admitted is not None and admitted.done() and admitted.result():
                envelope = self.take(key)
                if envelope is not None:
                    return done(envelope)
            self._replies.pop(str(key), None)
        try:
            future = send()
        except BaseException:
            if first is not None:
                self._judged(sort, first, admits=False)
            raise
        if first is not None:
            judged = first
            future.add_done_callback(
                lambda call: self._judged(sort, judged, admits=_is_replayed(call))
            )
        return future

    def _judged(self, sort: str, first: Future[bool], *, admits: bool) -> None:
        if not admits:  # the next one is the sidecar's to judge again
            self._admitted.pop(sort, None)
        first.set_result(admits)


def _is_replayed(call: Future[Any]) -> bool:
    if call.cancelled() or call.exception() is not None:
        return False
    return bool(call.result()["execution"]["replayed"])
