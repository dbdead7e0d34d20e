"""One HTTP request and its answer, between a library that believes that it has a connection and the host.

What the library writes becomes operations for the host; what these end with becomes the bytes that the library reads.
Nothing here waits: the callers do, blocking (sockets.py) or in the event loop (transport.py).
"""

from __future__ import annotations

import binascii
import functools
import re
from typing import Any

from capsule_guest.http1 import ONLY_HTTP, NotHttp, RequestReader

PART = 256 * 1024
"""Bytes of a request's body that go to the host at once; what is longer goes in parts."""

HELLO = b"\x16capsule-tls "
"""What `_ssl` (tls.py) writes first where the bytes of a TLS handshake would be: from here on the scheme is https.

It is followed by the server's name and a line end. The host makes the real connection, and verifies the certificate.
"""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOP_BY_HOP = frozenset(
    ("connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
)


class Exchange:
    """A connection to `host` and `port`, for one request."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.secure = False
        self.answer = bytearray()
        """What the library may read now."""
        self.ended = False
        """True when nothing follows what is in `answer`."""
        self.in_flight = False
        """True between `next_operation` and `completed`."""
        self._request = RequestReader()
        self._hello = bytearray()
        self._started = False
        self._asked = False
        self._continued = False
        self._stream: Any = None
        self._failure: OSError | None = None

    @property
    def asked(self) -> bool:
        """True when the whole request has gone to the host: what follows is its answer."""
        return self._asked

    @property
    def unsent(self) -> int:
        """Bytes of the request's body that have not gone to the host."""
        return len(self._request.body)

    @property
    def readable(self) -> bool:
        """True if reading would not wait."""
        return bool(self.answer) or self.ended or self._failure is not None

    def start_tls(self, name: str | None) -> None:
        """The other end speaks TLS. Raises OSError for the name of another server than the connection's."""
        if name is not None and _comparable(name) != _comparable(self.host):
            raise OSError(
                f"this TLS connection is to {self.host}, and cannot be to {name}: "
                "the host connects to the server of that name itself, and verifies its certificate"
            )
        self.secure = True

    def feed(self, data: bytes | memoryview) -> None:
        """Takes what the library writes. Raises OSError."""
        if self._failure is not None:
            self.check()
        try:
            if not self.secure and self._request.head is None and (self._hello or data[:1] == HELLO[:1]):
                data = self._after_hello(data)
            if data:
                self._request.feed(data)
        except OSError as problem:
            self._failure = problem
            raise
        head = self._request.head
        if head is not None and head.expects_continue and not self._continued:
            self._continued = True
            self.answer += b"HTTP/1.1 100 Continue\r\n\r\n"

    def next_operation(self, *, reading: bool = True) -> dict[str, Any] | None:
        """What the host is to do next, if it is known; `completed` takes what it ends with.

        With `reading` also the next part of the answer's body is asked for.
        """
        if self.in_flight or self.ended or self._failure is not None:
            return None
        if self._asked:
            if not reading:
                return None
            operation: dict[str, Any] = {"op": "http_read", "stream": self._stream, "apart": True}
        elif self._request.head is None or not (self._request.complete or len(self._request.body) >= PART):
            return None
        else:
            operation = self._send()
        self.in_flight = True
        return operation

    def completed(self, completion: dict[str, Any]) -> None:
        """Takes the end of the last operation."""
        self.in_flight = False
        if "error" in completion:
            self._stream = None
            self._failure = problem_of(completion["error"])
            return
        value = completion["ok"]
        self._stream = value["stream"]
        if not self._asked:
            return
        if "status" in value:
            self._begin(value, _body(completion))
        else:
            self.answer += _body(completion)
        self.ended = self._stream is None

    def take(self, size: int) -> bytes:
        """At most that many bytes of the answer; none if there is none yet, or no more. Raises OSError."""
        answer = self.answer
        if len(answer) <= size:
            found = bytes(answer)
            answer.clear()
        else:
            found = bytes(answer[:size])
            del answer[:size]
        if not found:
            self.check()
        return found

    def check(self) -> None:
        """Raises the error that this exchange has ended with, if it has."""
        if self._failure is not None:
            raise type(self._failure)(*self._failure.args)

    def expect_answer(self) -> None:
        """Raises OSError if there is nothing that an answer could come to."""
        if not self._request.complete:
            what = "the request is not complete" if self._request.head else "no request has been sent"
            raise NotHttp(f"{ONLY_HTTP}; there is no answer to read, because {what}")

    def close(self) -> dict[str, Any] | None:
        """The last operation, if one is needed: the rest is not wanted."""
        stream, self._stream = self._stream, None
        self.ended = True
        return None if stream is None else {"op": "http_close", "stream": stream}

    def _after_hello(self, data: bytes | memoryview) -> bytes:
        self._hello += data
        if not self._hello.startswith(HELLO[: len(self._hello)]):
            raise NotHttp(f"{ONLY_HTTP}; for https use Python's module ssl, which leaves TLS to the host")
        line, newline, rest = self._hello.partition(b"\n")
        if not newline:
            return b""
        self._hello.clear()
        self.start_tls(line[len(HELLO) :].decode("ascii") or None)
        return bytes(rest)

    def _send(self) -> dict[str, Any]:
        request, head = self._request, self._request.head
        assert head is not None
        body = bytes(request.body[:PART])
        del request.body[:PART]
        self._asked = request.complete and not request.body
        operation: dict[str, Any]
        if self._started:
            operation = {"op": "http_send", "stream": self._stream}
        else:
            operation = {"op": "http", "method": head.method, "url": self._url(head.target), "headers": head.headers}
        if body or self._started:
            operation["body"] = _base64(body)
        operation["complete"] = operation["apart"] = self._asked
        self._started = True
        return operation

    def _url(self, target: str) -> str:
        scheme = "https" if self.secure else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[scheme] else f":{self.port}"
        return f"{scheme}://{host}{port}{target}"

    def _begin(self, answer: dict[str, Any], body: bytes) -> None:
        """Writes the answer's head anew: the body comes as it is, and its end is the connection's."""
        head = self._request.head
        assert head is not None
        status = answer["status"]
        lines = [_one_line(f"HTTP/1.1 {status} {answer.get('reason') or ''}")]
        lengths = set()
        for name, value in answer["headers"]:
            lower = name.lower()
            if lower == "content-length":
                lengths.add(value)
            elif lower not in _HOP_BY_HOP:
                lines.append(_one_line(f"{name}: {value}"))
        without_body = head.method.upper() == "HEAD" or status in (204, 304)
        if not without_body and self._stream is None:
            lengths = {str(len(body))}
        if len(lengths) == 1 and (length := lengths.pop()).isdigit():
            lines.append(f"Content-Length: {length}")
        lines.append("Connection: close\r\n\r\n")
        self.answer += "\r\n".join(lines).encode("latin-1", "replace")
        if not without_body:
            self.answer += body


_one_line = functools.partial(re.compile(r"[\0\r\n]").sub, " ")
"""The line, without what would end it."""


def problem_of(error: dict[str, Any]) -> OSError:
    """The exception for the host's error object: libraries for HTTP know how to pass on an OSError."""
    message = error.get("message") or "the request failed"
    kind = error.get("type")
    if kind == "policy_denied":
        return PermissionError(message)
    if kind == "task_error" and error.get("class") == "TimeoutError":
        return TimeoutError(message)
    if kind in ("task_error", "cancelled"):
        return ConnectionError(message)
    return OSError(message)


def _body(completion: dict[str, Any]) -> bytes:
    """What came of the answer's body."""
    text = completion.get("apart", "")
    if completion["ok"]["body"] == "base64":
        return binascii.a2b_base64(text)
    found: bytes = text.encode("latin-1")
    return found


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def _comparable(name: str) -> str:
    return name.rstrip(".").lower()
