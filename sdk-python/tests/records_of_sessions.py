"""The protocol's records of snippets and sessions, for `test_vectors`."""

# Not as strings: `typing.get_type_hints` in test_vectors has other names to look them up.
from typing import Any, TypedDict

from capsule import _types

Json = Any


class MimePart(TypedDict):
    mime: str
    data: str


class CellValue(TypedDict):
    text: str
    json: Json
    parts: list[MimePart]


class CellResult(TypedDict):
    success: bool
    value: CellValue | None
    error: _types.ErrorInfo | None
    execution: _types.ExecutionInfo
    state: str


class RunSnippetParams(TypedDict):
    language: str
    code: str
    file: str | None
    root: str | None
    config: str | None
    options: Json
    ceiling: Json
    tools: list[str] | None
    env: dict[str, str] | None
    run: str | None
    events: list[str] | None
    traceparent: str | None
    tracestate: str | None


class OpenSessionParams(TypedDict):
    language: str
    name: str | None
    root: str | None
    config: str | None
    options: Json
    ceiling: Json
    tools: list[str] | None
    env: dict[str, str] | None
    idle_timeout: Json
    id: str | None


class OpenSessionResult(TypedDict):
    session_id: str
    language: str
    restored: int | None


class RunCellParams(TypedDict):
    session_id: str
    code: str
    timeout: Json
    fuel: Json
    run: str | None
    events: list[str] | None
    traceparent: str | None
    tracestate: str | None


class SessionParams(TypedDict):
    session_id: str


class CodeParams(TypedDict):
    session_id: str
    code: str
    cursor: int


class CodeMatch(TypedDict):
    text: str
    kind: str


class CompleteCodeResult(TypedDict):
    start: int
    matches: list[CodeMatch]


class InspectCodeResult(TypedDict):
    text: str


class PutFileParams(TypedDict):
    session_id: str
    path: str
    content: str


class FileParams(TypedDict):
    session_id: str
    path: str | None


class GetFileResult(TypedDict):
    content: str


class FileInfo(TypedDict):
    path: str
    size: int
    folder: bool


class SessionInfo(TypedDict):
    session_id: str
    name: str | None
    language: str
    cells: int
    idle_ms: int
    memory_bytes: int


class UnknownSessionData(TypedDict):
    session_id: str
