"""Imports of modules that are not in the sandbox.

A program's file is also imported outside, where everything is installed. So an unguarded import at the top level of
one of its modules does not fail: it gives a placeholder, which fails when it is used and then says where it came from.
Where the program is ready for a failure (in `try` or `with`) or needs the module now (in a function) it fails at once.
"""

from __future__ import annotations

import builtins
import dis
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, FrameType, ModuleType
from typing import Any, NoReturn

from capsule_guest import tracebacks

_DISTRIBUTIONS = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "markdown": "Markdown",
    "pptx": "python-pptx",
    "pkg_resources": "setuptools",
    "slugify": "python-slugify",
    "yaml": "pyyaml",
}
"""Packages that are installed by another name than they are imported by."""

_IMPORT_NAME = dis.opmap["IMPORT_NAME"]
_CO_NEWLOCALS = 0x2


class Placeholder(ModuleType):
    """Stands for a missing module, or for a name that was imported from one."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":  # `from missing import *` cannot know what to bind
            raise self._error()
        dunder = name.startswith("__") and name.endswith("__")
        if dunder or sys._getframe(1).f_code.co_name == "_handle_fromlist":
            raise AttributeError(name)
        raise self._error(f".{name}")

    def _error(self, used: str = "") -> ModuleNotFoundError:
        where = self.__dict__["__capsule_where__"]
        return unavailable(self.__name__, where, used)

    def _fail(self, *_: Any, **__: Any) -> NoReturn:
        raise self._error()

    # what user code does with a class, a function or a constant that it has imported
    __call__ = __mro_entries__ = __instancecheck__ = __subclasscheck__ = _fail
    __getitem__ = __iter__ = __len__ = __contains__ = __enter__ = __exit__ = _fail
    __add__ = __radd__ = __sub__ = __mul__ = __rmul__ = __truediv__ = __or__ = __ror__ = _fail
    __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = __index__ = __await__ = _fail


def unavailable(name: str, where: str, used: str = "") -> ModuleNotFoundError:
    """The error for a module that is not in the sandbox, imported at `where` (FILE:LINE)."""
    top = name.partition(".")[0]
    what = f"{name}{used} was used, but {name}" if used else f"{name}"
    if top in sys.stdlib_module_names:
        why = "this part of Python's standard library cannot work there"
    else:
        wanted = _DISTRIBUTIONS.get(top, top)
        why = (
            "only Python's standard library, the program's own modules and its dependencies are; a package of pure "
            f'Python becomes one with dependencies = ["{wanted}"] in capsule.toml'
        )
    message = f"{what} (imported at {where}) is not available inside the sandbox; {why}"
    return ModuleNotFoundError(message, name=name)


class MissingImporter(MetaPathFinder, Loader):
    """Last of the finders: gives a placeholder where it may, and a better error where it can."""

    def __init__(self) -> None:
        self._original_import = builtins.__import__
        self._placeholders: set[str] = set()

    def reset(self) -> None:
        """Forgets the last program's placeholders."""
        if not self._placeholders:
            return
        for name in self._placeholders:
            sys.modules.pop(name, None)
        self._placeholders.clear()
        builtins.__import__ = self._original_import

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        frame = _importing_frame()
        if frame is None:  # importlib.import_module, find_spec: they want to know
            return None
        if tracebacks.is_package_code(frame.f_code) and not fullname.rpartition(".")[0]:
            raise unavailable(fullname, _place(frame))
        if not tracebacks.is_user_code(frame.f_code):
            return None
        parent = fullname.rpartition(".")[0]
        if parent and parent not in self._placeholders:
            return None  # a name that is simply not in a module that is there
        where = _place(frame)
        if not _may_wait(frame):
            raise unavailable(fullname, where)
        self._placeholders.add(fullname)
        builtins.__import__ = self._import
        spec = ModuleSpec(fullname, self, is_package=True)
        spec.loader_state = where
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = Placeholder(spec.name)
        module.__dict__["__capsule_where__"] = spec.loader_state
        return module

    def exec_module(self, module: ModuleType) -> None:
        """A placeholder has no code."""

    def _import(
        self,
        name: str,
        globals: Any = None,
        locals: Any = None,
        fromlist: Any = (),
        level: int = 0,
    ) -> ModuleType:
        """`__import__` once there are placeholders: a guarded import must not find another module's."""
        if level == 0 and name.partition(".")[0] in self._placeholders:
            frame = sys._getframe(1)
            if _opcode(frame) == _IMPORT_NAME and not _may_wait(frame):
                raise unavailable(name, _place(frame))
        return self._original_import(name, globals, locals, fromlist, level)


def _importing_frame() -> FrameType | None:
    """The frame that runs the import statement; None if the import was asked for by a call."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if not code.co_filename.startswith("<frozen importlib") and code is not _IMPORT_CODE:
            return frame if _opcode(frame) == _IMPORT_NAME else None
        frame = frame.f_back
    return None


_IMPORT_CODE = MissingImporter._import.__code__


def _opcode(frame: FrameType) -> int:
    return frame.f_code.co_code[frame.f_lasti] if frame.f_lasti >= 0 else -1


def _place(frame: FrameType) -> str:
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _may_wait(frame: FrameType) -> bool:
    """True at the top level of a module of the user's, outside of `try` and `with`."""
    code = frame.f_code
    # a cell, whose name is no file's, is run where it is written
    at_top_level = (
        not code.co_flags & _CO_NEWLOCALS and code.co_name == "<module>" and not code.co_filename.startswith("<")
    )
    return at_top_level and tracebacks.is_user_code(code) and not _is_guarded(code, frame.f_lasti)


def _is_guarded(code: CodeType, offset: int) -> bool:
    """True if an exception at that bytecode offset would be caught in the same code object."""
    parse: Any = getattr(dis, "_parse_exception_table", None)
    if parse is None:  # Python before 3.11 keeps no table: take the careful answer
        return True
    return any(entry.start <= offset < entry.end for entry in parse(code))


importer = MissingImporter()
