r"""Messages on a byte stream: ``Content-Length: N\r\n\r\n`` and N bytes of JSON (docs/protocol.md).

What the other side sends is capped and checked, since it relays what ran in a sandbox.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MAX_HEADER_BYTES",
    "MAX_MESSAGE_BYTES",
    "FrameReader",
    "FramingError",
    "HugeIntegerError",
    "decode",
    "frame",
]

MAX_HEADER_BYTES = 8 * 1024
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
_END_OF_HEADER = b"\r\n\r\n"


class FramingError(Exception):
    """The stream does not follow the protocol; nothing after this point can be trusted."""


class HugeIntegerError(Exception):
    """A well-formed message holds an integer with more digits than Python converts.

    See ``sys.set_int_max_str_digits``. It concerns one message, not the stream.
    """

    def __init__(self, message: object, reason: str) -> None:
        super().__init__(reason)
        fields = message if isinstance(message, dict) else {}
        self.message_id: object = fields.get("id")
        self.method: object = fields.get("method")
        """None: the message is a reply."""


def frame(body: bytes) -> bytes:
    """Put the header before a message."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class FrameReader:
    """Splits a byte stream into messages.

    Not an ``io.BufferedReader``: that has a lock, which a forked child inherits locked.
    """

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read
        self._buffer = bytearray()

    def next(self) -> bytes | None:
        """Read one message, or None at the end of the stream.

        Raises ``FramingError`` if the header is malformed or too long, if the message is longer
        than the protocol allows, or if the stream ends inside it.
        """
        while (end := self._buffer.find(_END_OF_HEADER)) < 0:
            if len(self._buffer) > MAX_HEADER_BYTES:
                raise FramingError(f"a header exceeds {MAX_HEADER_BYTES} bytes")
            more = self._read()
            if not more:
                if self._buffer:
                    raise FramingError("the stream ended in a header")
                return None
            self._buffer += more
        length = _content_length(bytes(self._buffer[:end]))
        start = end + len(_END_OF_HEADER)
        if len(self._buffer) - start >= length:
            body = bytes(self._buffer[start : start + length])
            del self._buffer[: start + length]
            return body
        return self._long_body(start, length)

    def _long_body(self, start: int, length: int) -> bytes:
        """Gather a body of many reads; the buffer would be copied at each."""
        chunks = [bytes(self._buffer[start:])]
        missing = length - len(chunks[0])
        self._buffer.clear()
        while missing > 0:
            more = self._read()
            if not more:
                raise FramingError(f"the stream ended {missing} bytes before a message did")
            chunks.append(more)
            missing -= len(more)
        if missing < 0:
            self._buffer += chunks[-1][missing:]
            chunks[-1] = chunks[-1][:missing]
        return b"".join(chunks)


def _content_length(header: bytes) -> int:
    if len(header) > MAX_HEADER_BYTES:
        raise FramingError(f"a header exceeds {MAX_HEADER_BYTES} bytes")
    lengths = [
        value.strip()
        for name, _, value in (line.partition(b":") for line in header.split(b"\r\n"))
        if name.strip().lower() == b"content-length"
    ]
    if len(lengths) != 1:
        raise FramingError(f"a header has {len(lengths)} Content-Length")
    return _length(lengths[0])


def _length(value: bytes) -> int:
    # int() would also take "+5", "1_0" and digits of other scripts.
    if not value.isdigit():
        raise FramingError(f"Content-Length is {value[:40]!r}, not a number")
    length = int(value[:20])
    if length > MAX_MESSAGE_BYTES:
        raise FramingError(f"a message of {length} bytes exceeds {MAX_MESSAGE_BYTES}")
    return length


def decode(body: bytes) -> dict[str, Any]:
    """Read a message's JSON.

    Raises ``FramingError`` if it is not a JSON object, ``HugeIntegerError`` if Python refuses to
    convert one of its integers.
    """
    try:
        message = json.loads(body)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FramingError(f"a message is not JSON: {error}") from None
    except ValueError as error:
        message = json.loads(body, parse_int=_int_or_none)
        raise HugeIntegerError(message, str(error)) from None
    if not isinstance(message, dict):
        raise FramingError("a message is not a JSON object")
    return message


def _int_or_none(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:
        return None
