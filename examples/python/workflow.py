"""A research agent that loses nothing: end it at any point, start it again, and it goes on from there.

    python examples/python/workflow.py "ocean currents"

It asks a search engine and a language model, which cost money, and then you. End it while it waits
for your answer (Ctrl-C, kill -9, the power switch) and start it again: neither is asked twice.

The search engine and the language model are stand-ins, so that the example needs no account.
"""

import sys

from capsule import step, task, tool, workflow

PAGES = (
    "Ocean currents carry heat from the equator towards the poles.",
    "The Gulf Stream is one of the strongest ocean currents.",
    "Sourdough needs flour, water, salt and patience.",
)


@tool
def search_engine(query: str) -> list[str]:
    """Stands in for a search engine with an account."""
    # with the end of its line in one piece: two of them may print at once
    print(f"asking the search engine for {query!r}\n", end="", flush=True)
    return [page for page in PAGES if query.lower() in page.lower()]


@tool
def language_model(prompt: str, texts: list[str]) -> str:
    """Stands in for a language model."""
    print(f"asking the language model about {len(texts)} pages", flush=True)
    return f"{prompt} " + " ".join(texts) if texts else "Nothing was found."


@task(name="web_search", timeout="1m", max_retries=3, tools=[search_engine])
def search_web(query: str) -> list[str]:
    return search_engine(query)


@task(timeout="1m", ram="512MB", tools=[language_model])
def summarize(pages: list[str]) -> str:
    return language_model("In short:", sorted(set(pages)))


def ask_reader(summary: str) -> str:
    print(summary)
    return input("How good is that, 1 to 5? ")


def research_agent(topic: str) -> dict:
    found = search_web.map(topic.split())  # all words at once, each in a sandbox of its own
    summary = summarize([page for pages in found for page in pages])
    rating = step("rating", ask_reader, summary)  # a step of this process
    return {"topic": topic, "summary": summary, "rating": rating}


if __name__ == "__main__":
    topic = " ".join(sys.argv[1:]) or "ocean currents"
    with workflow(f"research: {topic}") as flow:  # the name by which it is found again
        flow.result = research_agent(topic)
    print(f"{flow.result['topic']}: rated {flow.result['rating']}")
