"""A module with a task and a tool of its own, which another program imports."""

from capsule import task, tool


@tool
def from_the_helper(text: str) -> str:
    return f"helped {text}"


@task(tools=[from_the_helper])
def helper_task(text: str) -> str:
    return from_the_helper(text)
