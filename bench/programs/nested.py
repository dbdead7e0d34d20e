import asyncio

from capsule import task


@task(name="square", compute="LOW", ram="64MB")
def square(number: int) -> int:
    return number * number


@task(name="main", compute="LOW", ram="64MB")
async def main(count: str) -> int:
    return sum(await asyncio.gather(*(square(number) for number in range(int(count)))))
