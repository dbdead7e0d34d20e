"""An asyncio event loop whose only source of events is the host's `wait`.

Everything else is asyncio's own: timers, tasks, cancellation. There are no threads in the sandbox, so an executor runs
its function at once, in the loop's own thread.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from asyncio import base_events, events, sslproto
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from capsule_guest import host, tracebacks
from capsule_guest.transport import HttpTransport


class Deadlock(RuntimeError):
    """Everything waits for something that nothing is left to bring about."""


_ABANDONED = {"type": "cancelled", "message": "the cell that had started it ended", "class": None, "traceback": None}


class _Operations:
    """The loop's selector: it waits for the host's operations instead of file descriptors."""

    def __init__(self) -> None:
        self.running: dict[int, asyncio.Future[dict[str, Any]]] = {}

    def select(self, timeout: float | None) -> list[Any]:
        if self.running:
            limit = None if timeout is None else host.milliseconds(timeout)
            for completion in host.wait(list(self.running), limit):
                future = self.running.pop(completion["id"], None)
                if future is not None and not future.done():
                    future.set_result(completion)
        elif timeout is None:
            raise Deadlock(
                "the event loop has nothing left to wait for: what is awaited can never happen"
                + "".join(f"\n  awaited at {place}" for place in _awaited_places())
            )
        elif timeout > 0:
            host.sleep(timeout)
        return []

    def abandon(self) -> None:
        """What is open has been stopped by the host."""
        running, self.running = self.running, {}
        for number, future in running.items():
            if not future.done():
                future.set_result({"id": number, "error": _ABANDONED})

    def close(self) -> None:
        for number in self.running:
            host.cancel(number)
        self.running.clear()


def _awaited_places() -> list[str]:
    """Where the loop's tasks are stuck: the innermost line of the user's in each."""
    places = []
    for each in asyncio.all_tasks():
        coroutine: Any = each.get_coro()
        place = None
        while (frame := getattr(coroutine, "cr_frame", None)) is not None:
            if tracebacks.is_user_code(frame.f_code):
                place = f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"
            coroutine = coroutine.cr_await
        if place is not None:
            places.append(place)
    return sorted(places)[:10]


class HostEventLoop(base_events.BaseEventLoop):
    """The event loop of every program in the sandbox, also of the user's own `asyncio.run`."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _Operations()

    def perform(self, operation: str) -> asyncio.Future[dict[str, Any]]:
        """Starts an operation (JSON); the future's result is its completion, with `ok` or `error`.

        Cancelling the future stops the operation.
        """
        future: asyncio.Future[dict[str, Any]] = self.create_future()
        number = host.submit(operation)
        self._selector.running[number] = future

        def ended(done: asyncio.Future[dict[str, Any]]) -> None:
            if done.cancelled() and self._selector.running.pop(number, None) is not None:
                host.cancel(number)

        future.add_done_callback(ended)
        return future

    def run_in_executor(  # type: ignore[override]
        self, executor: concurrent.futures.Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Runs the function now: there is no other thread that could."""
        future: asyncio.Future[Any] = self.create_future()
        try:
            result = func(*args)
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(result)
        return future

    def abandon(self) -> None:
        """Fails the operations that are open: the host has stopped them."""
        self._selector.abandon()

    def close(self) -> None:
        self._selector.close()
        super().close()

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """Connects at once: the host connects when there is a request."""
        sock.connect(address)

    def _make_socket_transport(
        self, sock: Any, protocol: Any, waiter: Any = None, *, extra: Any = None, server: Any = None
    ) -> HttpTransport:
        return HttpTransport(self, sock, protocol, waiter, extra)

    def _make_ssl_transport(
        self, rawsock: Any, protocol: Any, sslcontext: Any, waiter: Any = None, **options: Any
    ) -> Any:
        """As asyncio's own loops do it, over our transport."""
        named = {name: value for name, value in options.items() if name not in ("extra", "server")}
        tls = sslproto.SSLProtocol(self, protocol, sslcontext, waiter, **named)
        HttpTransport(self, rawsock, tls, extra=options.get("extra"))
        return tls._app_transport

    def _process_events(self, event_list: list[Any]) -> None:
        """The selector has already completed the futures."""

    def _write_to_self(self) -> None:
        """Nothing to wake: no other thread can add a callback."""

    async def subprocess_exec(self, *_: Any, **__: Any) -> NoReturn:
        _no_processes()

    async def subprocess_shell(self, *_: Any, **__: Any) -> NoReturn:
        _no_processes()


def _no_processes() -> NoReturn:
    from capsule_guest import shims

    shims.refuse_processes()


def install() -> None:
    """Makes it the loop of `asyncio.run`, `asyncio.Runner` and `asyncio.new_event_loop`."""
    asyncio.new_event_loop = events.new_event_loop = HostEventLoop
    for name in ("EventLoop", "SelectorEventLoop"):
        setattr(asyncio, name, HostEventLoop)
    policy: Any = getattr(events, "_DefaultEventLoopPolicy", None) or getattr(asyncio, "DefaultEventLoopPolicy", None)
    if policy is not None:
        policy._loop_factory = HostEventLoop


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """Runs a coroutine to its end, as `asyncio.run` does."""
    if asyncio._get_running_loop() is not None:
        raise RuntimeError("an event loop is running already; await the coroutine")
    loop = HostEventLoop()
    events.set_event_loop(loop)
    try:
        return loop.run_until_complete(main)
    finally:
        close(loop)


def close(loop: HostEventLoop) -> None:
    """Ends what is left in a loop, and the loop."""
    try:
        _cancel_all(loop)
        if loop._asyncgens:  # type: ignore[attr-defined]
            loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        events.set_event_loop(None)
        loop.close()


def _cancel_all(loop: HostEventLoop) -> None:
    """Cancels what the task has left running, and lets it clean up."""
    left = asyncio.all_tasks(loop)
    if not left:
        return
    for each in left:
        each.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    for each in left:
        if not each.cancelled() and each.exception() is not None:
            loop.call_exception_handler(
                {
                    "message": "unhandled exception while the task ended",
                    "exception": each.exception(),
                    "task": each,
                }
            )
