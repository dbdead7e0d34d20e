import asyncio

from capsule import task


@task(compute="LOW", ram="64MB")
def quick(number: int) -> int:
    return number + 1


@task(compute="HIGH", ram="64MB", timeout="10m")
def spin(_: int = 0) -> None:
    while True:
        pass


@task(compute="HIGH", ram="64MB", timeout="10m")
async def spin_many(count: int) -> None:
    await asyncio.gather(*(spin(number) for number in range(count)))
