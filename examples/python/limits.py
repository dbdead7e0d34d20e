"""Each limit, broken on purpose: the sandbox ends, the program goes on.

    python examples/python/limits.py
"""

import asyncio
import time
from pathlib import Path

from capsule import OutOfFuel, OutOfMemory, StackOverflow, TaskError, TaskTimeout, task


@task(compute=50_000_000)
def spin() -> None:
    while True:
        pass


@task(timeout="300ms")
def sleep() -> None:
    time.sleep(60)


@task(ram="64MB")
def hoard() -> int:
    chunks = []
    while True:
        chunks.append(bytearray(1_000_000))


@task
def recurse() -> int:
    return 1 + deeper()


def deeper() -> int:
    return 1 + deeper()


@task
def read_a_file() -> str:
    return Path("/etc/passwd").read_text()


EXPECTED = {
    spin: OutOfFuel,
    sleep: TaskTimeout,
    hoard: OutOfMemory,
    recurse: StackOverflow,
    read_a_file: TaskError,  # a FileNotFoundError: it was granted no folder, so it sees none
}


async def main() -> None:
    outcomes = await asyncio.gather(*(limit() for limit in EXPECTED), return_exceptions=True)
    for expected, outcome in zip(EXPECTED.values(), outcomes):
        assert isinstance(outcome, expected), repr(outcome)
        print(f"{type(outcome).__name__:13} {str(outcome).splitlines()[0]}")


if __name__ == "__main__":
    asyncio.run(main())
