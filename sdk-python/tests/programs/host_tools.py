"""Tools, and tasks that call them from real sandboxes."""

import asyncio
import contextvars
import json
import os
import threading
import time
from typing import Any

from capsule import (
    InvalidArguments,
    InvalidResult,
    PolicyDenied,
    ToolError,
    task,
    tool,
)

from programs.tool_helpers import helper_task

TAG = contextvars.ContextVar("tag", default="none")
events: list[str] = []
release = threading.Event()
together = 0


@tool
def describe(text: str, times: int = 1) -> dict[str, Any]:
    return {"text": text * times, "pid": os.getpid()}


@tool
async def describe_async(text: str) -> str:
    await asyncio.sleep(0)
    return text + TAG.get()


@tool
def raise_key_error(key: str) -> str:
    raise KeyError(key)


@tool
def not_json() -> Any:
    return {"items": [object()]}


@tool
async def meet(count: int) -> int:
    """Returns when as many of them run at once."""
    global together
    together += 1
    while together < count:
        await asyncio.sleep(0.001)
    return together


@tool
async def never() -> None:
    events.append("begun")
    try:
        await asyncio.sleep(600)
    finally:
        events.append("stopped")


@tool
def never_sync() -> None:
    events.append("begun")
    release.wait(600)


@tool
def call_task(depth: int) -> str:
    return nested.call(depth)


@tool
async def call_task_async(depth: int) -> str:
    return await nested_async.aio(depth)


@tool
def same_task_again(number: int) -> int:
    return runaway.call(number + 1)


@tool
def length(text: str) -> int:
    return len(text)


@tool
def not_for_everyone() -> str:
    events.append("not_for_everyone was called")
    return "secret"


@task(tools=[describe])
def plain(text: str, times: int = 1) -> Any:
    return describe(text, times=times)


@task(tools=[describe_async, describe])
async def asynchronous(text: str) -> Any:
    return [await describe_async(text), (await describe(text))["text"]]


@task(tools=["length"])
def by_name(text: str) -> int:
    return length(text)


@task(tools=[raise_key_error, not_json, describe, not_for_everyone])
def fails(how: str) -> Any:
    try:
        if how == "raise":
            return raise_key_error("k")
        if how == "result":
            return not_json()
        if how == "arguments":
            return describe(times="many")
        if how == "type":
            return describe("x", times="many")
        if how == "not given":
            return length("x")
    except (ToolError, InvalidArguments, InvalidResult, PolicyDenied) as error:
        return [type(error).__name__, error.class_name, error.message, error.traceback]


@task(tools=[raise_key_error])
def fails_uncaught() -> Any:
    return raise_key_error("deep")


@task(tools=[meet])
async def at_once(count: int) -> list[int]:
    return await asyncio.gather(*(meet(count) for _ in range(count)))


@task(tools=[describe], compute="HIGH")
async def many(count: int) -> int:
    found = await asyncio.gather(*(describe.aio(str(n)) for n in range(count)))
    return len({each["text"] for each in found})


@task(tools=[never], timeout="1s")
def waits() -> None:
    never.call()


@task(tools=[never_sync], timeout="1s")
def waits_for_a_thread() -> None:
    never_sync()


@task(tools=[never])
async def gives_up() -> str:
    try:
        await asyncio.wait_for(never(), 0.2)
    except asyncio.TimeoutError:
        return "gave up"


@task(tools=[call_task])
def nested(depth: int) -> str:
    return call_task(depth - 1) + "." if depth else "bottom"


@task(tools=[call_task_async])
async def nested_async(depth: int) -> str:
    return await call_task_async(depth - 1) + "." if depth else "bottom"


@task(tools=[same_task_again])
def runaway(number: int) -> int:
    return same_task_again(number)


@task
def uses_helper(text: str) -> str:
    return helper_task(text)


@task(tools=[length], ram="512MB")
def long_text(size: int) -> int:
    return length("é" * size)


@task(tools=[describe])
def forges(operation: dict[str, Any]) -> Any:
    """Passes the library by."""
    from wit_world.imports import host

    number = host.submit(json.dumps(operation))
    return json.loads(host.wait([number], None))[0]


@task(tools=[describe])
def rewrites_itself() -> Any:
    """Changes, in its sandbox, all that says what it may call."""
    import capsule.tools

    capsule.tools._given.add("not_for_everyone")
    rewrites_itself.options["tools"] = ["not_for_everyone"]
    try:
        return not_for_everyone()
    except PolicyDenied as error:
        return f"denied: {error.message}"


@task
def sleep(seconds: float) -> None:
    time.sleep(seconds)
