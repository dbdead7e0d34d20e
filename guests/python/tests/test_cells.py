"""Cells: what a session keeps from one to the next, by the guest's own code in this process."""

from __future__ import annotations

import base64
import builtins
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from capsule_guest import cells, display, host, stdio
from fake_host import FakeHost, Interpreter


class Cells:
    """Runs cells as a sidecar asks for them."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self.count = 0
        self.tools: list[str] = []

    def __call__(self, code: str, **fields: Any) -> Any:
        self.count += 1
        request = {
            "op": "cell",
            "code": code,
            "file": f"<cell {self.count}>",
            "env": {},
            "tools": self.tools,
            "interruptible": True,
            "max_result_bytes": 1 << 20,
            **fields,
        }
        return self._interpreter.run(request)

    def value(self, code: str) -> Any:
        reply = self(code)
        assert "ok" in reply, reply
        return reply["ok"]["json"]

    def error(self, code: str) -> Any:
        reply = self(code)
        assert "error" in reply, reply
        return reply["error"]


@pytest.fixture
def cell(interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cells]:
    main = sys.modules["__main__"]
    names = dict(vars(builtins))
    monkeypatch.setattr(stdio, "reopen", lambda: None)
    try:
        yield Cells(interpreter)
    finally:
        cells.forget()
        sys.modules["__main__"] = main
        vars(builtins).update(names)


def test_names_and_the_last_value_stay(cell: Cells) -> None:
    assert cell("x = 1") == {"ok": None}
    assert cell.value("x += 1; x") == 2
    assert cell.value("_ + 1") == 3
    assert cell("None") == {"ok": None}
    assert cell.value("_") == 3


def test_an_empty_cell_and_comments_have_no_value(cell: Cells) -> None:
    assert cell("") == {"ok": None}
    assert cell("# nothing") == {"ok": None}
    assert cell("x = 1;") == {"ok": None}


def test_a_failing_cell_keeps_what_it_did_before(cell: Cells) -> None:
    error = cell.error("y = 5\ndef f(n):\n    return 1 / n\nf(0)")
    assert (error["type"], error["class"]) == ("task_error", "ZeroDivisionError")
    assert 'File "<cell 1>", line 4' in error["traceback"]
    assert "    return 1 / n" in error["traceback"]
    assert cell.value("y") == 5
    error = cell.error("f(0)")
    assert 'File "<cell 3>", line 1' in error["traceback"]
    assert 'File "<cell 1>", line 3' in error["traceback"]


def test_a_syntax_error_tells_its_place(cell: Cells) -> None:
    error = cell.error("x = 1\nx =")
    assert (error["type"], error["file"], error["line"]) == ("source_error", "<cell 1>", 2)
    assert cell.error("x")["class"] == "NameError"


@pytest.mark.parametrize("code", ["(" * 5000, "x = '\udc80'", "x = 1\0"])
def test_code_that_cannot_be_compiled_is_a_source_error(cell: Cells, code: str) -> None:
    assert cell.error(code)["type"] == "source_error"
    assert cell.value("1") == 1


def test_futures_hold_for_later_cells(cell: Cells) -> None:
    cell("from __future__ import annotations")
    assert cell.value("def f(x: Missing): ...\nf.__annotations__") == {"x": "Missing"}


def test_await_works_at_the_top_level(cell: Cells, fake_host: FakeHost) -> None:
    assert cell.value("import asyncio\nawait asyncio.sleep(0)\n'slept'") == "slept"
    assert cell.value("async def f(): return 3\nawait f()") == 3
    assert cell.value("[await f() for _ in range(2)]") == [3, 3]


def test_a_task_in_the_background_goes_on_in_the_next_cell_that_awaits(cell: Cells) -> None:
    cell("import asyncio\ndone = []\nasync def f():\n    await asyncio.sleep(0)\n    done.append(1)")
    cell("t = asyncio.ensure_future(f(), loop=asyncio.new_event_loop()) if False else None")
    cell("async def start():\n    global t\n    t = asyncio.create_task(f())\nawait start()")
    assert cell.value("await t\ndone") == [1]


def test_what_a_cell_leaves_open_at_the_host_fails_in_the_next(cell: Cells, fake_host: FakeHost) -> None:
    cell.tools = ["ask"]
    fake_host.never_ends.add("ask")
    cell("import asyncio\nt = None")
    start = "    global t\n    t = asyncio.create_task(ask.aio(1))\n    await asyncio.sleep(0)"
    cell(f"async def start():\n{start}\nawait start()")
    error = cell.error("await t")
    assert "ended" in error["message"]


def test_tools_are_there_under_their_names(cell: Cells, fake_host: FakeHost) -> None:
    cell.tools = ["double"]
    fake_host.tools["double"] = lambda n: 2 * n
    assert cell.value("double(4)") == 8
    assert cell.value("await double(5)") == 10


def test_exit_keeps_the_state(cell: Cells) -> None:
    cell("x = 1")
    assert cell.error("import sys; sys.exit(3)")["type"] == "exit"
    assert cell.value("x") == 1


def test_replaced_builtins_are_the_sessions_own(cell: Cells) -> None:
    code = "import builtins\nbuiltins.len = lambda x: 42\nbuiltins.isinstance = None\nlen([])"
    assert cell.value(code) == 42
    assert cell.value("len('x')") == 42
    assert cell.error("isinstance(1, int)")["class"] == "TypeError"
    assert len("x") == 1


def test_a_hostile_repr_is_the_cells_failure(cell: Cells) -> None:
    assert cell.error("class C:\n    def __repr__(self): raise ValueError('no')\nC()")["class"] == "ValueError"
    assert cell.error("class D:\n    def __repr__(self): return 3\nD()")["class"] == "TypeError"
    assert cell.value("1") == 1


def test_a_value_without_json_has_its_text(cell: Cells) -> None:
    reply = cell("object")
    assert reply == {"ok": {"text": "<class 'object'>", "parts": []}}


def test_a_long_text_is_cut(cell: Cells) -> None:
    reply = cell("'x' * 100_000")["ok"]
    assert len(reply["text"]) < display.MAX_TEXT + 100
    assert "more characters" in reply["text"]
    assert len(reply["json"]) == 100_000


def test_a_value_beyond_max_result_has_no_json(cell: Cells) -> None:
    reply = cell("list(range(1000))", max_result_bytes=100)["ok"]
    assert "json" not in reply
    assert reply["text"].startswith("[0, 1, 2")


def test_rich_forms(cell: Cells) -> None:
    code = """
class Rich:
    def _repr_html_(self): return "<b>x</b>"
    def _repr_png_(self): return b"png"
    def _repr_json_(self): return {"a": 1}
    def _repr_markdown_(self): return None
Rich()
"""
    parts = {part["mime"]: part["data"] for part in cell(code)["ok"]["parts"]}
    assert parts == {
        "text/html": "<b>x</b>",
        "image/png": base64.b64encode(b"png").decode(),
        "application/json": '{"a":1}',
    }


def test_a_bundle_and_what_cannot_be_shown(cell: Cells, capsys: pytest.CaptureFixture[str]) -> None:
    code = """
class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": "x", "text/html": "<i>", "application/x-evil": "y", "image/png": 3}
    def _repr_svg_(self): raise RuntimeError("no")
Bundle()
"""
    assert cell(code)["ok"]["parts"] == [{"mime": "text/html", "data": "<i>"}]
    told = capsys.readouterr().err
    for expected in ("application/x-evil", "image/png", "_repr_svg_ raised RuntimeError: no"):
        assert expected in told


def test_parts_are_bounded(cell: Cells) -> None:
    code = "class Big:\n    def _repr_html_(self): return 'x' * 1000\nBig()"
    assert cell(code, max_result_bytes=500)["ok"]["parts"] == []


class Impatient:
    """A host that wants the cell to end at the n-th question."""

    def __init__(self, real: Any, patience: int) -> None:
        self._real = real
        self.patience = patience
        self.asked = 0

    def submit(self, operation: str) -> int:
        return int(self._real.submit(operation))

    def wait(self, ids: list[int], timeout_ms: int | None) -> str:
        return "[]"

    def interrupted(self) -> bool:
        self.asked += 1
        return self.asked == self.patience


LOOPS = (
    "while True: pass",
    "while True:\n    n = 1",
    "import itertools\nfor i in itertools.count(): pass",
    "import itertools\n[i for i in itertools.count()]",
    "import itertools\nsum(0 for i in itertools.count())",
    "def fib(n):\n    'text'\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(60)",
    "f = lambda n: n and [f(n - 1) for _ in range(9)]\nf(30)",
    "async def main():\n    import asyncio\n    while True: await asyncio.sleep(0)\nawait main()",
)


@pytest.mark.parametrize("code", LOOPS)
def test_a_cell_that_computes_can_be_interrupted(
    cell: Cells, fake_host: FakeHost, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    cell("x = 1")
    monkeypatch.setattr(host, "imports", Impatient(fake_host, 3))
    error = cell.error(code)
    assert error["class"] == "KeyboardInterrupt", error
    assert cell.value("x") == 1


def test_an_interrupt_can_be_caught_and_the_next_one_comes(
    cell: Cells, fake_host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "imports", Impatient(fake_host, 3))
    assert cell.value("try:\n    while True: pass\nexcept KeyboardInterrupt:\n    y = 'caught'\ny") == "caught"
    monkeypatch.setattr(host, "imports", Impatient(fake_host, 2))
    assert cell.error("while True: pass")["class"] == "KeyboardInterrupt"


def test_sleeping_and_waiting_can_be_interrupted(
    cell: Cells, fake_host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell("import asyncio, time")
    monkeypatch.setattr(host, "imports", Impatient(fake_host, 1))
    assert cell.error("from capsule_guest import host\nhost.sleep(100)")["class"] == "KeyboardInterrupt"
    monkeypatch.setattr(host, "imports", Impatient(fake_host, 1))
    code = "cleaned = []\ntry:\n    await asyncio.sleep(100)\nfinally:\n    cleaned.append(1)"
    assert cell.error(code)["class"] == "KeyboardInterrupt"
    assert cell.value("cleaned") == [1]


def test_docstrings_and_lambdas_are_as_they_were_written(cell: Cells) -> None:
    assert cell.value("def f():\n    'says'\nf.__doc__") == "says"
    assert cell.value("(lambda x: x and None)(1), (lambda: 0)()") == [None, 0]
    assert cell.value("[x for x in range(5) if x % 2]") == [1, 3]
    assert cell.value("{x: y for x in 'ab' for y in range(2)}") == {"a": 1, "b": 1}


def complete(interpreter: Interpreter, code: str, cursor: int | None = None) -> tuple[int, dict[str, str]]:
    request = {"op": "complete", "code": code, "cursor": len(code) if cursor is None else cursor}
    reply = interpreter.run(request)["ok"]
    return reply["start"], {each["text"]: each["kind"] for each in reply["matches"]}


def test_names_are_completed(cell: Cells, interpreter: Interpreter) -> None:
    cell("value = 1\ndef validate(): ...\nimport json")
    cell("class Vehicle:\n    wheels = 4\n    @property\n    def owner(self): ...")
    assert complete(interpreter, "x = val") == (4, {"value": "variable", "validate": "function"})
    assert complete(interpreter, "json.dump") == (5, {"dump": "function", "dumps": "function"})
    assert complete(interpreter, "Vehicle().w") == (11, {})
    assert complete(interpreter, "v = Vehicle.") == (12, {"owner": "property", "wheels": "variable"})
    assert complete(interpreter, "whil")[1] == {"while": "keyword"}
    assert "jsonx" not in complete(interpreter, "import js")[1]
    assert complete(interpreter, "import js")[1]["json"] == "module"
    assert complete(interpreter, "from json import dum") == (17, {"dump": "function", "dumps": "function"})
    assert complete(interpreter, "valu + 1", 4)[1] == {"value": "variable"}
    assert complete(interpreter, "missing.thing.") == (14, {})
    assert complete(interpreter, "") != (1, {})
    assert not any(name.startswith("__capsule") for name in complete(interpreter, "__c")[1])


def test_files_are_completed(cell: Cells, interpreter: Interpreter, tmp_path: Any, monkeypatch: Any) -> None:
    (tmp_path / "data.csv").write_text("")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    cell("1")
    assert complete(interpreter, "open('da") == (6, {"data.csv": "file"})
    assert complete(interpreter, 'open("') == (6, {"data.csv": "file", "folder/": "file"})
    assert complete(interpreter, "open('nowhere/x") == (14, {})


def test_a_name_is_inspected(cell: Cells, interpreter: Interpreter) -> None:
    cell("def add(a, b=2):\n    'Adds.'\n    return a + b")
    text = interpreter.run({"op": "inspect", "code": "add(", "cursor": 3})["ok"]["text"]
    assert text == "add(a, b=2)\n\nAdds."
    assert interpreter.run({"op": "inspect", "code": "nothing", "cursor": 2})["ok"]["text"] == ""
