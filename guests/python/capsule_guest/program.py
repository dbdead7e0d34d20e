"""The user's program: loads its entry module and knows its tasks."""

from __future__ import annotations

import difflib
import importlib
import inspect
import sys
import types
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from typing import Any

from capsule import tasks
from capsule.tools import Tool
from capsule_guest import errors, importer, missing, packages, results


class Failure(Exception):
    """The request ends with this error object."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.error = error


class LoadFailure(Exception):
    """The top level of the program raised its cause."""


def load(modules: list[dict[str, Any]], folders: Sequence[str]) -> types.ModuleType:
    """Runs the entry module, the first of `modules`, in a clean state. Raises LoadFailure.

    What is not the program's is imported from `folders`.
    """
    unload()
    if folders:
        packages.add(folders)
    importer.importer.add(modules)
    entry = modules[0]["name"]
    sys.argv = [modules[0]["file"]]
    try:
        if "." in entry:
            return importlib.import_module(entry)
        return _load_plain(entry)
    except BaseException as problem:
        raise LoadFailure from problem


def unload() -> None:
    """Forgets the program of the last request, if there was one."""
    tasks.registry.clear()
    missing.importer.reset()
    packages.reset()
    importer.importer.reset()


def _load_plain(name: str) -> types.ModuleType:
    """What `import_module` does for a name without dots, without its search: this is on every task's path."""
    if name in sys.modules:
        raise ImportError(f"a program cannot be named {name!r}: that is a module of Python's standard library")
    user = importer.importer
    source = user.module(name)
    module = types.ModuleType(name)
    names = module.__dict__
    names["__spec__"] = spec = ModuleSpec(name, user, origin=source.file, is_package=source.package)
    names["__loader__"] = user
    names["__file__"] = source.file
    names["__package__"] = name if source.package else ""
    if source.package:
        names["__path__"] = spec.submodule_search_locations
    sys.modules[name] = module
    exec(user.code(source), names)
    return sys.modules.get(name, module)


def find(entry: types.ModuleType, name: str) -> Callable[..., Any]:
    """The function of the task. Raises Failure."""
    declared = tasks.registry.get(name)
    if declared is not None:
        return declared.function
    if name == "main":
        plain = _plain_main(entry)
        if plain is not None:
            return plain
    known = sorted(tasks.registry)
    near = difflib.get_close_matches(name, known, 3) or known[:10]
    hint = f"; did you mean {', '.join(near)}?" if near else "; it has no tasks"
    raise Failure(errors.error("task_not_found", f"the program has no task {name!r}{hint}"))


def describe(entry: types.ModuleType) -> dict[str, Any]:
    """The tasks and the one to run when none is named. Raises Failure for an option that is not JSON."""
    described = [_describe(each) for each in tasks.registry.values()]
    plain = _plain_main(entry)
    name: str | None = None
    if "main" in tasks.registry:
        name = "main"
    elif len(described) == 1:
        name = described[0]["name"]
    elif plain is not None:
        name = "main"
        described.append(_fields(plain, "main", {}))
    return {"tasks": described, "entry": name}


def _plain_main(entry: types.ModuleType) -> types.FunctionType | None:
    main = entry.__dict__.get("main")
    return main if isinstance(main, types.FunctionType) else None


def _describe(declared: tasks.Task) -> dict[str, Any]:
    options = {}
    code = declared.code
    for option, value in declared.options.items():
        try:
            results.encode(_plain_option(value), option)
        except results.InvalidValue as invalid:
            raise Failure(
                errors.source_error(
                    f"{code.co_filename}:{code.co_firstlineno}: task {declared.name!r}: option {invalid}",
                    "ValueError",
                    code.co_filename,
                    code.co_firstlineno,
                )
            ) from None
        options[option] = _plain_option(value)
    return _fields(declared.function, declared.name, options)


def _fields(function: Callable[..., Any], name: str, options: dict[str, Any]) -> dict[str, Any]:
    code: types.CodeType = inspect.unwrap(function).__code__
    return {
        "name": name,
        "function": getattr(function, "__qualname__", name),
        "file": code.co_filename,
        "line": code.co_firstlineno,
        "signature": _signature(function),
        "options": options,
    }


def _plain_option(value: Any) -> Any:
    """Tasks and tools are named by their objects; they go to the host as names."""
    if isinstance(value, (tasks.Task, Tool)):
        return value.name
    if isinstance(value, (list, tuple)):
        return [_plain_option(item) for item in value]
    return value


def _signature(function: Callable[..., Any]) -> str:
    """As written, without evaluating annotations, whose names may only exist for type checkers."""
    try:
        import annotationlib
    except ImportError:  # Python before 3.14
        return str(inspect.signature(function))
    signature = inspect.signature(function, annotation_format=annotationlib.Format.STRING)
    return signature.format(quote_annotation_strings=False)


def is_binding_error(problem: TypeError, function: Callable[..., Any], args: Any, kwargs: Any) -> bool:
    """True if the arguments do not fit: the call itself raised, not the function's code."""
    entry = problem.__traceback__
    if entry is None or entry.tb_next is not None:
        return False
    try:
        inspect.signature(function, follow_wrapped=False).bind(*args, **kwargs)
    except TypeError:
        return True
    return False
