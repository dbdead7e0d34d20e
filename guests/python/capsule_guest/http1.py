"""HTTP/1.1 as a client writes it: from bytes to the head of a request and the pieces of its body."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import NamedTuple

MAX_HEAD = 256 * 1024
"""Bytes of a request's line and headers, and of a chunk's line."""

_REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([!-~\x80-\xff]+) HTTP/1\.[01]")
_HEADER = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([^\0\r\n]*)")
_TOKEN_START = frozenset(b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;.*)?")
_FRAMING = frozenset(
    ("connection", "content-length", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding")
)
"""Headers about the connection, which ends in the sandbox, and not about the request."""

ONLY_HTTP = "only HTTP/1.1 requests to hosts in the task's allowed_hosts are available inside the sandbox"


class NotHttp(OSError):
    """What was written is not a request that can be carried out."""


class Head(NamedTuple):
    """A request without its body."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    expects_continue: bool


class RequestReader:
    """Takes one request's bytes as they come, and gives its head and body as far as they are known."""

    def __init__(self) -> None:
        self.head: Head | None = None
        self.body = bytearray()
        """The body's bytes that nobody has taken yet."""
        self.complete = False
        self._unread = bytearray()
        self._parsing = self._parse()

    def feed(self, data: bytes | memoryview) -> None:
        """Raises NotHttp for anything but one request."""
        if self.complete:
            if bytes(data).strip(b"\r\n"):
                raise NotHttp("the answer to the last request says that its connection closes: open another one")
            return
        self._unread += data
        next(self._parsing)

    def _parse(self) -> Generator[None]:
        """Goes on wherever it was when there are more bytes, and waits at each `yield`."""
        head = yield from self._until(b"\r\n\r\n")
        self.head, length = _parse_head(bytes(head))
        if length is None:
            yield from self._chunks()
        else:
            yield from self._take(length)
        self.complete = True
        if self._unread.strip(b"\r\n"):
            raise NotHttp("one request at a time: the next one cannot be sent before the answer")
        while True:
            yield

    def _chunks(self) -> Generator[None]:
        while True:
            line = yield from self._until(b"\r\n")
            found = _CHUNK_SIZE.fullmatch(line)
            if found is None:
                raise NotHttp(f"bad chunk of a request's body: {bytes(line[:40])!r}")
            size = int(found[1], 16)
            if size == 0:
                break
            yield from self._take(size)
            if (yield from self._until(b"\r\n")):
                raise NotHttp("a chunk of a request's body is longer than it says")
        while (yield from self._until(b"\r\n")):  # trailers
            pass

    def _until(self, end: bytes) -> Generator[None, None, bytearray]:
        while True:
            at = self._unread.find(end)
            if at < 0 and self.head is None:
                _check_start(self._unread)
            if (at < 0 and len(self._unread) > MAX_HEAD) or at > MAX_HEAD:
                raise NotHttp(f"a request's headers are longer than {MAX_HEAD} bytes")
            if at >= 0:
                found = self._unread[:at]
                del self._unread[: at + len(end)]
                return found
            yield

    def _take(self, size: int) -> Generator[None]:
        while size:
            piece = self._unread[:size]
            self.body += piece
            del self._unread[: len(piece)]
            size -= len(piece)
            if size:
                yield


def _check_start(data: bytearray) -> None:
    """Says at the first bytes of something else that it is something else."""
    line, newline, _ = data.partition(b"\n")
    if (newline and not _REQUEST_LINE.fullmatch(line.removesuffix(b"\r"))) or (data and data[0] not in _TOKEN_START):
        raise NotHttp(f"{ONLY_HTTP}; this connection was sent {bytes(line[:40])!r}")


def _parse_head(data: bytes) -> tuple[Head, int | None]:
    """The head, and the body's length; None if it comes in chunks."""
    line, *lines = data.split(b"\r\n")
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise NotHttp(f"{ONLY_HTTP}; this connection was sent {line[:40]!r}")
    method, target = found[1].decode("ascii"), found[2]
    if method.upper() == "CONNECT" or not target.startswith(b"/"):
        raise NotHttp("proxies are not available inside the sandbox: send the request to its own host")
    headers: list[tuple[str, str]] = []
    framing: dict[str, list[str]] = {}
    for each in lines:
        header = _HEADER.fullmatch(each.decode("latin-1"))
        if header is None:
            raise NotHttp(f"not a header of a request: {each[:40]!r}")
        name, value = header[1], header[2].strip(" \t")
        kind = name.lower()
        if kind in _FRAMING:
            framing.setdefault(kind, []).append(value.lower())
            continue
        if kind == "upgrade" and "websocket" in value.lower():
            raise NotHttp("WebSockets are not available inside the sandbox: only requests with one answer each")
        headers.append((name, value))
    return (
        Head(method, _visible(target), headers, "100-continue" in framing.get("expect", ())),
        _body_length(framing.get("transfer-encoding", []), framing.get("content-length", [])),
    )


def _visible(target: bytes) -> str:
    if target.isascii():
        return target.decode("ascii")
    return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in target)


def _body_length(codings: list[str], lengths: list[str]) -> int | None:
    if codings:
        if codings != ["chunked"] or lengths:
            raise NotHttp("a request's body has either a Content-Length or Transfer-Encoding: chunked")
        return None
    if not lengths:
        return 0
    if len(set(lengths)) > 1 or not re.fullmatch(r"[0-9]{1,18}", lengths[0]):
        raise NotHttp(f"not a Content-Length: {', '.join(lengths)[:40]}")
    return int(lengths[0])
