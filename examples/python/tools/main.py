"""A research agent whose search engine and language model stay in your process, with their keys.

    export SEARCH_API_KEY=...                          # any text: both services are stand-ins
    python examples/python/tools/main.py "ocean currents"

The tasks run in sandboxes that have neither network nor environment: what they may do is call the
two functions marked with @tool, which run here.
"""

import asyncio
import os
import sys

from capsule import ToolError, task, tool

PAGES = (
    "Ocean currents carry heat from the equator towards the poles.",
    "The Gulf Stream is one of the strongest ocean currents.",
    "Sourdough needs flour, water, salt and patience.",
)


@tool(timeout="10s")
def search_api(query: str, limit: int = 5) -> list[str]:
    """Stands in for a search engine with an account."""
    if not os.environ.get("SEARCH_API_KEY"):
        raise PermissionError("set SEARCH_API_KEY to use the search engine")
    words = query.lower().split()
    return [page for page in PAGES if any(word in page.lower() for word in words)][:limit]


@tool
async def ask_model(prompt: str, text: str) -> str:
    """Stands in for a language model."""
    await asyncio.sleep(0)
    return f"{prompt} {text}" if text else "Nothing was found."


@task(timeout="1m", tools=[search_api])
def search_web(query: str) -> dict:
    try:
        results = search_api(query, limit=2)
    except ToolError as error:
        return {"results": [], "problem": f"{error.class_name}: {error.message}"}
    return {"results": results, "key_in_here": "SEARCH_API_KEY" in os.environ}


@task(timeout="1m", tools=[ask_model])
async def summarize(results: list) -> list:
    # both at once: the model's answers are awaited together
    return await asyncio.gather(*(ask_model("In short:", text) for text in results))


async def research_agent(topic: str) -> None:
    found = await search_web(topic)
    if "problem" in found:
        print(f"The search failed. {found['problem']}")
        return
    print(f"The sandbox saw the key: {found['key_in_here']}")
    for line in await summarize(found["results"]):
        print(line)


if __name__ == "__main__":
    asyncio.run(research_agent(" ".join(sys.argv[1:]) or "ocean currents"))
