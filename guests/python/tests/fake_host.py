"""The guest's logic in an ordinary Python: `wit_world`, which only the component has, is stood in for."""

from __future__ import annotations

import json
import os
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest


def _stand_in(name: str, **names: Any) -> None:
    module = types.ModuleType(name)
    module.__dict__.update(names)
    sys.modules.setdefault(name, module)


def _no_host(*_: Any) -> Any:
    raise AssertionError("this test has no host")


_stand_in("wit_world")
_stand_in("wit_world.imports")
_stand_in("wit_world.imports.host", submit=_no_host, wait=_no_host, interrupted=_no_host)
sys.modules["wit_world.imports"].host = sys.modules["wit_world.imports.host"]  # type: ignore[attr-defined]


class FakeHost:
    """Answers operations as guests/README.md says, with what the test has put in."""

    def __init__(self) -> None:
        self.modules: dict[str, dict[str, Any]] = {}
        self.tasks: dict[str, Callable[..., Any]] = {}
        self.tools: dict[str, Callable[..., Any]] = {}
        self.never_ends: set[str] = set()
        self.operations: list[dict[str, Any]] = []
        self.cancelled: list[int] = []
        self.slept: list[int | None] = []
        self._open: dict[int, dict[str, Any]] = {}

    def submit(self, operation: str) -> int:
        fields = json.loads(operation)
        self.operations.append(fields)
        number = len(self.operations)
        self._open[number] = fields
        if fields["op"] == "cancel":
            self.cancelled.append(fields["id"])
        return number

    def interrupted(self) -> bool:
        return False

    def wait(self, ids: list[int], timeout_ms: int | None) -> str:
        ended = [self._end(number) for number in ids if not self._is_endless(number)]
        if not ended:
            assert timeout_ms is not None, "the guest waits for ever"
            self.slept.append(timeout_ms)
        return json.dumps(ended)

    def _is_endless(self, number: int) -> bool:
        operation = self._open[number]
        return operation.get("task", operation.get("tool")) in self.never_ends

    def _end(self, number: int) -> dict[str, Any]:
        operation = self._open.pop(number)
        if operation["op"] == "module":
            found = self.modules.get(operation["name"])
            return {"id": number, "error": found} if found and "type" in found else {"id": number, "ok": found}
        try:
            if operation["op"] == "tool":
                return {"id": number, "ok": self.tools[operation["tool"]](*operation["args"], **operation["kwargs"])}
            result = self.tasks[operation["task"]](*operation["args"], **operation["kwargs"])
        except Exception as error:
            failure = {"type": "task_error", "message": str(error), "class": type(error).__name__, **vars(error)}
            trace = None if operation["op"] == "tool" else "Traceback of it"
            return {"id": number, "error": {**failure, "traceback": trace, "task": operation.get("task")}}
        return {"id": number, "ok": result}


@pytest.fixture
def fake_host(monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    from capsule_guest import host

    fake = FakeHost()
    monkeypatch.setattr(host, "imports", fake)
    return fake


class Interpreter:
    """Serves requests by the guest's own code, in this process."""

    def compile(
        self, source: str, name: str = "main", file: str | None = None, package: bool = False
    ) -> dict[str, Any]:
        from capsule_guest import codeobjects

        file = file or f"{name.replace('.', '/')}.py"
        code = codeobjects.compile_source(source, file)
        return {"name": name, "file": file, "package": package, "code": code}

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        from capsule_guest import serve

        reply: dict[str, Any] = json.loads(serve.run(json.dumps(request)))
        return reply

    def call(self, source: str, *args: Any, task: str = "main", max_bytes: int = 1 << 25, **kwargs: Any) -> Any:
        request = {"op": "call", "modules": [self.compile(source)], "task": task, "args": args, "kwargs": kwargs}
        return self.run({**request, "env": {}, "max_result_bytes": max_bytes})

    def describe(self, source: str) -> Any:
        return self.run({"op": "describe", "modules": [self.compile(source)]})


@pytest.fixture
def interpreter(fake_host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[Interpreter]:
    from capsule_guest import importer, missing, program

    environment, finders = dict(os.environ), list(sys.meta_path)
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    sys.meta_path[:] = [importer.importer, *finders, missing.importer]
    yield Interpreter()
    program.unload()
    sys.meta_path[:] = finders
    os.environ.clear()
    os.environ.update(environment)
