"""A task that declares no tools."""

from typing import Any

from capsule import task


@task
def ask(messages: Any, count: int) -> Any: ...
