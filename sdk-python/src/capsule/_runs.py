"""Runs tasks: sends them to the sidecar and turns every outcome into an envelope.

A call needs a connection and its program's id there, both of which are look-ups after the first
call; then it is one request, which gives a future.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from concurrent.futures import CancelledError, as_completed
from itertools import chain
from typing import TYPE_CHECKING, Any

from capsule import _client
from capsule._connection import MessageTooLargeError, RpcError
from capsule._errors import RefusedError, SidecarLost, task_error
from capsule._framing import HugeIntegerError
from capsule._json import InvalidValueError
from capsule._reliably import MAX_ATTEMPTS
from capsule._request import Request
from capsule._scope import current_step
from capsule._toolthreads import waiting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future

    from capsule._program import Module, Program
    from capsule._scope import Step
    from capsule._tool import Tool
    from capsule._types import Envelope

__all__ = ["Call", "execute", "execute_all", "execute_async", "value_of"]

_CANCELLED = -32800
_INTERNAL_ERROR = -32603
_SOURCE_ERROR = -32010
_UNKNOWN_PROGRAM = -32011


@dataclasses.dataclass(frozen=True)
class Call:
    """One task to run once."""

    program: Program
    task: str | None
    """None: the program's entry task."""

    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """The caller's, as the sidecar takes them."""

    ceiling: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    tools: Mapping[str, Tool[..., Any]] = dataclasses.field(default_factory=dict)
    """Those that the caller gives, by name."""

    module: Module | None = None
    """Whose tasks' tools go with the call; None: no module of this process declares the task."""

    step: Step | None = dataclasses.field(default_factory=current_step)
    """What it is in the current workflow; None: there is none."""

    began: float = dataclasses.field(default_factory=time.monotonic)


_EXPECTED = (
    SidecarLost,
    RpcError,
    InvalidValueError,
    MessageTooLargeError,
    HugeIntegerError,
    RefusedError,
)


def value_of(envelope: Envelope) -> Any:
    """The task's result; raises its ``TaskError`` if it failed."""
    if envelope["success"]:
        return envelope["result"]
    raise task_error(envelope)


def execute(call: Call) -> Envelope:
    """Run it and wait for it. An interrupt (Ctrl-C) meanwhile stops the task."""
    attempt = 0
    while True:
        attempt += 1
        try:
            with waiting():
                future = _begin(call)
                try:
                    envelope = _outcome(call, future)
                except BaseException:
                    future.cancel()  # no effect if it has ended
                    raise
        except _EXPECTED as error:
            judged = _judge(error, call, attempt)
            if judged is None:
                continue
            envelope = judged
        return envelope


async def execute_async(call: Call) -> Envelope:
    """Run it without holding up the event loop. Cancelling the coroutine stops the task."""
    attempt = 0
    while True:
        attempt += 1
        try:
            with waiting():
                envelope = await _execute_async(call)
        except _EXPECTED as error:
            judged = _judge(error, call, attempt)
            if judged is None:
                continue
            envelope = judged
        return envelope


async def _execute_async(call: Call) -> Envelope:
    connection = _client.connection_if_ready()
    if connection is None:
        connection = await asyncio.wrap_future(_client.connection_soon())
    loading = call.program.load(connection)
    loaded = loading.result() if loading.done() else await asyncio.wrap_future(loading)
    replay = None
    if call.step is not None:
        opening = call.step.workflow.on(connection)
        replay = opening.result() if opening.done() else await asyncio.wrap_future(opening)
    request = Request(call, connection, loaded, replay, asyncio.get_running_loop())
    while (turn := request.turn()) is not None:
        await asyncio.wrap_future(turn)
    future = request.send()
    done = future.done()
    return _accepted(call, future.result() if done else await asyncio.wrap_future(future))


def execute_all(calls: Sequence[Call]) -> list[Any]:
    """Run all at once and return their values in order; the first failure stops the others."""
    try:
        with waiting():
            return _execute_all(calls)
    except RefusedError as refused:
        raise task_error(_failed(calls[0], refused.type, str(refused))) from None


def _execute_all(calls: Sequence[Call]) -> list[Any]:
    values: list[Any] = [None] * len(calls)
    futures: dict[Future[Any], int] = {}
    try:
        for index, call in enumerate(calls):
            try:
                futures[_begin(call)] = index
            except _EXPECTED as error:
                values[index] = value_of(_judge(error, call, 1) or execute(call))
        ready = [future for future in futures if future.done()]
        rest = futures.keys() - ready
        for future in chain(ready, as_completed(rest)):
            index = futures[future]
            try:
                envelope = _outcome(calls[index], future)
            except _EXPECTED as error:
                envelope = _judge(error, calls[index], 1) or execute(calls[index])
            values[index] = value_of(envelope)
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return values


def _begin(call: Call) -> Future[Any]:
    """Prepare it, waiting where that needs waiting, and request it."""
    connection = _client.connection()
    loaded = call.program.load(connection).result()
    if call.step is None:
        return Request(call, connection, loaded).send()
    workflow = call.step.workflow
    request = Request(call, connection, loaded, workflow.on(connection).result())
    while (turn := request.turn()) is not None:
        turn.result()
    future = request.send()
    if not future.done():
        workflow.follow(future)
    return future


def _outcome(call: Call, future: Future[Any]) -> Envelope:
    """Wait for what ``_begin`` has begun."""
    try:
        return _accepted(call, future.result())
    except CancelledError:
        if call.step is not None:
            call.step.workflow.check()  # it was stopped with its workflow
        raise


def _accepted(call: Call, envelope: Envelope) -> Envelope:
    """The outcome. Raises if the workflow was stopped, and the task with it."""
    revoked = call.step.workflow.revoked if call.step is not None else None
    if revoked is not None and not envelope["success"]:
        raise revoked
    return envelope


def _judge(error: Exception, call: Call, attempt: int) -> Envelope | None:
    """What a call has come to: an envelope, None to send it again, or an exception."""
    if isinstance(error, (InvalidValueError, MessageTooLargeError)):
        return _failed(call, "invalid_arguments", str(error))
    if isinstance(error, RefusedError):
        return _failed(call, error.type, str(error))
    if isinstance(error, HugeIntegerError):
        return _failed(call, "invalid_result", f"the result holds an integer too long: {error}")
    if isinstance(error, RpcError):
        return _judge_reply(error, call, attempt)
    # Its task may have been started. As a step of a workflow it may be once more, else not.
    unsent = isinstance(error, SidecarLost) and not error.sent
    repeatable = unsent or call.step is not None
    if repeatable and attempt < MAX_ATTEMPTS:
        return None
    raise error


def _judge_reply(error: RpcError, call: Call, attempt: int) -> Envelope | None:
    data = error.data
    if error.code == _UNKNOWN_PROGRAM and attempt < MAX_ATTEMPTS:
        connection = _client.connection_if_ready()
        if connection is not None:
            call.program.forget(connection)
        return None
    if error.code == _SOURCE_ERROR:
        message = _placed(str(data.get("message") or error.message), data)
        return _failed(call, "source_error", message, data.get("class"), data.get("traceback"))
    if error.code == _CANCELLED:
        return _failed(call, "cancelled", error.message)
    if error.code == _INTERNAL_ERROR:
        return _failed(call, "internal", error.message)
    if call.step is not None:
        raise call.step.workflow.explained(error) from None
    raise error.refusal() from None


def _placed(message: str, data: Mapping[str, Any]) -> str:
    """The message, led by its place in the source if that is not in it."""
    file = data.get("file")
    if not file or f"{file}:" in message:
        return message
    place = [file, data.get("line"), data.get("column")]
    return f"{':'.join(str(part) for part in place if part is not None)}: {message}"


def _failed(
    call: Call,
    error_type: str,
    message: str,
    class_name: str | None = None,
    traceback: str | None = None,
) -> Envelope:
    """The envelope of a task that was never started."""
    return {
        "success": False,
        "result": None,
        "error": {
            "type": error_type,
            "message": message,
            "class": class_name,
            "traceback": traceback,
        },
        "execution": {
            "task_name": call.task,
            "duration_ms": round((time.monotonic() - call.began) * 1000),
            "retries": 0,
            "fuel_consumed": None,
            "ram_used": None,
            "host_requests": [],
            "limits": None,
            "run_id": None,
            "trace_id": None,
            "step_id": None,
            "replayed": False,
        },
    }
