"""Makes the objects of a snapshot immortal: a step of build.py, on the component that componentize-py has made.

CPython counts references in the objects themselves, so that a task that only looks at the standard library would write
to, and get a copy of, each page that it looks at. CPython does not count those of immortal objects (PEP 683), and never
frees them; objects are so marked by their count. Which objects there are is listed in the snapshot itself, by
capsule_guest/heap.py; here the counts are changed, in the data that the component's memory starts with. Measured on a
trivial task: 94 instead of 234 pages are copied.

What is known of CPython here: 32-bit 3.14, an object begins with its count and its type
(https://github.com/python/cpython/blob/3.14/Include/refcount.h). Anything that looks different stops the build.
"""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = b"capsule objects\0"
"""As in heap.py; followed by its own address and that of the list."""

IMMORTAL = 5 << 28
"""_Py_IMMORTAL_INITIAL_REFCNT of 32-bit builds."""

_MIN_IMMORTAL = 1 << 30
_MAX_COUNT = 1 << 18
"""More references than any object has, and less than any address that a free block begins with."""

_CORE_MODULE = 1
_DATA = 11
_PREAMBLE_BYTES = 8
_I32_CONST = 0x41
_END = 0x0B


class UnknownFormatError(Exception):
    """The component or its objects are not as this step knows them."""


class Segment(NamedTuple):
    """Bytes that a memory starts with: their address in it, and where in the file they are."""

    address: int
    size: int
    offset: int


def make_immortal(component: bytes) -> tuple[bytes, int]:
    """The component with its listed objects immortal, and how many were not before."""
    segments = sorted(_segments(component))
    if not segments:
        raise UnknownFormatError("the component has no data")
    memory = bytearray(max(segment.address + segment.size for segment in segments) + 16)
    for address, size, offset in segments:
        memory[address : address + size] = component[offset : offset + size]
    changed = bytearray(component)
    starts = [segment.address for segment in segments]
    count = 0
    for address in _objects(memory):
        if _is_mortal(memory, address):
            segment = segments[bisect.bisect_right(starts, address) - 1]
            place = address - segment.address
            if not 0 <= place <= segment.size - 4:
                raise UnknownFormatError(f"the object at {address:#x} is not in the data")
            struct.pack_into("<I", changed, segment.offset + place, IMMORTAL)
            count += 1
    return bytes(changed), count


def _objects(memory: bytearray) -> list[int]:
    """The addresses in the list that heap.py has made."""
    at = memory.find(SIGNATURE)
    while at >= 0 and _word(memory, at + len(SIGNATURE)) != at:
        at = memory.find(SIGNATURE, at + 1)
    if at < 0:
        raise UnknownFormatError("the snapshot has no list of its objects")
    listed = _word(memory, at + len(SIGNATURE) + 4)
    # A list: count, type, length, address of the items.
    length, items = _word(memory, listed + 8), _word(memory, listed + 12)
    if not 0 < length < len(memory) // 8 or items + 4 * length > len(memory):
        raise UnknownFormatError(f"{length} objects at {items:#x} are no list")
    return list(struct.unpack_from(f"<{length}I", memory, items))


def _is_mortal(memory: bytearray, address: int) -> bool:
    """Whether references to this object are counted."""
    count, kind = _word(memory, address), _word(memory, address + 4)
    # The type of a type is `type` or a subclass of it, and the type of `type` is itself.
    root = kind
    for _ in range(8):
        if root and root == _word(memory, root + 4):
            break
        root = _word(memory, root + 4)
    else:
        raise UnknownFormatError(f"what is at {address:#x} has no type")
    if not 0 < count < _MAX_COUNT and count < _MIN_IMMORTAL:
        raise UnknownFormatError(f"the object at {address:#x} has {count} references")
    return count < _MIN_IMMORTAL


def _word(memory: bytearray, address: int) -> int:
    if not 0 < address <= len(memory) - 4:
        raise UnknownFormatError(f"nothing can be at {address:#x}")
    word: int = struct.unpack_from("<I", memory, address)[0]
    return word


def _segments(component: bytes) -> Iterator[Segment]:
    """Those with fixed addresses in all core modules; no other kind is in the interpreter's own memory."""
    for kind, start, end in _sections(component, _PREAMBLE_BYTES, len(component)):
        if kind == _CORE_MODULE:
            for inner, data, _ in _sections(component, start + _PREAMBLE_BYTES, end):
                if inner == _DATA:
                    yield from _data(component, data)


def _sections(component: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Kind, start and end of each section between two offsets."""
    while at < end:
        size, start = _unsigned(component, at + 1)
        yield component[at], start, start + size
        at = start + size


def _data(component: bytes, at: int) -> Iterator[Segment]:
    """https://webassembly.github.io/spec/core/binary/modules.html#data-section."""
    count, at = _unsigned(component, at)
    for _ in range(count):
        flags, at = _unsigned(component, at)
        address = None
        if flags == 0:
            address, at = _address(component, at)
        elif flags != 1:
            raise UnknownFormatError(f"a data segment of kind {flags}")
        size, at = _unsigned(component, at)
        if address is not None:
            yield Segment(address, size, at)
        at += size


def _address(component: bytes, at: int) -> tuple[int | None, int]:
    """A segment's address if it is a constant, and where the expression ends."""
    if component[at] == _I32_CONST:
        value, end = _unsigned(component, at + 1)
        if component[end] == _END:
            return value & 0xFFFFFFFF, end + 1
    return None, component.index(_END, at) + 1


def _unsigned(component: bytes, at: int) -> tuple[int, int]:
    """A number in LEB128, and where it ends."""
    value = shift = 0
    while True:
        byte = component[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
