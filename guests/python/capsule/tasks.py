"""`@task`: declares a function as a task, and calls it, each time in a sandbox of its own; `task_ref` calls others'."""

from __future__ import annotations

import asyncio
import functools
import inspect
import types
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, cast

from capsule.errors import InvalidArguments, from_wire
from capsule_guest import host, results
from capsule_guest.eventloop import HostEventLoop

MAP_WINDOW = 500
"""Tasks that `map` keeps in flight; more wait their turn in here."""

registry: dict[str, Task] = {}
"""The program's tasks by name, in the order of their declaration."""


class Callee:
    """A task by its name. Calling it starts another sandbox; the host knows whose task it is, and what it may do."""

    name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The result; a coroutine for it where an event loop is running."""
        if asyncio._get_running_loop() is not None:
            return self.aio(*args, **kwargs)
        return self.call(*args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the task and returns its result; nothing else happens meanwhile. Raises TaskError."""
        completion = host.perform(self._operation(args, kwargs))
        if "error" in completion:
            raise from_wire(completion["error"], self.name)
        return completion["ok"]

    async def aio(self, *args: Any, **kwargs: Any) -> Any:
        """As `call`, while the event loop goes on. Cancelling it stops the task."""
        operation = self._operation(args, kwargs)
        loop = asyncio.get_running_loop()
        if not isinstance(loop, HostEventLoop):
            raise RuntimeError(f"tasks can only be awaited in Capsule's event loop, not in {loop!r}")
        completion = await loop.perform(operation)
        if "error" in completion:
            raise from_wire(completion["error"], self.name)
        return completion["ok"]

    def map(self, items: Iterable[Any]) -> Any:
        """The results for all items, in their order, run concurrently; a coroutine where an event loop is running.

        The first failure stops what is still running and is raised.
        """
        if asyncio._get_running_loop() is not None:
            return self._map_aio(items)
        return self._map_call(items)

    def _map_call(self, items: Iterable[Any]) -> list[Any]:
        operations = [self._operation((item,), {}) for item in items]
        done: list[Any] = [None] * len(operations)
        running: dict[int, int] = {}
        started = 0
        try:
            while started < len(operations) or running:
                while started < len(operations) and len(running) < MAP_WINDOW:
                    running[host.submit(operations[started])] = started
                    started += 1
                for completion in host.wait(list(running), None):
                    index = running.pop(completion["id"])
                    if "error" in completion:
                        raise from_wire(completion["error"], self.name)
                    done[index] = completion["ok"]
        finally:
            for number in running:
                host.cancel(number)
        return done

    async def _map_aio(self, items: Iterable[Any]) -> list[Any]:
        arguments = list(items)
        window = asyncio.Semaphore(MAP_WINDOW)

        async def one(item: Any) -> Any:
            async with window:
                return await self.aio(item)

        running = [asyncio.ensure_future(one(item)) for item in arguments]
        try:
            return list(await asyncio.gather(*running))
        finally:
            for each in running:
                each.cancel()

    def envelope(self, *_: Any, **__: Any) -> NoReturn:
        """Outside: the whole outcome of a run."""
        _refuse(f"{self.name}.envelope()")

    def using(self, **_: Any) -> View:
        """Outside: the same task, called with other options. A program may make it at its top level."""
        return View(self.name)

    def _operation(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        try:
            return (
                f'{{"op":"call","task":{results.encode(self.name, "name")},'
                f'"args":{results.encode(args, "args")},"kwargs":{results.encode(kwargs, "kwargs")}}}'
            )
        except results.InvalidValue as invalid:
            raise InvalidArguments(str(invalid), task=self.name) from None


class Task(Callee):
    """A declared task. Calling it never runs the function here: the host starts another sandbox for it."""

    def __init__(self, function: types.FunctionType, name: str, options: dict[str, Any]) -> None:
        self.function = function
        self.name = name
        self.options = options
        # what functools.update_wrapper copies, one by one: every task's start waits for this
        self.__module__ = function.__module__
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    @property
    def code(self) -> types.CodeType:
        """The code that was decorated first, below other decorators."""
        code: types.CodeType = inspect.unwrap(self.function).__code__
        return code

    def __get__(self, instance: object, owner: type | None = None) -> Task:
        if instance is not None:
            raise TypeError(f"the task {self.name} is a method; tasks are functions")
        return self

    def __repr__(self) -> str:
        return f"<task {self.name}>"


class TaskRef(Callee):
    """A task of another file of the project, which capsule.toml names: `[tasks.NAME] file = "other.ts"`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<reference to the task {self.name}>"


class View(Callee):
    """What `using` gives: only its calls are refused."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _operation(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        _refuse(f"{self.name}.using()")


def _refuse(what: str) -> NoReturn:
    raise RuntimeError(f"{what} works in your program; inside a sandbox call the task itself, and catch TaskError")


def task_ref(name: str) -> TaskRef:
    """The task of that name in another file of the project, in any language; called as if it were declared here."""
    if not name:
        raise ValueError("a task's name is not empty")
    return TaskRef(name)


def task(function: Callable[..., Any] | None = None, /, *, name: str | None = None, **options: Any) -> Any:
    """Declares a task: `@task` or `@task(name=…, timeout="30s", …)`. The host validates the options."""
    if function is None:
        return functools.partial(task, name=name, **options)
    if type(function) is not types.FunctionType and not isinstance(inspect.unwrap(function), types.FunctionType):
        raise TypeError(f"@task is for functions, not for {type(function).__name__} objects")
    if name is not None and not isinstance(name, str):
        raise TypeError(f"a task's name is a string, not {name!r}")
    declared = Task(cast("types.FunctionType", function), name or function.__name__, options)
    if declared.name in registry and _place(registry[declared.name]) != _place(declared):
        other = registry[declared.name]
        raise ValueError(f"two tasks have the name {declared.name!r}: at {_place(other)} and at {_place(declared)}")
    registry[declared.name] = declared
    return declared


def _place(declared: Task) -> str:
    return f"{declared.code.co_filename}:{declared.code.co_firstlineno}"
