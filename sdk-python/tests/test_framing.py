from __future__ import annotations

import itertools
import random

import pytest

from capsule._framing import (
    MAX_HEADER_BYTES,
    MAX_MESSAGE_BYTES,
    FrameReader,
    FramingError,
    HugeIntegerError,
    decode,
    frame,
)


def reader(*chunks: bytes) -> FrameReader:
    """A reader of a stream that arrives in these pieces and then ends."""
    pieces = itertools.chain(chunks, itertools.repeat(b""))
    return FrameReader(lambda: next(pieces))


def read_all(stream: FrameReader) -> list[bytes]:
    return list(iter(stream.next, None))


def test_a_frame_counts_bytes_not_characters() -> None:
    assert frame("é".encode()) == b"Content-Length: 2\r\n\r\n\xc3\xa9"


def test_messages_survive_any_division_into_pieces() -> None:
    bodies = [b"", b"{}", b"x" * 5000, b"\r\n\r\n", b"y" * 200_000, b"z"]
    stream = b"".join(frame(body) for body in bodies)
    choose = random.Random(1)  # noqa: S311 - any cuts will do
    for _ in range(50):
        cuts = sorted(choose.sample(range(1, len(stream)), choose.randint(1, 40)))
        edges = [0, *cuts, len(stream)]
        pieces = [stream[start:end] for start, end in itertools.pairwise(edges)]
        assert read_all(reader(*pieces)) == bodies


def test_single_bytes_are_enough() -> None:
    stream = frame(b"{}") + frame(b"[1]")
    assert read_all(reader(*(bytes([byte]) for byte in stream))) == [b"{}", b"[1]"]


def test_other_headers_are_ignored_and_names_have_no_case() -> None:
    stream = b"Content-Type: application/json\r\ncontent-length: 2\r\n\r\n{}"
    assert reader(stream).next() == b"{}"


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (b"Content-Length: 5\r\n\r\n{}", "3 bytes before"),
        (b"Content-Le", "ended in a header"),
        (b"Content-Length: -5\r\n\r\n", "not a number"),
        (b"Content-Length: +5\r\n\r\n", "not a number"),
        (b"Content-Length: \r\n\r\n", "not a number"),
        (b"Content-Length: 1_0\r\n\r\n", "not a number"),
        (b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", "exceeds"),
        (b"Content-Length: %d\r\n\r\n" % (MAX_MESSAGE_BYTES + 1), "exceeds"),
        (b"Content-Type: x\r\n\r\n", "0 Content-Length"),
        (b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", "2 Content-Length"),
        (b"\r\n\r\n", "0 Content-Length"),
        (b"x" * (MAX_HEADER_BYTES + 1), "header exceeds"),
        (b"x" * (MAX_HEADER_BYTES + 1) + b"\r\n\r\n", "header exceeds"),
    ],
)
def test_a_broken_stream_is_told(stream: bytes, reason: str) -> None:
    with pytest.raises(FramingError, match=reason):
        reader(stream).next()


def test_an_endless_header_is_not_gathered() -> None:
    with pytest.raises(FramingError, match="header exceeds"):
        FrameReader(lambda: b"x" * 1000).next()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 100_000, b'{"a":1}{}', b"nil"]
)
def test_what_is_not_a_json_object_is_told(body: bytes) -> None:
    with pytest.raises(FramingError):
        decode(body)


def test_an_integer_too_long_for_python_concerns_its_message_only() -> None:
    with pytest.raises(HugeIntegerError) as caught:
        decode(b'{"id": 3, "result": %b}' % (b"7" * 5000))
    assert caught.value.message_id == 3
