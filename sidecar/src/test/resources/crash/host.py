"""A workflow of more than thirty steps: in turn, side by side, in chains, tried again and nested.

Whatever runs leaves a file in ``effects``, named after its step: more than one file of a step tells
that it ran more than once. The program prints its result.
"""

import asyncio
import json
import os

import capsule
from capsule import step, task, workflow


def effect(name: str, step_id: str | None) -> None:
    key = str(step_id).rpartition("/")[2]
    with open(f"effects/{key}.{os.urandom(6).hex()}", "w") as file:
        file.write(name)


@task(allowed_files=["effects"])
def square(n: int) -> int:
    effect(f"square {n}", capsule.context().step_id)
    return n * n


@task(allowed_files=["effects"])
def double(n: int) -> int:
    effect(f"double {n}", capsule.context().step_id)
    return 2 * n


@task(allowed_files=["effects"], max_retries=2)
def flaky(n: int) -> int:
    if capsule.context().attempt == 0:
        raise ValueError("not at once")
    effect(f"flaky {n}", capsule.context().step_id)
    return n + 1


@task(allowed_files=["effects"], max_retries=1)
async def nested(n: int) -> int:
    parts = await asyncio.gather(*(square.aio(100 * n + i) for i in range(3)))
    if capsule.context().attempt == 0:
        raise ValueError("once its own steps are done")
    effect(f"nested {n}", capsule.context().step_id)
    return sum(parts)


@task(allowed_files=["effects"])
def fails(n: int) -> int:
    effect(f"fails {n}", capsule.context().step_id)
    raise LookupError(n)


async def chain(n: int) -> int:
    return await double.aio(await square.aio(n))


def own(name: str) -> str:
    effect(name, "own-" + name)
    return name


async def main() -> None:
    async with workflow("crash") as wf:
        first = await square.aio(1000)
        chains = await asyncio.gather(*(chain(n) for n in range(8)))
        tried = await asyncio.gather(*(flaky.aio(n) for n in range(4)))
        deep = await asyncio.gather(*(nested.aio(n) for n in range(2)))
        mine = [await step("own-" + name, own, name) for name in ("a", "b")]
        try:
            await fails.aio(1)
        except capsule.TaskError as error:
            failed = type(error).__name__
        drawn = await wf.random()
        last = await double.aio(round(drawn * 1e6))
        wf.result = [first, chains, tried, deep, mine, failed, last == 2 * round(drawn * 1e6)]
        print(json.dumps(wf.result))


if __name__ == "__main__":
    asyncio.run(main())
