"""Tasks by the names that tests/fake_sidecar.py knows. Their bodies are never run."""

from typing import Any

from capsule import task


@task
def echo(*args: Any) -> Any: ...


@task
def hang() -> None: ...


@task
def forget() -> None: ...


@task
def die() -> None: ...


@task
def garbage() -> None: ...


@task
def too_long() -> None: ...


@task
def truncated() -> None: ...


@task
def not_json() -> None: ...


@task
def huge_integer() -> None: ...


@task
def deaf() -> None: ...


@task
def internal() -> None: ...


@task
def option(*args: Any) -> None: ...


@task
def die_once(*args: Any) -> str: ...


@task
def revoke(reason: str) -> None: ...
