"""Guests' components in the same Wasmtime as the sidecar's, with a host written here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from wasmtime import Config, Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

from fake_web import FakeWeb

HOST = "capsule:guest/host@0.1.0"
FUEL = 10**12
MIB = 1 << 20
# as the sidecar's
MAX_WASM_STACK = 2 * MIB


class Sandbox:
    """One fresh instance: warmed by a ping without any grants, then bound to those of the test, as the sidecar does."""

    def __init__(self, guest: Guest, ram: int) -> None:
        self._guest = guest
        self.stdout: list[bytes] = []
        self.stderr: list[bytes] = []
        guest.sandbox = self
        self._store = Store(guest.engine)
        self._store.set_fuel(FUEL)
        self._store.set_limits(memory_size=ram)
        self._store.set_wasi(WasiConfig())
        self._instance = guest.linker.instantiate(self._store, guest.component)
        assert self.run({"op": "ping"}) == {"ok": "pong"}
        wasi = WasiConfig()
        wasi.stdout_custom = lambda data: self._print(self.stdout, data)
        wasi.stderr_custom = lambda data: self._print(self.stderr, data)
        for path, inside, writable in guest.mounts:
            wasi.preopen_dir(str(path), inside, writable)
        self._store.set_wasi(wasi)

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        reply: dict[str, Any] = json.loads(self._export("run")(self._store, json.dumps(request)))
        return reply

    def compile(self, source: str, name: str = "main") -> dict[str, Any]:
        file = f"{name}{self._guest.suffix}"
        result = self._export("compile")(self._store, json.dumps({"module": name, "file": file, "source": source}))
        if not isinstance(result, str):
            result = result.payload
        if result.startswith("{"):
            return {"error": json.loads(result)}
        return {"name": name, "file": file, "package": False, "code": result}

    @property
    def used_fuel(self) -> int:
        return FUEL - self._store.get_fuel()

    def _export(self, name: str) -> Any:
        function = self._instance.get_func(self._store, name)
        assert function is not None
        return function

    @staticmethod
    def _print(stream: list[bytes], data: bytes) -> int:
        stream.append(bytes(data))
        return len(data)


class Guest:
    """The compiled component and its host."""

    def __init__(self, wasm: Path, cache: Path, suffix: str) -> None:
        self.suffix = suffix
        """The ending of its modules' files."""
        config = Config()
        config.consume_fuel = True
        config.max_wasm_stack = MAX_WASM_STACK
        self.engine = Engine(config)
        compiled = cache / f"{wasm.stat().st_mtime_ns}-{wasm.stat().st_size}.cwasm"
        if compiled.exists():
            self.component = Component.deserialize_file(self.engine, str(compiled))
        else:
            self.component = Component(self.engine, wasm.read_bytes())
            for old in cache.glob("*.cwasm"):
                old.unlink()
            compiled.write_bytes(self.component.serialize())
        self.linker = Linker(self.engine)
        self.linker.add_wasip2()
        with self.linker.root() as root, root.add_instance(HOST) as host:
            host.add_func("submit", lambda _, operation: self._submit(operation))
            host.add_func("wait", lambda _, ids, timeout: self._wait(ids, timeout))
            # Only the flattened component has the guards that call these.
            host.add_func("interrupted", lambda _: False)
            host.add_func("charge", lambda _, count: None)
            host.add_func("reserve-handles", lambda _, count: None)
            host.add_func("may-use", lambda _, path: True)
            for told in ("granted", "opened", "streamed", "moved", "closed"):
                host.add_func(told, lambda _, *call: None)
        self.sandbox: Sandbox
        self.reset()

    def reset(self) -> None:
        self.mounts: list[tuple[Path, str, bool]] = []
        self.modules: dict[str, dict[str, Any]] = {}
        self.tasks: dict[str, Callable[..., Any]] = {}
        self.tools: dict[str, Callable[..., Any]] = {}
        self.packages: list[str] = []
        self.web = FakeWeb()
        self.cancelled: list[int] = []
        self.never_ends: set[str] = set()
        """Kinds of operation that never end."""
        self.max_at_once = 0
        self.seen_at_wait: list[bytes] = []
        self._open: dict[int, dict[str, Any]] = {}
        self._last = 0

    def call(
        self,
        source: str,
        *args: Any,
        task: str = "main",
        kwargs: dict[str, Any] | None = None,
        ram: int = 256 * MIB,
        env: dict[str, str] | None = None,
        context: dict[str, Any] | None = None,
        max_result_bytes: int = 32 * MIB,
    ) -> Any:
        """The reply to a call of a task in a fresh sandbox."""
        sandbox = Sandbox(self, ram)
        module = sandbox.compile(source)
        if "error" in module:
            return module
        request = {"op": "call", "modules": [module], "task": task, "args": args, "kwargs": kwargs or {}}
        grants = {"env": env or {}, "tools": sorted(self.tools), "packages": self.packages}
        told = {} if context is None else {"context": context}
        return sandbox.run({**request, **grants, **told, "max_result_bytes": max_result_bytes})

    def describe(self, source: str) -> Any:
        """The reply to `describe` in a fresh sandbox."""
        sandbox = Sandbox(self, 256 * MIB)
        module = sandbox.compile(source)
        return module if "error" in module else sandbox.run({"op": "describe", "modules": [module]})

    def _submit(self, operation: str) -> int:
        self._last += 1
        self._open[self._last] = fields = json.loads(operation)
        if fields["op"] == "cancel":
            self.cancelled.append(fields["id"])
        elif fields["op"] == "http_close":
            self._end(self._last)
        return self._last

    def _wait(self, ids: list[int], timeout_ms: int | None) -> str:
        self.seen_at_wait.append(b"".join(self.sandbox.stdout))
        self.max_at_once = max(self.max_at_once, len(ids))
        ending = [number for number in ids if self._open[number]["op"] not in self.never_ends]
        if not ending:
            assert timeout_ms is not None, "the guest waits for ever"
            time.sleep(timeout_ms / 1000)
        ended = [self._end(number) for number in ending]
        apart = [each["apart"] for each in ended if each.get("apart")]
        for each in ended:
            if text := each.pop("apart", ""):
                each["apart"] = len(text)
        return json.dumps(ended) + ("\x1e" + "".join(apart) if apart else "")

    def _end(self, number: int) -> dict[str, Any]:
        operation = self._open.pop(number)
        if operation["op"] == "module":
            return {"id": number, "ok": self.modules.get(operation["name"])}
        if operation["op"].startswith("http"):
            return {"id": number, **self.web.end(operation)}
        kind = operation["op"]
        functions, name = (self.tools, operation["tool"]) if kind == "tool" else (self.tasks, operation["task"])
        try:
            return {"id": number, "ok": functions[name](*operation["args"], **operation["kwargs"])}
        except Exception as error:
            failure = {"type": "task_error", "message": str(error), "class": type(error).__name__, "traceback": None}
            return {"id": number, "error": {**failure, "task": name}}


def is_current(wasm: Path, sources: Iterable[Path]) -> bool:
    """Whether a component is there and newer than what it is made of."""
    return wasm.exists() and wasm.stat().st_mtime_ns > max(source.stat().st_mtime_ns for source in sources)
