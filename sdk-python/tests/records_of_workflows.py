"""The protocol's records of workflows, for `test_vectors`."""

# Not as strings: `typing.get_type_hints` in test_vectors has other names to look them up.
from typing import Any, TypedDict

from capsule import _types

Json = Any


class OpenWorkflowParams(TypedDict):
    id: str
    root: str
    file: str | None
    config: str | None
    durability: str | None
    onChange: str | None
    command: list[str] | None
    folder: str | None
    input: Json
    fresh: bool | None
    replay: bool | None
    traceparent: str | None
    tracestate: str | None


class OpenWorkflowResult(TypedDict):
    workflow: str | None
    state: str
    result: Json
    steps: int
    runs: int


class BeginStepParams(TypedDict):
    workflow: str
    name: str
    args: Json
    occurrence: int | None


class BeginStepResult(TypedDict):
    step: str
    done: bool
    success: bool | None
    result: Json
    error: _types.ErrorInfo | None


class EndStepParams(TypedDict):
    workflow: str
    step: str
    success: bool
    result: Json
    error: _types.ErrorInfo | None


class RecordStepParams(TypedDict):
    workflow: str
    name: str
    args: Json
    result: Json
    occurrence: int | None


class RecordStepResult(TypedDict):
    result: Json


class ReplayStepsParams(TypedDict):
    workflow: str
    after: int | None


class ReplayedStep(TypedDict):
    key: str
    reply: str


class ReplayStepsResult(TypedDict):
    steps: list[ReplayedStep]
    next: int | None


class WorkflowReplayed(TypedDict):
    workflow: str
    steps: list[str]


class CloseWorkflowParams(TypedDict):
    workflow: str
    outcome: str
    result: Json
    error: _types.ErrorInfo | None
    failedSteps: list[str] | None


class WorkflowRevoked(TypedDict):
    workflow: str
    id: str
    reason: str
    message: str


class JournalErrorData(TypedDict):
    kind: str
    journal: str


class StepName(TypedDict):
    kind: str
    name: str
    args: str


class ReplayMismatchData(TypedDict):
    workflow: str
    recorded: StepName
    asked: StepName


# Of requests that this package never makes.


class StepCounts(TypedDict):
    finished: int
    failed: int
    started: int


class WorkflowInfo(TypedDict):
    id: str
    state: str
    program: str
    folder: str
    command: list[str]
    runs: int
    owner: str | None
    created: str
    updated: str
    ended: str | None
    steps: StepCounts
    error: _types.ErrorInfo | None


class StepInfo(TypedDict):
    step: str
    parent: str | None
    kind: str
    name: str
    args: str
    state: str
    began: str
    ended: str | None
    result: Json
    error: _types.ErrorInfo | None
    execution: Json


class ListWorkflowsParams(TypedDict):
    root: str
    config: str | None
    states: list[str] | None
    limit: int | None


class ListWorkflowsResult(TypedDict):
    journal: str
    workflows: list[WorkflowInfo]


class FindWorkflowParams(TypedDict):
    root: str
    config: str | None
    id: str


class DescribeWorkflowResult(TypedDict):
    workflow: WorkflowInfo
    steps: list[StepInfo]


class CancelWorkflowResult(TypedDict):
    state: str


class RemoveWorkflowsParams(TypedDict):
    root: str
    config: str | None
    id: str | None
    olderThan: str | None
    states: list[str] | None


class RemoveWorkflowsResult(TypedDict):
    removed: list[str]
