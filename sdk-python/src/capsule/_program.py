"""Which program a task belongs to, and how a sidecar comes to know it."""

from __future__ import annotations

import dataclasses
import inspect
import os
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsule._errors import ProgramError
from capsule._json import encode_plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from capsule._connection import Connection

__all__ = ["Program", "declare"]

_SLOT = "__capsule_program__"


@dataclasses.dataclass(frozen=True)
class Program:
    """A Python program: an entry module and the folder that its imports start from."""

    root: str
    """Absolute path of the folder that the program's own modules are imported from."""

    module: str
    """Name of the entry module below that folder."""

    file: str
    """Absolute path of the entry module's file."""

    source: str | None = None
    """The entry module's source; None: what the file holds when it is loaded."""

    @classmethod
    def of_file(cls, file: str) -> Program:
        """The program whose entry module is this file, in the folder that it lies in."""
        path = Path(file)
        return cls(root=str(path.parent), module=path.stem, file=file)

    def load(self, connection: Connection) -> Future[Any]:
        """Have the sidecar read it; the future's result has the program's id as ``"program"``.

        A program with a fixed source is loaded once a sidecar, by a future that all its calls share
        and none can cancel. Else its file may have changed, so it is loaded each time.
        """
        loading = connection.programs.get(self)
        if loading is not None and not (loading.done() and loading.exception()):
            return loading
        params = {"language": "python", "root": self.root, "module": self.module, "file": self.file}
        if self.source is None:
            return connection.request("loadProgram", encode_plain(params))
        params["source"] = self.source
        loading = connection.request("loadProgram", encode_plain(params), cancellable=False)
        connection.programs[self] = loading
        return loading

    def forget(self, connection: Connection) -> None:
        """Load it again next time, since the sidecar does not know it any more."""
        connection.programs.pop(self, None)


@dataclasses.dataclass
class _Module:
    """What one execution of a module has declared; kept in the module's own globals."""

    program: Program
    spec: object
    tasks: dict[str, str] = dataclasses.field(default_factory=dict)


def declare(function: Callable[..., Any], name: str) -> Program:
    """Note that a module declares a task, and return the program that the module is.

    The module's source is read at its first task, so that what runs in the sandbox is what the
    host has imported, even if the file is edited later.

    Raises ``ProgramError`` if the function does not come from a file, or if the module has a task
    of that name already.
    """
    namespace = inspect.unwrap(function).__globals__
    module = namespace.get(_SLOT)
    # `importlib.reload` executes a module again in the same namespace, but with a new spec.
    if not isinstance(module, _Module) or module.spec is not namespace.get("__spec__"):
        module = _Module(_program(function, namespace), namespace.get("__spec__"))
        namespace[_SLOT] = module
    where = f"{module.program.file}:{inspect.unwrap(function).__code__.co_firstlineno}"
    earlier = module.tasks.setdefault(name, where)
    if earlier != where:
        raise ProgramError(
            f"{where}: the task name {name!r} is taken by the task at {earlier}; "
            "give one of them another with @task(name=...)"
        )
    return module.program


def _program(function: Callable[..., Any], namespace: dict[str, Any]) -> Program:
    file = namespace.get("__file__")
    written_in = inspect.unwrap(function).__code__.co_filename
    if not file or written_in.startswith("<"):
        raise ProgramError(
            f"the task {function.__name__!r} is not in a file (it comes from {written_in!r}): its "
            "source is read again inside the sandbox. Save it in a .py file and import it from "
            "there; this also goes for notebooks, the interactive prompt and exec()"
        )
    path = Path(os.path.abspath(file))
    try:
        with tokenize.open(path) as stream:  # as Python reads it: its coding line, its newlines
            source = stream.read()
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise ProgramError(
            f"the source of the task {function.__name__!r} cannot be read from {path}: {error}"
        ) from error
    root, module = _place(path, _dotted_name(namespace))
    return Program(str(root), module, str(path), source)


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
