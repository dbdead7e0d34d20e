"""`@tool`: a function of the user's process. In here it is a stub that asks the host to have it called there."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from capsule.errors import InvalidArguments, PolicyDenied, ToolError, from_wire
from capsule_guest import host, results
from capsule_guest.eventloop import HostEventLoop

_given: set[str] = set()


def give(names: Iterable[str]) -> None:
    """Notes which tools the task was given, to refuse others with a better error. The host decides on each call."""
    _given.clear()
    _given.update(names)


class Tool:
    """A declared tool. Calling it never runs the function here: the host has it run in the user's process."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name = name
        self.is_async = inspect.iscoroutinefunction(inspect.unwrap(function))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The result; a coroutine for it if the tool is `async`, or where an event loop is running."""
        if self.is_async or asyncio._get_running_loop() is not None:
            return self.aio(*args, **kwargs)
        return self.call(*args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the tool and returns its result; nothing else happens meanwhile. Raises ToolError and PolicyDenied."""
        return self._result(host.perform(self._operation(args, kwargs)))

    async def aio(self, *args: Any, **kwargs: Any) -> Any:
        """As `call`, while the event loop goes on. Cancelling it stops the tool."""
        operation = self._operation(args, kwargs)
        loop = asyncio.get_running_loop()
        if not isinstance(loop, HostEventLoop):
            raise RuntimeError(f"tools can only be awaited in Capsule's event loop, not in {loop!r}")
        return self._result(await loop.perform(operation))

    def _operation(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        if self.name not in _given:
            raise PolicyDenied(
                f"this task was not given the tool {self.name!r}: name it in the task's options, as tools=[{self.name}]"
            )
        try:
            return (
                f'{{"op":"tool","tool":{results.encode(self.name, "name")},'
                f'"args":{results.encode(args, "args")},"kwargs":{results.encode(kwargs, "kwargs")}}}'
            )
        except results.InvalidValue as invalid:
            raise InvalidArguments(str(invalid), task=self.name) from None

    def _result(self, completion: dict[str, Any]) -> Any:
        if "error" in completion:
            raise from_wire(completion["error"], self.name, ToolError)
        return completion["ok"]

    def __get__(self, instance: object, owner: type | None = None) -> Tool:
        if instance is not None:
            raise TypeError(f"the tool {self.name!r} is a method; tools are functions")
        return self

    def __repr__(self) -> str:
        return f"<tool {self.name}>"


def tool(function: Any = None, /, *, name: str | None = None, timeout: str | float | None = None) -> Any:
    """Declares a tool: `@tool` or `@tool(name="search", timeout="10s")`; the time limit is kept where it runs."""
    if function is None:
        return functools.partial(tool, name=name, timeout=timeout)
    if not callable(function) or isinstance(function, type):
        raise TypeError(f"@tool is for functions, not for {type(function).__name__} objects")
    if name is not None and not isinstance(name, str):
        raise TypeError(f"a tool's name is a string, not {name!r}")
    known = getattr(function, "__name__", None) if name is None else name
    if known is None:
        raise TypeError("a tool without a name of its own needs one: @tool(name=…)")
    return Tool(function, known)
