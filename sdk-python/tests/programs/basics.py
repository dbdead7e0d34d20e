"""Tasks that the end-to-end tests run in real sandboxes."""

import asyncio
import dataclasses
import os
import sys
import time
from typing import Any

from capsule import task

from programs import helpers


@task
def add(a: int, b: int = 0) -> int:
    return a + b


@task()
def identity(value: Any) -> Any:
    return value


@task(name="renamed")
def original() -> str:
    return "by its option"


@task
async def asynchronous(text: str) -> str:
    await asyncio.sleep(0.001)
    return text.upper()


@task
def imported() -> str:
    return helpers.greet("sandbox")


@task
def fail(key: str) -> None:
    try:
        {}[key]
    except KeyError as error:
        raise ValueError(f"no {key}") from error


@task
def fail_strangely() -> dict[str, Any]:
    return {"error": {"type": "timeout", "message": "not really"}, "success": False}


@task
def speak(text: str, to: str = "stdout") -> str:
    stream = sys.stderr if to == "stderr" else sys.stdout
    stream.write(text)
    return "done"


@task
def speak_nested(text: str) -> str:
    print("before")
    speak(text)
    print("after")
    return "done"


@dataclasses.dataclass
class Point:
    x: int
    y: int


@task
def where() -> Point:
    return Point(1, 2)


@task
def not_json() -> Any:
    return {"items": [1, {"when": object()}]}


@task(timeout=0.2)
def sleep_too_long() -> None:
    time.sleep(30)


@task(timeout="60s")
def sleep(seconds: float) -> str:
    print("sleeping", flush=True)
    time.sleep(seconds)
    return "awake"


@task(compute=20_000_000)
def spin() -> None:
    while True:
        pass


@task(ram="64MB")
def hoard() -> int:
    return len(bytearray(256_000_000))


@task
def leave() -> None:
    sys.exit(3)


def _deeper(depth: int) -> int:
    return 1 + _deeper(depth + 1)


@task
def recurse() -> int:
    return _deeper(0)


@task
async def fan_out(count: int) -> int:
    return sum(await asyncio.gather(*(add(number, 1) for number in range(count))))


@task
def nested_failure() -> None:
    fail("inner")


@task
def environment() -> dict[str, str]:
    return dict(os.environ)


@task
def large(size: int) -> str:
    return "é" * size
