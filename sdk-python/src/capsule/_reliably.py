"""Requests that may be sent twice: where the sidecar dies, the next one gets them again.

Nothing here waits: futures complete futures, so that code with and without an event loop, and the
thread that reads what the sidecar sends, can all use it.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from capsule import _client
from capsule._errors import SidecarLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from capsule._connection import Connection

    Request = Callable[[Any], Future[Any]]
    Explain = Callable[[BaseException | None], BaseException | None]

__all__ = ["MAX_ATTEMPTS", "after", "done", "reliably"]

MAX_ATTEMPTS = 3
"""Of sending one request."""


def reliably(
    request: Callable[[Connection], Future[Any]], explain: Explain = lambda error: error
) -> Future[Any]:
    """Make a request of the sidecar, and again of the next one if that dies.

    ``explain`` makes the exception of an error reply. Nobody can cancel the future.
    """
    outcome = _uncancellable()

    def attempt(number: int) -> None:
        def ended(error: BaseException | None, value: Any) -> None:
            if isinstance(error, SidecarLost) and number < MAX_ATTEMPTS:
                attempt(number + 1)
            else:
                _complete(outcome, explain(error), value)

        ready = _client.connection_if_ready()
        connection = _client.connection_soon() if ready is None else done(ready)
        _when_done(after(connection, request), ended)

    attempt(1)
    return outcome


def after(first: Future[Any], then: Request) -> Future[Any]:
    """What ``then`` makes of the first one's result; or the first one's failure."""
    if first.done() and first.exception() is None:
        return _begun(then, first.result())
    outcome = _uncancellable()

    def ended(error: BaseException | None, value: Any) -> None:
        if error is not None:
            outcome.set_exception(error)
        else:
            _when_done(_begun(then, value), lambda error, value: _complete(outcome, error, value))

    _when_done(first, ended)
    return outcome


def done(value: Any) -> Future[Any]:
    """A future that has this result."""
    return _Done(value)


class _Done(Future[Any]):
    """Without the lock and the condition of one that may be waited for: there may be thousands."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def done(self) -> bool:
        return True

    def running(self) -> bool:
        return False

    def cancel(self) -> bool:
        return False

    def cancelled(self) -> bool:
        return False

    def result(self, timeout: float | None = None) -> Any:  # noqa: ARG002
        return self._value

    def exception(self, timeout: float | None = None) -> None:  # noqa: ARG002
        return None

    def add_done_callback(self, fn: Callable[[Future[Any]], object]) -> None:
        fn(self)


def _begun(request: Request, value: Any) -> Future[Any]:
    try:
        return request(value)
    except Exception as error:  # noqa: BLE001 - it is for whoever waits for the future
        failed: Future[Any] = Future()
        failed.set_exception(error)
        return failed


def _uncancellable() -> Future[Any]:
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


def _complete(future: Future[Any], error: BaseException | None, value: Any) -> None:
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)


def _when_done(future: Future[Any], then: Callable[[BaseException | None, Any], None]) -> None:
    def ended(_: Future[Any]) -> None:
        error = future.exception()
        then(error, None if error is not None else future.result())

    future.add_done_callback(ended)
