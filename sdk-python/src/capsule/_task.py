"""``@task``: declares a function as a task, to be run in a sandbox of its own at each call."""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import types
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, TypeVar, cast, overload

from capsule._errors import ProgramError
from capsule._options import given_tools, to_wire
from capsule._program import declare, module_of
from capsule._runs import Call, execute, execute_all, execute_async, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from typing_extensions import Unpack

    from capsule._program import Module
    from capsule._types import CallOptions, TaskOptions

__all__ = ["Task", "TaskDecorator", "TaskRef", "in_event_loop", "task", "task_ref"]

P = ParamSpec("P")
R = TypeVar("R")


def in_event_loop() -> bool:
    """Whether the caller runs inside an asyncio event loop, where it must not block."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Task(Generic[P, R]):
    """A declared task. Calling it never runs the function here: it runs in a fresh sandbox.

    Arguments and results travel as JSON, so a tuple comes back as a list and a dataclass as a dict.
    A task that fails raises ``TaskError`` or one of its subclasses.
    """

    __wrapped__: Callable[P, Any]

    def __init__(
        self,
        function: Callable[P, Any],
        name: str,
        options: TaskOptions,
        module: Module,
    ) -> None:
        self.name = name
        self.options = options
        """As given to the decorator. The sidecar reads those that take effect in the source."""
        self.program = module.program
        self._module = module
        self._original: Task[P, R] = self
        self._own: CallOptions = {}
        self.qualified_name = function.__qualname__
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Run the task: an awaitable inside a running event loop, else the value.

        Typed as Any for that reason; ``call`` and ``aio`` are typed exactly.
        """
        if in_event_loop():
            return self.aio(*args, **kwargs)
        return self.call(*args, **kwargs)

    def call(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the task and wait for its value; inside an event loop, all else stands still."""
        return cast("R", value_of(execute(self._to_call(args, kwargs))))

    async def aio(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the task and await its value. Cancelling the awaiting coroutine stops the task."""
        return await self._run(self._to_call(args, kwargs))

    def map(self, items: Iterable[Any]) -> Any:
        """Run the task once for each item, all at once; a list of the values in the items' order.

        An awaitable inside a running event loop. Each item is the only argument of its run. The
        first failure is raised, and stops the other runs.
        """
        if in_event_loop():
            return self._map_async(list(items))
        return execute_all([self._to_call((item,), {}) for item in items])

    async def _map_async(self, items: list[Any]) -> list[R]:
        runs = [asyncio.ensure_future(self._run(self._to_call((item,), {}))) for item in items]
        try:
            return list(await asyncio.gather(*runs))
        finally:
            for run in runs:
                run.cancel()  # no effect on those that have ended

    def envelope(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Run the task and return the whole outcome, an ``Envelope``, instead of raising TaskError.

        An awaitable inside a running event loop.
        """
        call = self._to_call(args, kwargs)
        return execute_async(call) if in_event_loop() else execute(call)

    def using(self, **options: Unpack[CallOptions]) -> Task[P, R]:
        """Return the same task, called with these options: ``t.using(timeout="1s")(x)``.

        They win over the decorator's, for the task itself; the tasks that it calls keep theirs.
        ``ceiling`` bounds them too. ``mounts`` are as of ``run``. A tool given here stands in for
        a declared one of the same name. Raises ``TypeError`` and ``ProgramError``, as ``run`` does.
        """
        # not by `copy`, which takes what is pickled by reference for unchangeable
        view: Task[P, R] = object.__new__(type(self))
        view.__dict__.update(self.__dict__)
        view._own = {**self._own, **options}
        view._to_call((), {})
        return view

    @staticmethod
    async def _run(call: Call) -> R:
        return cast("R", value_of(await execute_async(call)))

    def _to_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        if not self._own:
            return Call(self.program, self.name, args, kwargs, module=self._module)
        options: dict[str, Any] = {**self._own}
        ceiling = options.pop("ceiling", None)
        return Call(
            self.program,
            self.name,
            args,
            kwargs,
            to_wire(options),
            ceiling.to_json() if ceiling is not None else {},
            given_tools(options.get("tools")),
            self._module,
        )

    def __get__(self, instance: object, owner: type | None = None) -> Task[P, R]:
        """Refuse to be a method: the object would not be there inside the sandbox."""
        if instance is not None:
            raise TypeError(f"the task {self.name!r} is a method; tasks are plain functions")
        return self

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle by reference, as functions are: the other process imports the same module."""
        if not self._own:
            return self.qualified_name
        return _using, (self._original, self._own)

    def __repr__(self) -> str:
        """The task's name and file."""
        return f"<task {self.name!r} of {self.program.file}>"


def _using(original: Task[P, R], options: CallOptions) -> Task[P, R]:
    return original.using(**options)


class TaskRef(Task[..., Any]):
    """A task of another file of the project, in any language, by its name; see ``task_ref``."""

    def __init__(self, name: str, module: Module) -> None:
        self.name = name
        self.options = {}
        self.program = module.program
        self.qualified_name = name
        self._module = module
        self._original = self
        self._own = {}

    def __get__(self, instance: object, owner: type | None = None) -> TaskRef:
        """Be the same where it is kept in a class."""
        return self

    def __reduce__(self) -> Any:
        """Pickle as a reference that the same module makes in the other process."""
        if self._own:
            return _using, (self._original, self._own)
        return _ref_of, (self.name, self._module.name)

    def __repr__(self) -> str:
        """The task's name, and the file that refers to it."""
        return f"<reference to the task {self.name!r}, from {self.program.file}>"


def task_ref(name: str) -> TaskRef:
    """Refer to a task of another file of the project, in any language.

    The project's capsule.toml says which file: ``[tasks.summarize] file = "summarize.ts"``. The
    reference is called as a task is, in your process and inside the sandbox, by the tasks of the
    module that made it. Unlike a task it knows nothing of the signature: nothing is checked before
    the call.

    Raises ``ProgramError`` if the module is not in a file.
    """
    if not name:
        raise ValueError("a task's name is not empty")
    here = inspect.currentframe()
    frame = here.f_back if here is not None else None
    if frame is None:
        raise ProgramError("this Python does not tell which module refers to a task")
    return _ref(name, frame.f_globals, frame.f_code.co_filename)


def _ref(name: str, namespace: dict[str, Any], written_in: str) -> TaskRef:
    return TaskRef(name, module_of(namespace, f"the reference to the task {name!r}", written_in))


def _ref_of(name: str, module: str) -> TaskRef:
    namespace = vars(importlib.import_module(module))
    return _ref(name, namespace, str(namespace.get("__file__")))


class TaskDecorator(Protocol):
    """What ``task(...)`` with options returns."""

    @overload
    def __call__(self, function: Callable[P, Coroutine[Any, Any, R]], /) -> Task[P, R]: ...

    @overload
    def __call__(self, function: Callable[P, R], /) -> Task[P, R]: ...


@overload
def task(function: Callable[P, Coroutine[Any, Any, R]], /) -> Task[P, R]: ...


@overload
def task(function: Callable[P, R], /) -> Task[P, R]: ...


@overload
def task(**options: Unpack[TaskOptions]) -> TaskDecorator: ...


def task(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Declare a task: ``@task`` or ``@task(name="web_search", timeout="30s", ...)``.

    Options: name, compute, ram, timeout, max_retries, retry_on, max_output, max_result, max_disk,
    allowed_files, allowed_hosts, env_variables, tools, tasks. They are fixed by the source: the
    sidecar reads and checks them there, and refuses a wrong one with ``OptionError`` at the first
    call.

    Raises ``ProgramError`` if the function is not in a file, or if its module has a task of that
    name already.
    """
    if function is None:
        return functools.partial(_declare, options=options)
    if options:
        raise TypeError("use @task or @task(option=...), not task(function, option=...)")
    return _declare(function, options=options)


def _declare(function: Callable[..., Any], *, options: Any) -> Task[Any, Any]:
    if not isinstance(inspect.unwrap(function), types.FunctionType):
        raise TypeError(f"@task is for functions, not for {type(function).__name__} objects")
    name = options.get("name", function.__name__)
    if not isinstance(name, str) or not name:
        raise TypeError(f"a task's name is a string that is not empty, not {name!r}")
    return Task(function, name, options, declare(function, name, options.get("tools")))
