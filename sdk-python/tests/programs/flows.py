"""Tasks whose tools note that they were called, so that a test sees what ran, and how often."""

import asyncio
import dataclasses
import threading
from collections import Counter

from capsule import context, task, tool

calls: list[str] = []
failing: Counter[str] = Counter()
"""How many times more a tool is to fail, by what it is given."""
release = threading.Event()


@tool
def note(text: str) -> None:
    calls.append(text)
    if failing[text]:
        failing[text] -= 1
        raise ConnectionError(f"no {text}")


@tool
def wait(text: str) -> str:
    calls.append(text)
    release.wait(60)
    return text


@task(tools=[note])
def work(name: str, *, times: int = 1) -> str:
    note(name)
    return name.upper() * times


@task(tools=[note])
async def later(name: str, pause: float) -> str:
    await asyncio.sleep(pause)
    await note(name)
    return name


@tool
def step_of_tool() -> str | None:
    return context().step_id


@task(tools=[step_of_tool])
def by_tool() -> list[str | None]:
    return [context().step_id, step_of_tool()]


@task(tools=[wait])
def waiting(name: str) -> str:
    return wait(name)


@task(tools=[note])
def outer(name: str) -> list[str]:
    inner = [work(f"{name}.1"), *work.map([f"{name}.2", f"{name}.3"])]
    note(name)
    return inner


@task(tools=[note], max_retries=3, retry_on=["task_error"])
def retried(name: str) -> str:
    inner = work(f"{name}.inner")
    note(name)
    return inner


@task
def where() -> dict:
    return {**vars(context())}


@tool
def through_a_tool(name: str) -> str:
    return work.call(name) + str(context().step_id)


@task(tools=[through_a_tool])
def indirect(name: str) -> str:
    return through_a_tool(name)


@dataclasses.dataclass
class Order:
    number: int
    lines: list[str]


@task(tools=[note])
def takes(order: Order) -> int:
    note(f"order {order['number']}")
    return len(order["lines"])
