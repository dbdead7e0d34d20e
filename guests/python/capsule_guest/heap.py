"""Lays the heap out for copies of it.

A copy of the snapshot shares its pages until it touches them: a first read costs a page fault for every 64 KiB, a first
write one for every 4 KiB, and these are most of what a fresh sandbox costs. So what a task touches must lie together,
and what it does not change must not be written to:

- The standard library leaves a heap full of small holes. They are filled, first before this package is imported, and
  again before the snapshot, so that what every task uses, and what it allocates, comes from few pages.
- The objects of the snapshot are listed here, and the build makes them immortal (immortal.py): their reference counts
  are never written again. They live as long as their sandbox, which lives for one task.

Measured on a sandbox with a ping and a trivial task: 240 page faults instead of 466, 81 copied pages instead of 244.
"""

from __future__ import annotations

import gc
import importlib
import importlib.machinery
import marshal
import pkgutil
import sys
from array import array
from types import CodeType
from typing import Any

SIGNATURE = b"capsule objects\0"
"""What the build finds the list of objects by; followed by its own address, so that no copy is taken for it."""

ROOM_FOR_OWN_MODULES = 2 << 20
"""More than any hole there is, so that it comes from beyond them all."""

ROOM_FOR_TASKS = 1 << 19
"""What is left free for tasks in one stretch; beyond it the memory grows."""

_MAX_FILLERS = 30_000
_LARGE = (*(1 << bits for bits in range(16, 10, -1)), *range(1024, 496, -16))
_SMALL = tuple(range(495, -1, -8))
"""With their headers, the sizes that Python's own allocator serves, from pools of blocks of one size."""

_POOL_BYTES = 4096
_GRAIN = 8
"""Bytes that objects are aligned to."""

_fillers: list[list[object]] = []
_objects: list[object] = []
_header = array("I")


def fill_holes(room: int) -> None:
    """Fills the holes below the end of the heap, and leaves `room` bytes free there."""
    gc.collect()
    fillers: list[object] = [None] * _MAX_FILLERS
    _fillers.append(fillers)
    stretch = bytes(room)
    end = id(stretch)
    count = 0
    for size in (*_LARGE, *_SMALL):
        # How many in a row were not in a hole. Small blocks come from a pool that may be beyond, until it is full.
        beyond = 0
        patience = 1 if size > _SMALL[0] else 2 * _POOL_BYTES // (size + 17)
        while beyond < patience and count < _MAX_FILLERS:
            filler = bytes(size)
            beyond = beyond + 1 if id(filler) > end else 0
            fillers[count] = filler
            count += 1


def list_objects() -> None:
    """Lists the objects that are alive now, for the build. The list keeps each of them alive until the snapshot."""
    global _header
    if sys.version_info[:2] != (3, 14) or sys.maxsize != 2**31 - 1:
        raise RuntimeError("immortal.py knows the objects of 32-bit CPython 3.14 only")
    gc.collect()
    first = gc.get_objects()
    own = (id(first), id(_objects))
    seen = bytearray(1 << 19)
    _note(first, own, seen)
    for thing in _objects:  # grows meanwhile
        _note(_referents(thing), own, seen)
    _header = array("I", SIGNATURE + bytes(8))
    _header[-2] = _header.buffer_info()[0]
    _header[-1] = id(_objects)


def _note(found: list[Any], own: tuple[int, int], seen: bytearray) -> None:
    """Adds those that are new, as a bit map tells, which takes no memory from between the objects."""
    for thing in found:
        grain, rest = divmod(id(thing), _GRAIN)
        byte, bit = grain >> 3, 1 << (grain & 7)
        if byte >= len(seen):
            seen.extend(bytes(byte - len(seen) + 4096))
        # What is aligned otherwise is static data of the interpreter's, and immortal as it is.
        if not rest and not seen[byte] & bit and id(thing) not in own:
            seen[byte] |= bit
            _objects.append(thing)


def _referents(thing: Any) -> list[Any]:
    """What it refers to. Code objects, of which there are many, do not tell the collector."""
    if thing.__class__ is CodeType:
        parts = (thing.co_consts, thing.co_names, thing.co_linetable, thing.co_exceptiontable)
        names = (*thing.co_varnames, *thing.co_freevars, *thing.co_cellvars)
        return [*parts, thing.co_filename, thing.co_name, thing.co_qualname, *names]
    return gc.get_referents(thing)


class _Finder:
    """Finds modules whose code has been compiled before."""

    def __init__(self, specs: dict[str, importlib.machinery.ModuleSpec]) -> None:
        self._specs = specs

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        return self._specs.get(name)


class _Loader(importlib.machinery.SourceFileLoader):
    """Has compiled its module already, and keeps it in a form that is one block of memory."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, path)
        self._code = marshal.dumps(super().get_code(name))

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = marshal.loads(self._code)
        return code


def import_together(*packages: str) -> None:
    """Imports the packages, with all their modules that are not imported yet, into few pages.

    Compiling them leaves holes, so that is done before the holes are filled.
    """
    specs = {}
    for package in packages:
        for name, path in _modules(package):
            spec = importlib.machinery.PathFinder.find_spec(name, path)
            if name not in sys.modules and spec is not None and spec.origin is not None:
                spec.loader = _Loader(name, spec.origin)
                specs[name] = spec
    finder = _Finder(specs)
    fill_holes(ROOM_FOR_OWN_MODULES)
    sys.meta_path.insert(0, finder)
    try:
        for name in specs:
            importlib.import_module(name)
    finally:
        sys.meta_path.remove(finder)


def _modules(package: str) -> list[tuple[str, list[str] | None]]:
    """The package and its modules, with where each is looked for."""
    spec = importlib.machinery.PathFinder.find_spec(package)
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError(f"no package {package}", name=package)
    path = list(spec.submodule_search_locations)
    return [(package, None), *((f"{package}.{module.name}", path) for module in pkgutil.iter_modules(path))]
