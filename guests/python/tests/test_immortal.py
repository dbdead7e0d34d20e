"""The build step on components made here; what it does to the real one is in test_component.py."""

from __future__ import annotations

import struct

import pytest

from immortal import IMMORTAL, SIGNATURE, UnknownFormatError, make_immortal

TYPE, LIST, OBJECT, OTHER, HEADER, ITEMS = 0x1000, 0x2000, 0x3000, 0x3100, 0x4000, 0x5000


def number(value: int) -> bytes:
    """In LEB128."""
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + number(rest) if rest else bytes([low])


def address(value: int) -> bytes:
    """Padded, so that the highest bit is not taken for a sign."""
    return b"\x41" + bytes((value >> shift & 0x7F) | 0x80 for shift in (0, 7, 14, 21)) + bytes([value >> 28]) + b"\x0b"


def section(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + number(len(content)) + content


def component(memory: dict[int, bytes]) -> bytes:
    segments = [b"\x00" + address(at) + number(len(data)) + data for at, data in memory.items()]
    segments.append(b"\x01" + number(3) + b"abc")  # passive
    segments.append(b"\x00\x23\x00\x0b" + number(3) + b"abc")  # where a global says
    module = b"\0asm\1\0\0\0" + section(0, b"\x04name") + section(11, number(len(segments)) + b"".join(segments))
    return b"\0asm\x0d\0\1\0" + section(0, b"\x01x") + section(1, module) + section(0, b"\x01y")


def words(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)


def snapshot() -> dict[int, bytes]:
    return {
        0x800: SIGNATURE + words(0x123, 0x456),  # a copy, that is not the list
        TYPE: words(7 << 28, TYPE, 0),
        LIST: words(1, TYPE, 3, ITEMS, 4),
        OBJECT: words(5, TYPE, 0x11111111),
        OTHER: words(9, TYPE, 0x22222222),  # alive, but not listed
        HEADER: SIGNATURE + words(HEADER, LIST),
        ITEMS: words(OBJECT, TYPE, OBJECT + 12)[:8] + words(OBJECT),
    }


def test_only_counts_of_listed_mortal_objects_change() -> None:
    before = component(snapshot())
    after, count = make_immortal(before)
    # The object is in the list twice here, which a real list never does.
    assert count == 2
    changed = snapshot()
    changed[OBJECT] = words(IMMORTAL, TYPE, 0x11111111)
    assert after == component(changed)


@pytest.mark.parametrize(
    ("at", "data", "message"),
    [
        (HEADER, SIGNATURE + words(HEADER + 4, LIST), "no list of its objects"),
        (LIST, words(1, TYPE, 3, 0xFFFFFF, 4), "no list"),
        (LIST, words(1, TYPE, 0, ITEMS, 4), "no list"),
        (OBJECT, words(0, TYPE), "0 references"),
        (OBJECT, words(0x3FFFF0, TYPE), "references"),
        (OBJECT, words(1, 0), "has no type"),
        (OBJECT, words(1, 0x7FFFFFFF), "nothing can be at"),
    ],
)
def test_what_looks_different_is_refused(at: int, data: bytes, message: str) -> None:
    with pytest.raises(UnknownFormatError, match=message):
        make_immortal(component({**snapshot(), at: data}))


def test_a_type_without_end_is_refused() -> None:
    chain = {0x6000 + 16 * n: words(1, 0x6000 + 16 * (n + 1)) for n in range(20)}
    with pytest.raises(UnknownFormatError, match="has no type"):
        make_immortal(component({**snapshot(), **chain, OBJECT: words(1, 0x6000)}))


def test_a_count_outside_the_data_is_refused() -> None:
    memory = {**snapshot(), OBJECT: b"", OBJECT - 2: words(5, TYPE)[2:] + b"\0\0\0\0" + words(TYPE)[:2]}
    with pytest.raises(UnknownFormatError):
        make_immortal(component(memory))


def test_a_component_without_data_is_refused() -> None:
    with pytest.raises(UnknownFormatError, match="no data"):
        make_immortal(b"\0asm\x0d\0\1\0")
