"""One task, whose limits a configuration, the decorator, callers and ceilings have a say in."""

from __future__ import annotations

from capsule import TaskError, task


@task(timeout="20s", ram="200MB", allowed_files=["data:ro"])
def probe(_: object = None) -> list[str]:
    import os

    try:
        with open("/data/new", "w"):
            told = "written"
    except OSError as error:
        told = type(error).__name__
    return [told, *sorted(os.listdir("/data"))]


@task(compute=300_000_000)
def spin(_: object = None) -> None:
    while True:
        pass


def fuel_of(call: object) -> str:
    try:
        call()  # type: ignore[operator]
    except TaskError as error:
        return f"{error.type}: {error.message}"
    return "no limit"


@task(allowed_files=["data:ro"])
def nested(times: int) -> list[list[str]]:
    return [[*probe.call(), fuel_of(spin.call)] for _ in range(times)]


@task(allowed_files=["data:ro"])
def mapped(times: int) -> list[list[str]]:
    return [[*each, fuel_of(spin.call)] for each in probe.map(range(times))]
