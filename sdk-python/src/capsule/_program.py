"""Which program a task belongs to, and how a sidecar comes to know it."""

from __future__ import annotations

import dataclasses
import inspect
import os
import sys
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsule._errors import ProgramError
from capsule._json import encode_plain
from capsule._tool import Tool, by_name, names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future

    from capsule._connection import Connection

__all__ = ["Module", "Program", "declare", "module_of", "place_of"]

_SLOT = "__capsule_program__"

_JAVASCRIPT = frozenset({".ts", ".js", ".mts", ".mjs", ".cts", ".cjs", ".tsx", ".jsx"})


@dataclasses.dataclass(frozen=True)
class Program:
    """A program: an entry module and the folder that its imports start from."""

    root: str
    """Absolute path of the folder that the program's own modules are imported from."""

    module: str
    """Name of the entry module below that folder."""

    file: str
    """Absolute path of the entry module's file."""

    source: str | None = None
    """The entry module's source; None: what the file holds when it is loaded."""

    language: str = "python"
    """Name of the guest that runs it."""

    @classmethod
    def of_file(cls, file: str) -> Program:
        """The program whose entry module is this file, in the folder that it lies in."""
        path = Path(file)
        return cls(
            root=str(path.parent), module=path.stem, file=file, language=_language(path.suffix)
        )

    def load(self, connection: Connection) -> Future[Any]:
        """Have the sidecar read it; the future's result has the program's id as ``"program"``.

        A program with a fixed source is loaded once a sidecar, by a future that all its calls share
        and none can cancel. Else its file may have changed, so it is loaded each time.
        """
        loading = connection.programs.get(self)
        if loading is not None and not (loading.done() and loading.exception()):
            return loading
        params = {
            "language": self.language,
            "root": self.root,
            "module": self.module,
            "file": self.file,
        }
        if self.source is None:
            return connection.request("loadProgram", encode_plain(params))
        params["source"] = self.source
        loading = connection.request("loadProgram", encode_plain(params), cancellable=False)
        connection.programs[self] = loading
        return loading

    def forget(self, connection: Connection) -> None:
        """Load it again next time, since the sidecar does not know it any more."""
        connection.programs.pop(self, None)


def _language(suffix: str) -> str:
    return "javascript" if suffix in _JAVASCRIPT else "python"


class Module:
    """What one execution of a module has declared; kept in the module's own globals."""

    def __init__(self, program: Program, namespace: dict[str, Any]) -> None:
        self.program = program
        self.spec = namespace.get("__spec__")
        self.name = str(namespace.get("__name__", ""))
        self.tasks: dict[str, str] = {}
        """Where each task is declared, by its name."""
        self._namespace = namespace
        self._given: list[Tool[..., Any] | str] = []
        self._others: dict[str, Module] = {}
        self._file = Path(os.path.relpath(program.file, program.root)).as_posix()

    def add(self, name: str, where: str, tools: Any) -> None:
        """Note a task and the tools that it is given.

        Raises ``ProgramError`` if there is a task, or another tool, of that name already.
        """
        earlier = self.tasks.get(name, where)
        if earlier != where:
            raise ProgramError(
                f"{where}: the task name {name!r} is taken by the task at {earlier}; "
                "give one of them another with @task(name=...)"
            )
        names_of(tools or ())
        given = [*self._given, *(tools or ())]
        by_name(each for each in given if isinstance(each, Tool))
        self._given = given
        self.tasks[name] = where

    def tools(self, loaded: Mapping[str, Any]) -> dict[str, Tool[..., Any]]:
        """The tools of this module's tasks, and of those that its program's other modules declare.

        ``loaded`` is what the sidecar has told of the program. Raises ``ProgramError`` if two tools
        share a name: which one a task means could not be told.
        """
        modules: list[Module] = [self]
        for file in {str(task.get("file")) for task in loaded.get("tasks", ())} - {self._file}:
            other = self._others.get(file) or _imported(os.path.join(self.program.root, file))
            if other is not None:
                self._others[file] = other
                modules.append(other)
        return by_name(each for module in modules for each in module.own_tools())

    def own_tools(self) -> Iterator[Tool[..., Any]]:
        """Those that its own tasks name."""
        for each in self._given:
            if isinstance(each, Tool):
                yield each
            else:
                for value in list(self._namespace.values()):
                    if isinstance(value, Tool) and value.name == each:
                        yield value


def _imported(file: str) -> Module | None:
    """The module of that file, if this process has imported it and it declares tasks."""
    for module in list(sys.modules.values()):
        found = getattr(module, "__dict__", {}).get(_SLOT)
        if isinstance(found, Module) and found.program.file == file:
            return found
    return None


def declare(function: Callable[..., Any], name: str, tools: Any = ()) -> Module:
    """Note that a module declares a task, and return what is known of the module.

    The module's source is read at its first task, so that what runs in the sandbox is what the
    host has imported, even if the file is edited later.

    Raises ``ProgramError`` if the function does not come from a file, or if the module has a task
    of that name already.
    """
    innermost = inspect.unwrap(function)
    code = innermost.__code__
    module = module_of(innermost.__globals__, f"the task {function.__name__!r}", code.co_filename)
    where = f"{module.program.file}:{code.co_firstlineno}"
    module.add(name, where, tools)
    return module


def module_of(namespace: dict[str, Any], what: str, written_in: str) -> Module:
    """Return what is known of the module whose globals these are.

    ``what`` needs it, and ``written_in`` is the file of that code. Raises ``ProgramError`` if the
    module does not come from a file.
    """
    module = namespace.get(_SLOT)
    # `importlib.reload` executes a module again in the same namespace, but with a new spec.
    if not isinstance(module, Module) or module.spec is not namespace.get("__spec__"):
        module = Module(_program(namespace, what, written_in), namespace)
        namespace[_SLOT] = module
    return module


def _program(namespace: dict[str, Any], what: str, written_in: str) -> Program:
    file = namespace.get("__file__")
    if not file or written_in.startswith("<"):
        raise ProgramError(
            f"{what} is not in a file (it comes from {written_in!r}): its "
            "source is read again inside the sandbox. Save it in a .py file and import it from "
            "there; this also goes for notebooks, the interactive prompt and exec()"
        )
    path = Path(os.path.abspath(file))
    try:
        with tokenize.open(path) as stream:  # as Python reads it: its coding line, its newlines
            source = stream.read()
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise ProgramError(f"the source of {what} cannot be read from {path}: {error}") from error
    root, module = _place(path, _dotted_name(namespace))
    return Program(str(root), module, str(path), source)


def place_of(namespace: dict[str, Any]) -> tuple[str, str] | None:
    """The folder that a module's imports start from and its file, both absolute; None: no file."""
    file = namespace.get("__file__")
    if not file:
        return None
    path = Path(os.path.abspath(file))
    return str(_place(path, _dotted_name(namespace))[0]), str(path)


def _dotted_name(namespace: dict[str, Any]) -> str:
    """The module's name; under ``python -m package.module``, too, where it is ``__main__``."""
    name = str(namespace.get("__name__", ""))
    if name == "__main__":
        spec = namespace.get("__spec__")
        name = spec.name if spec is not None else ""
    return name


def _place(path: Path, name: str) -> tuple[Path, str]:
    """The folder that imports start from, and the entry module's name below it."""
    parts = name.split(".")
    below = path.parent if path.stem == "__init__" else path.with_suffix("")
    in_package = len(parts) > 1 or path.stem == "__init__"
    if in_package and below.parts[-len(parts) :] == tuple(parts):
        return below.parents[len(parts) - 1], name
    return path.parent, path.stem
