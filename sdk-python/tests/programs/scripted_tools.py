"""Tools for the tests with a scripted peer, and a task that offers them."""

import asyncio
import contextvars
import threading
from typing import Any, Literal, Optional, Union

from capsule import task, tool

TAG = contextvars.ContextVar("tag", default="none")
seen: list[Any] = []
started = threading.Event()
release = threading.Event()


@tool
def add(a: int, b: float = 0, *more: int, flag: bool = False, **rest: str) -> Any:
    """Add them."""
    return [a, b, list(more), flag, rest]


@tool
def choose(
    kind: Literal["a", "b", 1],
    items: "list[int]" = [],
    names: Optional[dict[str, int]] = None,
    either: Union[int, str] = 0,
    other: "NoSuchName" = None,  # type: ignore[name-defined]
    anything: Any = None,
) -> str:
    return "chosen"


@tool(name="later")
async def renamed(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


@tool
def where() -> Any:
    return [threading.current_thread().name, TAG.get()]


@tool
async def where_async() -> Any:
    return [threading.current_thread().name, TAG.get()]


@tool
def raises(kind: str) -> Any:
    if kind == "exit":
        raise SystemExit(3)
    if kind == "interrupt":
        raise KeyboardInterrupt
    if kind == "strange":
        raise Strange
    raise LookupError(f"no {kind} \ud800")


@tool
async def raises_async(kind: str) -> Any:
    return raises(kind)


class Strange(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


@tool
def bad_value(kind: str) -> Any:
    return {"x": [1, object() if kind == "object" else float("nan")]}


@tool
def huge() -> str:
    return "x" * (64 << 20)


@tool(timeout="100ms")
def stuck() -> None:
    started.set()
    release.wait(60)


@tool(timeout=0.1)
async def stuck_async() -> None:
    try:
        await asyncio.sleep(60)
    finally:
        seen.append("stopped")


@tool
async def waits() -> None:
    seen.append("begun")
    try:
        await asyncio.sleep(60)
    finally:
        seen.append("stopped")


@tool
def secret() -> str:
    seen.append("secret was called")
    return "secret"


@task(
    tools=[
        add,
        choose,
        renamed,
        where,
        where_async,
        raises,
        raises_async,
        bad_value,
        huge,
        stuck,
        stuck_async,
        "waits",
    ]
)
def ask(messages: Any, count: int) -> Any: ...


@task
def hang() -> None: ...
