"""The host's side of `http` operations, as guests/README.md says, with answers that the test scripts."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PART = 100_000
"""Bytes of an answer's body that go at once."""


@dataclass
class Request:
    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    reason: str = "OK"
    headers: list[tuple[str, str]] = field(default_factory=list)
    breaks_after: int | None = None
    """Bytes of the body after which the connection breaks."""


class Refused(Exception):
    """The operation ends with an error."""

    def __init__(self, kind: str, message: str, class_name: str | None = None) -> None:
        super().__init__(message)
        self.error = {"type": kind, "message": message, "class": class_name, "traceback": None}


class FakeWeb:
    """Ends operations; `answer` is asked for each whole request."""

    def __init__(self) -> None:
        self.answer: Callable[[Request], Answer] = lambda request: Answer(status=404, reason="Not Found")
        self.refuse_early: Refused | None = None
        self.requests: list[Request] = []
        self.operations: list[str] = []
        self.open: dict[int, Any] = {}
        self._last = 0

    def end(self, operation: dict[str, Any]) -> dict[str, Any]:
        """`{"ok": …}` or `{"error": …}`."""
        self.operations.append(operation["op"])
        try:
            value = getattr(self, f"_{operation['op']}")(operation)
            if not value or "body" not in value:
                return {"ok": value}
            if not operation.get("apart"):
                return {"ok": {**value, "body": base64.b64encode(value["body"]).decode()}}
            text, value["body"] = value["body"], "latin1"
            if not text.isascii():
                text, value["body"] = base64.b64encode(text).decode(), "base64"
            return {"ok": value, "apart": text if isinstance(text, str) else text.decode()}
        except Refused as refused:
            return {"error": refused.error}

    def _http(self, operation: dict[str, Any]) -> Any:
        assert set(operation) <= {"op", "method", "url", "headers", "body", "complete", "apart"}
        if self.refuse_early:
            raise self.refuse_early
        headers = {name.lower(): value for name, value in operation["headers"]}
        request = Request(operation["method"], operation["url"], headers)
        return self._take(request, operation)

    def _http_send(self, operation: dict[str, Any]) -> Any:
        return self._take(self.open.pop(operation["stream"]), operation)

    def _take(self, request: Request, operation: dict[str, Any]) -> Any:
        request.body += base64.b64decode(operation.get("body") or "")
        if not operation["complete"]:
            return {"stream": self._keep(request)}
        self.requests.append(request)
        answer = self.answer(request)
        head = {"status": answer.status, "reason": answer.reason, "headers": answer.headers}
        return {**head, **self._part(answer, 0)}

    def _part(self, answer: Answer, start: int) -> dict[str, Any]:
        if answer.breaks_after is not None and start >= answer.breaks_after:
            raise Refused("task_error", "the connection broke", "ConnectionError")
        end = start + PART
        more = end < len(answer.body) or answer.breaks_after is not None
        return {"body": answer.body[start:end], "stream": self._keep((answer, end)) if more else None}

    def _http_read(self, operation: dict[str, Any]) -> Any:
        return self._part(*self.open.pop(operation["stream"]))

    def _http_close(self, operation: dict[str, Any]) -> None:
        self.open.pop(operation["stream"], None)

    def _keep(self, value: Any) -> int:
        self._last += 1
        self.open[self._last] = value
        return self._last
