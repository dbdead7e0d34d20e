"""An agent whose trace is worth looking at: searches side by side, a retry, and one that fails."""

import asyncio
import random

from capsule import task

SOURCES = ("atlas", "journals", "news", "forum")


@task(name="search", timeout="10s", max_retries=2)
async def search(source: str, topic: str) -> list[str]:
    print(f"asking {source} about {topic}")
    await asyncio.sleep(random.uniform(0.1, 0.4))
    if source == "forum":
        raise ConnectionError(f"{source} does not answer")
    return [f"{topic} in {source}", f"more on {topic}"]


@task(name="summarize", compute="HIGH", ram="512MB")
async def summarize(pages: list[str]) -> str:
    parts = await asyncio.gather(*(shorten(page) for page in pages))
    return ". ".join(parts)


@task(name="shorten")
async def shorten(page: str) -> str:
    await asyncio.sleep(random.uniform(0.05, 0.15))
    return page.capitalize()


@task(name="research")
async def main(topic: str) -> str:
    found = await asyncio.gather(*(search(source, topic) for source in SOURCES), return_exceptions=True)
    pages = [page for each in found if isinstance(each, list) for page in each]
    print(f"{len(pages)} pages, {sum(isinstance(each, Exception) for each in found)} source failed")
    return await summarize(pages[:4])
