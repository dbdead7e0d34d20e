"""What a call asks of the sidecar; as a step of a workflow its reply may be here already."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from capsule import _tracecontext
from capsule._json import encode, encode_plain
from capsule._toolserver import check_depth

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from capsule._connection import Connection
    from capsule._replay import Replay
    from capsule._runs import Call

__all__ = ["Request"]


class Request:
    """What is asked for by a call, as a step of an open workflow if it is one."""

    def __init__(
        self,
        call: Call,
        connection: Connection,
        loaded: Mapping[str, Any],
        replay: Replay | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """``loop`` is the event loop whose coroutine waits for it, if one does."""
        check_depth()
        self._connection = connection
        self._replay = replay
        self._loop = loop
        self._key: str | None = None
        self._sort = _surroundings(call, loaded)
        params = ""
        args = encode(call.args, "args") if call.args else ""
        kwargs = encode(call.kwargs, "kwargs") if call.kwargs else ""
        if args:
            params += f',"args":{args}'
        if kwargs:
            params += f',"kwargs":{kwargs}'
        if call.step is not None and replay is not None:
            called = (call.program.module, call.task or loaded["entry"] or "", args, kwargs)
            number = call.step.number(*called)
            params += f',"workflow":{encode_plain(replay.handle)},"occurrence":{number}'
            self._key = replay.key_of(*called, number)
        self._params = self._sort + params
        self._tools = call.module.tools(loaded) if call.module is not None else {}
        if call.tools:
            self._tools = {**self._tools, **call.tools}
        if self._tools:
            self._sort += f',"tools":{encode_plain(list(self._tools))}'

    def turn(self) -> Future[Any] | None:
        """What is to be waited for, for a moment, before it is sent and before asking again."""
        return None if self._replay is None else self._replay.turn(self._key, self._sort)

    def send(self) -> Future[Any]:
        """Send it, unless its reply is there already."""
        if self._replay is None:
            return self._sent(self._connection.request)
        ask = self._replay.request
        return self._replay.call(self._key, self._sort, lambda: self._sent(ask))

    def _sent(self, ask: Callable[[str, str], Future[Any]]) -> Future[Any]:
        params = self._params + _trace()
        if not self._tools:
            return ask("runTask", params + "}")
        tools = self._connection.tools
        run = tools.offer(self._tools, self._loop)
        told = f',"tools":{encode_plain(list(self._tools))},"run":{encode_plain(run)}}}'
        try:
            future = ask("runTask", params + told)
        except BaseException:
            tools.withdraw(run)
            raise
        future.add_done_callback(lambda _: tools.withdraw(run))
        return future


def _surroundings(call: Call, loaded: Mapping[str, Any]) -> str:
    """What is asked for but for the arguments, as JSON without the brace at its end."""
    params = f'{{"program":{encode_plain(loaded["program"])}'
    if call.task is not None:
        params += f',"task":{encode(call.task, "task")}'
    if call.options:
        params += f',"options":{encode(call.options, "options")}'
    if call.ceiling:
        params += f',"ceiling":{encode(call.ceiling, "ceiling")}'
    env = {name: os.environ[name] for name in loaded.get("env", ()) if name in os.environ}
    return params + (f',"env":{encode(env, "env")}' if env else "")


def _trace() -> str:
    """The trace that the run is a part of."""
    told = _tracecontext.current().items()
    return "".join(f',"{name}":{encode_plain(value)}' for name, value in told)
