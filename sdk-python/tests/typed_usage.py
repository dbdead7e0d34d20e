"""What type checkers make of user code; checked by mypy in test_package.py, never run.

`assert_type` fails the check where a type is not exactly this; each `type: ignore` here must be
needed, since unneeded ones are errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capsule import (
    Envelope,
    TaskError,
    Workflow,
    context,
    run,
    run_sync,
    step,
    task,
    workflow,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import assert_type  # noqa: TC004 - this file is never run


@task
def plain(text: str, times: int = 1) -> list[str]:
    return [text] * times


@task(name="other", compute="LOW", ram=64_000_000, timeout=1.5, allowed_files=["./data:ro"])
async def asynchronous(number: int) -> dict[str, int]:
    return {"number": number}


task(no_such_option=1)  # type: ignore[call-overload]


async def use() -> None:
    keeps_its_signature: Callable[[str], Any] = plain
    assert_type(keeps_its_signature("x"), Any)
    assert_type(plain.call("x"), list[str])
    assert_type(plain("x"), Any)
    assert_type(await plain.aio("x", times=2), list[str])
    assert_type(await asynchronous.aio(1), dict[str, int])
    assert_type(asynchronous.call(1), dict[str, int])
    plain.call(1)  # type: ignore[arg-type]
    plain("x", 1, 2)  # type: ignore[call-arg]
    assert_type(await run(file="x.py", args=[1], mounts=["./d:ro"], timeout="1s"), Envelope)
    envelope = run_sync(file="x.py")
    assert_type(envelope["success"], bool)
    await run(file="x.py", timeuot=1)  # type: ignore[call-arg]
    try:
        await plain("x")
    except TaskError as error:
        assert_type(error.traceback, "str | None")


async def research(topic: str, depth: int) -> list[str]:
    return [topic] * depth


async def use_workflows() -> None:
    async with workflow("x", on_change="continue", durability="relaxed") as flow:
        assert_type(flow, Workflow)
        assert_type(await step("name", plain.call, "x", times=2), Any)
        assert_type(context().step_id, "str | None")
    with workflow("x"):
        step("name", plain.call, 1)  # type: ignore[arg-type]
    workflow("x", on_change="sometimes")  # type: ignore[arg-type]
    assert_type(await workflow.run("x", research, "currents", 2), list[str])
    await workflow.run("x", research, "currents")  # type: ignore[arg-type]
    assert_type(workflow.run_sync("x", plain.call, "text"), list[str])
