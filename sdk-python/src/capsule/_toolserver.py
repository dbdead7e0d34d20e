"""Serves the sidecar's ``callTool`` requests: runs this process's tools for sandboxed tasks.

What comes in was written by code in a sandbox and is not trusted. A tool is run only for a run that
this process has started and offered the tool to, and with arguments that fit its signature.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import dataclasses
import secrets
import threading
from typing import TYPE_CHECKING, Any

from capsule import _tracecontext
from capsule._arguments import Signature
from capsule._errors import RefusedError, TaskError
from capsule._failure import plain_text
from capsule._json import InvalidValueError, encode, encode_plain
from capsule._scope import leave_workflow
from capsule._toolthreads import BackgroundLoop, ToolThreads, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from capsule._tool import Tool

    Send = Callable[[str], None]

__all__ = ["ToolServer", "check_depth"]

MAX_CALLS = 10_000
"""Tools that run or wait to be run."""

MAX_DEPTH = 16
"""Of tools that call tasks that call tools."""

_INVALID_REQUEST = -32600

_depth: contextvars.ContextVar[int] = contextvars.ContextVar("capsule_tool_depth", default=0)


def check_depth() -> None:
    """Refuse to run a task for a tool that is deep inside others."""
    if _depth.get() >= MAX_DEPTH:
        raise RefusedError(
            "overloaded",
            f"tools and tasks call one another more than {MAX_DEPTH} deep; "
            "is there a tool that calls the task that calls it?",
        )


@dataclasses.dataclass(frozen=True)
class _Offer:
    """What a run may call, and where it runs."""

    tools: Mapping[str, Tool[..., Any]]
    loop: asyncio.AbstractEventLoop | None
    """The event loop that the run was started in."""

    context: contextvars.Context
    """The context variables of whoever started the run."""


class ToolServer:
    """The tools of one connection. Safe to use from any thread."""

    def __init__(self, send: Send) -> None:
        self.send = send
        """Sends a message's body; raises ``ValueError`` if it is too long."""
        self.threads = ToolThreads()
        self.background = BackgroundLoop()
        self._lock = threading.Lock()
        self._offers: dict[str, _Offer] = {}
        self._calls: dict[object, _ToolCall] = {}
        self._closed = False

    def offer(
        self, tools: Mapping[str, Tool[..., Any]], loop: asyncio.AbstractEventLoop | None
    ) -> str:
        """Let a run call these tools; the run's id, by which nobody else can call them."""
        run = "r-" + secrets.token_hex(12)
        self._offers[run] = _Offer(tools, loop, contextvars.copy_context())
        return run

    def withdraw(self, run: str) -> None:
        """The run is over."""
        self._offers.pop(run, None)

    def request(self, request_id: object, params: object) -> None:
        """Serve a request; returns at once."""
        try:
            offer, tool, args, kwargs = self._find(params)
        except RefusedError as refused:
            self.reply(request_id, _error(refused.type, str(refused)))
            return
        fields = params if isinstance(params, dict) else {}
        trace = (fields.get("traceparent"), fields.get("tracestate"))
        step = fields.get("step")
        call = _ToolCall(
            self,
            request_id,
            offer,
            tool,
            args,
            kwargs,
            trace,
            step if isinstance(step, str) else None,
        )
        with self._lock:
            if self._closed:
                return
            known = request_id in self._calls
            full = len(self._calls) >= MAX_CALLS
            if not known and not full:
                self._calls[request_id] = call
        if known:
            message = encode_plain(f"the id {request_id!r} is in use")
            self._send_reply(
                request_id, f'"error":{{"code":{_INVALID_REQUEST},"message":{message}}}'
            )
        elif full:
            self.reply(request_id, _error("overloaded", f"more than {MAX_CALLS} tools run at once"))
        else:
            call.start()

    def _find(self, params: object) -> tuple[_Offer, Tool[..., Any], list[Any], dict[str, Any]]:
        fields = params if isinstance(params, dict) else {}
        root, name = fields.get("root"), fields.get("tool")
        args, kwargs = fields.get("args", []), fields.get("kwargs", {})
        offer = self._offers.get(root) if isinstance(root, str) else None
        if offer is None:
            raise RefusedError("policy_denied", "no such run was started here, or it is over")
        tool = offer.tools.get(name) if isinstance(name, str) else None
        if tool is None:
            raise RefusedError("policy_denied", f"the run was not offered a tool {_short(name)}")
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise RefusedError("invalid_arguments", "args must be an array and kwargs an object")
        return offer, tool, args, kwargs

    def cancel(self, request_id: object) -> None:
        """Nobody waits for its answer any more: stop it, as far as that can be."""
        with self._lock:
            call = self._calls.pop(request_id, None) if _is_id(request_id) else None
        if call is not None:
            call.stop()

    def close(self) -> None:
        """The connection is over, and so is all that was asked for by it."""
        with self._lock:
            self._closed = True
            left = list(self._calls.values())
            self._calls.clear()
        self._offers.clear()
        for call in left:
            call.stop()
        self.threads.close()
        self.background.close()

    def finish(self, call: _ToolCall, answer: str) -> bool:
        """Answer a call, if nobody has, and somebody still wants to know."""
        with self._lock:
            if self._calls.get(call.request_id) is not call:
                return False
            del self._calls[call.request_id]
        self.reply(call.request_id, answer)
        return True

    def is_open(self, call: _ToolCall) -> bool:
        """Whether somebody waits for its answer."""
        return self._calls.get(call.request_id) is call

    def reply(self, request_id: object, answer: str) -> None:
        """Send the result of a request: JSON of a ``CallToolResult``."""
        try:
            self._send_reply(request_id, f'"result":{answer}')
        except ValueError as too_long:
            self._send_reply(request_id, f'"result":{_error("invalid_result", str(too_long))}')

    def _send_reply(self, request_id: object, member: str) -> None:
        self.send(f'{{"jsonrpc":"2.0","id":{encode_plain(request_id)},{member}}}')


class _ToolCall:
    """One call of a tool, from its request to its answer."""

    def __init__(
        self,
        server: ToolServer,
        request_id: object,
        offer: _Offer,
        tool: Tool[..., Any],
        args: list[Any],
        kwargs: dict[str, Any],
        trace: tuple[object, object],
        step_id: str | None,
    ) -> None:
        self.request_id = request_id
        self._server = server
        self._offer = offer
        self._tool = tool
        self._args = args
        self._kwargs = kwargs
        self._context = offer.context.copy()
        self._context.run(lambda: _depth.set(_depth.get() + 1))
        self._context.run(leave_workflow, step_id)
        self._context.run(_tracecontext.adopt, *trace)
        self._work = Work(self._run_in_thread)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        if not self._tool.is_async:
            self._server.threads.submit(self._work)
            return
        self._limit_time()
        loop = self._offer.loop
        if loop is not None and loop.is_running():
            with contextlib.suppress(RuntimeError):  # closed meanwhile
                self._begin_in(loop)
                return
        with contextlib.suppress(RuntimeError):  # closed with the connection
            self._begin_in(self._server.background.get())

    def stop(self) -> None:
        """End it, since nobody wants its answer: an async tool at its next await, others not."""
        loop, task = self._loop, self._task
        if loop is None:
            self._server.threads.abandon(self._work)
        elif task is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed, so it has ended
                loop.call_soon_threadsafe(task.cancel)
        self._forget_timer()

    def _finish(self, answer: str) -> None:
        self._server.finish(self, answer)
        self._forget_timer()

    # ---- the time limit

    def _limit_time(self) -> None:
        seconds = self._tool.timeout
        if seconds is None:
            return

        def begin(loop: asyncio.AbstractEventLoop) -> None:
            if self._server.is_open(self):
                self._timer = loop.call_later(seconds, self._expire, seconds)

        with contextlib.suppress(RuntimeError):  # closed with the connection
            background = self._server.background.get()
            background.call_soon_threadsafe(begin, background)

    def _expire(self, seconds: float) -> None:
        message = f"{self._tool.name} took longer than its timeout of {seconds:g} s"
        if self._server.finish(self, _error("task_error", message, "TimeoutError")):
            self.stop()

    def _forget_timer(self) -> None:
        if self._timer is not None:
            with contextlib.suppress(RuntimeError):
                self._server.background.get().call_soon_threadsafe(self._timer.cancel)

    # ---- plain functions

    def _run_in_thread(self) -> None:
        if self._server.is_open(self):
            self._limit_time()
            self._context.run(self._call)

    def _call(self) -> None:
        problem = self._problem()
        if problem is None:
            try:
                problem = _result(self._tool, self._tool.function(*self._args, **self._kwargs))
            except BaseException as error:  # noqa: BLE001 - it is the task's
                problem = _failure(self._tool, error)
        self._finish(problem)

    # ---- async functions

    def _begin_in(self, loop: asyncio.AbstractEventLoop) -> None:
        def begin() -> None:
            if self._server.is_open(self):
                self._task = loop.create_task(self._call_async())
                if not self._server.is_open(self):  # stopped while it began
                    self._task.cancel()

        self._loop = loop
        loop.call_soon_threadsafe(begin, context=self._context)

    async def _call_async(self) -> None:
        answer = self._problem()
        if answer is None:
            try:
                answer = _result(self._tool, await self._tool.function(*self._args, **self._kwargs))
            except asyncio.CancelledError as error:
                self._finish(_error("cancelled", f"{self._tool.name} was cancelled", _name(error)))
                raise
            except BaseException as error:  # noqa: BLE001 - SystemExit would end the user's loop
                answer = _failure(self._tool, error)
        self._finish(answer)

    def _problem(self) -> str | None:
        """The error of arguments that do not fit."""
        try:
            problem = Signature.of(self._tool.function).problem(self._args, self._kwargs)
        except Exception as error:  # noqa: BLE001 - a signature that cannot be read
            return _failure(self._tool, error)
        return None if problem is None else _error("invalid_arguments", problem)


def _result(tool: Tool[..., Any], value: object) -> str:
    try:
        return f'{{"result":{encode(value, "result")},"error":null}}'
    except InvalidValueError as invalid:
        return _error("invalid_result", f"{tool.name}: {invalid}")


def _failure(tool: Tool[..., Any], error: BaseException) -> str:
    """What the sandbox is told: the class and the message. The rest goes to this process's log."""
    import logging  # noqa: PLC0415 - only where something has failed

    logging.getLogger("capsule").info(
        "the tool %s at %s raised", tool.name, tool.place, exc_info=error
    )
    try:
        message = error.summary if isinstance(error, TaskError) else str(error)
    except Exception as second:  # noqa: BLE001 - its __str__ may do anything
        message = f"<its __str__ raised {type(second).__name__}>"
    return _error("task_error", message, _name(error))


def _name(error: BaseException) -> str:
    return type(error).__name__


def _error(kind: str, message: str, class_name: str | None = None) -> str:
    fields = {"type": kind, "message": plain_text(message), "class": class_name, "traceback": None}
    return f'{{"result":null,"error":{encode_plain(fields)}}}'


def _is_id(value: object) -> bool:
    return isinstance(value, (int, str))


def _short(name: object) -> str:
    text = repr(name)
    return text if len(text) <= 80 else text[:79] + "…"  # noqa: PLR2004 - a line's length
