"""The test vectors of the protocol, which Java and TypeScript read and write as well.

The shapes that users see come from ``capsule._types``; those of other messages are here, because
the client writes and reads them in passing. What it really sends is compared with them below.
"""

from __future__ import annotations

import inspect
import json
import types
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import pytest

import capsule
import records_of_sessions
import records_of_workflows
from capsule import _errors, _types
from capsule._framing import decode
from programs import scripted_tools

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import FakeLog

VECTORS = Path(__file__).parent.parent.parent / "protocol" / "vectors"

Json = Any


class ClientInfo(TypedDict):
    name: str
    version: str | None


class TraceOptions(TypedDict):
    store: bool | None


class InitializeParams(TypedDict):
    processId: int | None
    clientInfo: ClientInfo | None
    languages: list[str] | None
    trace: TraceOptions | None


class InitializeResult(TypedDict):
    protocolVersion: str
    serverInfo: ClientInfo
    languages: list[str]
    maxMessageBytes: int


class LoadProgramParams(TypedDict):
    language: str
    root: str
    module: str
    file: str
    source: str | None
    config: str | None


class TaskInfo(TypedDict):
    name: str
    function: str
    file: str
    line: int
    signature: str
    options: dict[str, Json]


class LoadProgramResult(TypedDict):
    program: str
    entry: str | None
    tasks: list[TaskInfo]
    env: list[str]


class RunTaskParams(TypedDict):
    program: str
    task: str | None
    args: Json
    kwargs: Json
    options: Json
    ceiling: Json
    tools: list[str] | None
    env: dict[str, str] | None
    run: str | None
    events: list[str] | None
    traceparent: str | None
    tracestate: str | None
    workflow: str | None
    main: bool | None
    occurrence: int | None


class CancelParams(TypedDict):
    id: Json


class DescribeConfigParams(TypedDict):
    root: str
    file: str | None
    language: str | None
    config: str | None


class Setting(TypedDict):
    name: str
    value: Json
    origin: str


class TaskSettings(TypedDict):
    name: str
    file: str
    line: int
    settings: list[Setting]


class DescribeConfigResult(TypedDict):
    config: str | None
    name: str | None
    version: str | None
    entrypoint: str | None
    dependencies: list[str]
    defaults: list[Setting]
    tasks: list[TaskSettings]
    ceiling: list[Setting]


class InvalidParamData(TypedDict):
    field: str
    value: Json
    allowed: str
    where: str | None


class SourceErrorData(_types.ErrorInfo):
    file: str | None
    line: int | None
    column: int | None


class UnknownProgramData(TypedDict):
    program: str


class CallToolParams(TypedDict):
    run: str
    root: str
    task: str
    tool: str
    args: Json
    kwargs: Json
    traceparent: str
    tracestate: str | None
    step: str | None


class CallToolResult(TypedDict):
    result: Json
    error: _types.ErrorInfo | None


class TaskQueued(TypedDict):
    run: str
    parent: str | None
    task: str


class TaskStarted(TaskQueued):
    attempt: int


class TaskOutput(TaskQueued):
    stream: str
    text: str


class TaskFinished(TaskQueued):
    success: bool
    error_type: str | None
    duration_ms: int


class ProgramProgress(TypedDict):
    message: str


class SpanEvent(TypedDict):
    time: int
    name: str
    attributes: dict[str, Json]


class Span(TypedDict):
    trace_id: str
    span_id: str
    parent_id: str | None
    kind: str
    name: str
    start: int
    duration_ns: int
    status: str
    attributes: dict[str, Json]
    events: list[SpanEvent]


class TraceSpans(TypedDict):
    spans: list[Span]
    dropped: int


class SetTraceParams(TypedDict):
    value: str


class ListTracesParams(TypedDict):
    root: str
    config: str | None
    limit: int | None
    failed: bool | None


class TraceSummary(TypedDict):
    trace_id: str
    run_id: str | None
    workflow_id: str | None
    name: str
    start: int
    duration_ns: int | None
    status: str
    spans: int
    error: str | None


class ListTracesResult(TypedDict):
    folder: str
    traces: list[TraceSummary]


class ReadTraceParams(TypedDict):
    root: str
    config: str | None
    run: str


class ReadTraceResult(TypedDict):
    spans: list[Span]
    left_out: int


RECORDS: dict[str, Any] = {
    "Envelope": _types.Envelope,
    "Execution": _types.ExecutionInfo,
    "HostRequest": _types.HostRequest,
    "Limits": _types.Limits,
    "TaskFailure": _types.ErrorInfo,
    **{
        each.__name__: each
        for each in [
            *globals().values(),
            *vars(records_of_workflows).values(),
            *vars(records_of_sessions).values(),
        ]
        if inspect.isclass(each) and typing.is_typeddict(each)
    },
}


class Number(str):
    """A number with a fraction or an exponent, with the digits that it came with."""

    __slots__ = ()


def parse(text: str) -> Any:
    return json.loads(text, parse_float=Number)


def write(value: Any) -> str:
    """JSON without white space, every number with its own digits."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(map(write, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(key)}:{write(item)}' for key, item in value.items())}}}"
    return json.dumps(value)


def read(value: Any, shape: Any) -> Any:
    """The value as a record has it; raises ``TypeError`` if it is none."""
    if shape is Any:
        return value
    if typing.is_typeddict(shape):
        fields = typing.get_type_hints(shape)
        if not isinstance(value, dict):
            raise TypeError(shape, value)
        return {name: read(value.get(name), hint) for name, hint in fields.items()}
    if isinstance(shape, types.UnionType) or typing.get_origin(shape) is typing.Union:
        inner, none = typing.get_args(shape)
        assert none is type(None)
        return None if value is None else read(value, inner)
    plain = typing.get_origin(shape) or shape
    if not isinstance(value, plain) or isinstance(value, Number) or type(value) is not plain:
        raise TypeError(shape, value)
    if plain is list:
        return [read(item, typing.get_args(shape)[0]) for item in value]
    if plain is dict:
        return {key: read(item, typing.get_args(shape)[1]) for key, item in value.items()}
    return value


def vectors(name: str) -> dict[str, Any]:
    found: dict[str, Any] = parse((VECTORS / f"{name}.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", RECORDS)
def test_canonical_documents_are_read_and_written_identically(name: str) -> None:
    documents = vectors(name)["canonical"]
    assert documents
    for document in documents:
        assert write(read(document, RECORDS[name])) == write(document)


@pytest.mark.parametrize("name", RECORDS)
def test_accepted_documents_are_written_in_their_canonical_form(name: str) -> None:
    for each in vectors(name)["accepted"]:
        assert write(read(each["json"], RECORDS[name])) == write(each["canonical"])


@pytest.mark.parametrize("name", RECORDS)
def test_invalid_documents_are_refused(name: str) -> None:
    documents = vectors(name)["invalid"]
    assert documents
    for document in documents:
        with pytest.raises(TypeError):
            read(document["json"], RECORDS[name])


def test_every_record_of_the_protocol_is_here() -> None:
    files = {file.stem for file in VECTORS.glob("*.json")}
    assert files == {*RECORDS, "ErrorType", "ErrorCode"}


def test_each_type_of_error_has_its_class() -> None:
    assert list(_errors._CLASSES) == vectors("ErrorType")["values"]


@pytest.mark.parametrize("name", RECORDS)
def test_messages_of_the_documents_come_through_the_framing(name: str) -> None:
    for document in vectors(name)["canonical"]:
        body = f'{{"jsonrpc":"2.0","id":1,"result":{write(document)}}}'.encode()
        assert decode(body)["result"] == json.loads(write(document))


def test_what_the_client_sends_fits_the_records(use_fake: Callable[..., FakeLog]) -> None:
    use_fake()
    # the fake answers with the params that it was sent
    view = scripted_tools.ask.using(timeout="1s")
    with capsule.workflow("wf"):
        params = view([], 0)[0]
    given = {
        name: value for name, value in read(params, RunTaskParams).items() if value is not None
    }
    assert given == params
    assert given["occurrence"] == 0
