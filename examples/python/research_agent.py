"""An agent of two tasks, each call in a sandbox of its own, orchestrated by ordinary async code.

    python examples/python/research_agent.py "ocean currents"
    capsule run examples/python/research_agent.py "ocean currents"

The search engine and the language model are stand-ins, so that the example needs no account.
"""

import asyncio
import sys

from capsule import task


class search_api:
    """Stands in for a search engine."""

    PAGES = (
        "Ocean currents carry heat from the equator towards the poles.",
        "The Gulf Stream is one of the strongest ocean currents.",
        "Sourdough needs flour, water, salt and patience.",
    )

    @classmethod
    def query(cls, text: str) -> list[str]:
        words = text.lower().split()
        return [page for page in cls.PAGES if any(word in page.lower() for word in words)]


class llm:
    """Stands in for a language model."""

    @staticmethod
    def summarize(texts: list[str]) -> str:
        return " ".join(text.split(".")[0] + "." for text in texts) or "Nothing was found."


@task(
    name="web_search",
    compute="MEDIUM",
    timeout="5m",
    max_retries=3,
)
def search_web(query: str) -> dict:
    results = search_api.query(query)
    return {"results": results, "count": len(results)}


@task(name="summarize", compute="HIGH", ram="512MB")
def summarize_results(data: dict) -> str:
    return llm.summarize(data["results"])


# Orchestrates the tasks: each await is a fresh sandbox.
async def research_agent(topic: str):
    data = await search_web(topic)
    summary = await summarize_results(data)
    return summary


# The same orchestration as a task, for `capsule run`: then it is in a sandbox itself.
@task
async def main(topic: str = "ocean currents") -> str:
    return await research_agent(topic)


if __name__ == "__main__":
    print(asyncio.run(research_agent(" ".join(sys.argv[1:]) or "ocean currents")))
