"""``@tool``: declares a function that stays in this process and can be called from sandboxes."""

from __future__ import annotations

import asyncio
import functools
import inspect
import math
import re
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, TypeVar, overload

from capsule._errors import OptionError, ProgramError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

__all__ = ["Tool", "ToolDecorator", "by_name", "names_of", "tool"]

P = ParamSpec("P")
R = TypeVar("R")

_MAX_NAME = 200
_MAX_TIMEOUT = 24 * 3600.0
_DURATION = re.compile(
    r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?"
)
_UNITS = (3600.0, 60.0, 1.0, 0.001)


class Tool(Generic[P, R]):
    """A function of this process that tasks may call, if their ``tools=`` name it.

    Called here, it is the function itself. Called in a sandbox, it runs here, with this process's
    files, network and keys: its arguments come from code that is not trusted, so check them.
    """

    __wrapped__: Callable[P, R]

    def __init__(self, function: Callable[P, R], name: str, timeout: float | None) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name = name
        self.timeout = timeout
        """Seconds that one call from a sandbox may take; None: as long as its task."""
        self.is_async = inspect.iscoroutinefunction(inspect.unwrap(function))

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function, here."""
        return self.function(*args, **kwargs)

    def call(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Its value, also of an async tool. A sandbox waits for it; so does whoever calls here."""
        value = self.function(*args, **kwargs)
        return asyncio.run(_awaited(value)) if inspect.isawaitable(value) else value

    async def aio(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Its value, also of a plain tool, which a sandbox awaits while its event loop goes on."""
        value = self.function(*args, **kwargs)
        return await value if inspect.isawaitable(value) else value

    def __get__(self, instance: object, owner: type | None = None) -> Tool[P, R]:
        """Refuse to be a method: a sandbox has no object to call it on."""
        if instance is not None:
            raise TypeError(
                f"the tool {self.name!r} is a method; make it a function, or tool(object.method)"
            )
        return self

    def __reduce__(self) -> str:
        """Pickle by reference, as functions are."""
        return getattr(self, "__qualname__", self.name)

    def __repr__(self) -> str:
        """The tool's name and place."""
        return f"<tool {self.name!r} at {self.place}>"

    @property
    def place(self) -> str:
        """``FILE:LINE`` of the function, as far as it has one."""
        code = getattr(inspect.unwrap(self.function), "__code__", None)
        return f"{code.co_filename}:{code.co_firstlineno}" if code else repr(self.function)


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value


class ToolDecorator(Protocol):
    """What ``tool(...)`` with options returns."""

    def __call__(self, function: Callable[P, R], /) -> Tool[P, R]: ...


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...


@overload
def tool(*, name: str | None = None, timeout: str | float | None = None) -> ToolDecorator: ...


def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    timeout: str | float | None = None,
) -> Any:
    """Declare a tool: ``@tool`` or ``@tool(name="search", timeout="10s")``.

    - ``name``: what sandboxes call it by; default: the function's name.
    - ``timeout``: time of one call, in seconds or as ``"500ms"``, ``"30s"``, ``"1m30s"``; from 1 ms
      to 24 h. Default: as long as the task that calls it has.

    Plain and ``async`` functions may be tools. Raises ``OptionError`` for a wrong timeout.
    """
    if function is None:
        return functools.partial(_declare, name=name, timeout=timeout)
    if name is not None or timeout is not None:
        raise TypeError("use @tool or @tool(option=...), or tool(option=...)(function)")
    return _declare(function, name=None, timeout=None)


def _declare(function: Any, *, name: Any, timeout: Any) -> Tool[..., Any]:
    if not callable(function) or isinstance(function, (type, Tool)):
        raise TypeError(f"@tool is for functions, not for {function!r}")
    found: object = name if name is not None else getattr(function, "__name__", "")
    if not isinstance(found, str) or not 0 < len(found) <= _MAX_NAME:
        raise TypeError(
            f"a tool's name is a string of 1 to {_MAX_NAME} characters, not {found!r}; "
            "give one with tool(name=...)"
        )
    return Tool(function, found, None if timeout is None else _seconds(timeout))


def _seconds(timeout: Any) -> float:
    seconds = math.nan
    if isinstance(timeout, str):
        text = timeout.strip().lower()
        found = _DURATION.fullmatch(text)
        if text and found:
            parts = zip(found.groups(), _UNITS, strict=True)
            seconds = sum(float(number) * unit for number, unit in parts if number)
    elif isinstance(timeout, (int, float)) and not isinstance(timeout, bool):
        seconds = float(timeout)
    if not 0.001 <= seconds <= _MAX_TIMEOUT:  # noqa: PLR2004 - a millisecond
        allowed = 'must be seconds, or a duration such as "500ms", "30s" or "1m30s", 1 ms to 24 h'
        raise OptionError(f"timeout={timeout!r}: {allowed}", "timeout", timeout, allowed)
    return seconds


def names_of(tools: Iterable[Any], option: str = "tools") -> list[str]:
    """The names of tools that are given by object or by name. Raises ``TypeError``."""
    if isinstance(tools, (str, Tool)):
        raise TypeError(f"{option} is a list: {option}=[search, ...]")
    names = []
    for each in tools:
        if not isinstance(each, (Tool, str)):
            raise TypeError(
                f"{option} takes functions marked with @tool, and names of such; "
                f"{getattr(each, '__name__', each)!r} is not marked"
            )
        names.append(each if isinstance(each, str) else each.name)
    return names


def by_name(tools: Iterable[Tool[..., Any]]) -> dict[str, Tool[..., Any]]:
    """The tools by their names. Raises ``ProgramError`` if two of them share one."""
    found: dict[str, Tool[..., Any]] = {}
    for each in tools:
        other = found.setdefault(each.name, each)
        if other is not each:
            raise ProgramError(
                f"two tools have the name {each.name!r}: at {other.place} and at {each.place}; "
                "give one of them another with @tool(name=...)"
            )
    return found
