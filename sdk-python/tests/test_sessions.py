"""Snippets and sessions through the SDK, in real sandboxes."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import os
import random
import signal
import threading
import traceback
from typing import TYPE_CHECKING, Any

import pytest

import capsule
from capsule import (
    CellResult,
    FileInfo,
    OptionError,
    Session,
    SessionError,
    SidecarLost,
    run_javascript,
    run_python,
    tool,
)
from conftest import eventually, is_running, sidecar_pid

if TYPE_CHECKING:
    from pathlib import Path


@tool
def double(number: int) -> int:
    return 2 * number


def test_a_snippet_gives_its_value_and_what_it_printed() -> None:
    result = run_python("import sys\nprint('out')\nprint('err', file=sys.stderr)\n{'a': [1, 2]}")
    assert isinstance(result, CellResult)
    assert (result.value, result.text) == ({"a": [1, 2]}, "{'a': [1, 2]}")
    assert (result.stdout, result.stderr) == ("out\n", "err\n")
    assert result.check() is result
    assert result.execution["fuel_consumed"]


def test_a_snippet_that_fails_says_so() -> None:
    result = run_python("1 / 0")
    assert not result.success
    assert result.value is None
    with pytest.raises(capsule.TaskError, match="division by zero") as raised:
        result.check()
    assert raised.value.class_name == "ZeroDivisionError"
    assert run_python("x =").error["type"] == "source_error"
    with pytest.raises(capsule.TaskTimeout):
        run_python("while True: pass", timeout="100ms").check()


def test_a_snippet_is_awaitable_in_an_event_loop() -> None:
    async def main() -> list[Any]:
        results = await asyncio.gather(*(run_python(f"{n} + 1") for n in range(5)))
        return [result.value for result in results]

    assert asyncio.run(main()) == [1, 2, 3, 4, 5]


def test_cancelling_stops_a_snippet() -> None:
    async def main() -> None:
        running = asyncio.create_task(run_python("while True: pass"))
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(main())


def test_tools_are_there_under_their_names() -> None:
    assert run_python("double(4)", tools=[double]).value == 8
    assert run_python("double(4)").error["class"] == "NameError"
    with Session(tools=[double]) as session:
        assert session.run("x = double(2)").success
        assert session.run("await double(x)").value == 8


def test_wrong_options_are_errors() -> None:
    with pytest.raises(OptionError, match="ram"):
        run_python("1", ram="abc")
    with pytest.raises(OptionError, match="language"), Session("cobol") as session:
        session.run("1")


def test_output_comes_as_it_is_printed() -> None:
    told: list[tuple[str, str]] = []
    with Session() as session:
        result = session.run("print('a')\nprint('b')", on_output=lambda *what: told.append(what))
        assert "".join(text for _, text in told) == result.stdout == "a\nb\n"

        def broken(stream: str, text: str) -> None:
            raise ValueError(stream, text)

        assert session.run("print('c')", on_output=broken).stdout == "c\n"


def test_a_session_in_an_event_loop() -> None:
    async def main() -> list[Any]:
        async with Session() as session:
            await session.run("x = []")
            cells = [session.run(f"x.append({n})") for n in range(5)]
            await asyncio.gather(*cells)
            return list((await session.run("x")).value)

    assert asyncio.run(main()) == [0, 1, 2, 3, 4]


def test_an_interrupt_keeps_the_state() -> None:
    with Session() as session:
        session.run("x = 1")
        printed = threading.Event()
        results: list[CellResult] = []
        code = "print('begins')\nwhile True: pass"
        thread = threading.Thread(
            target=lambda: results.append(session.run(code, on_output=lambda *_: printed.set()))
        )
        thread.start()
        assert printed.wait(60)
        session.interrupt()
        thread.join(60)
        [result] = results
        assert result.error is not None
        assert (result.error["type"], result.state) == ("cancelled", "kept")
        assert session.run("x").value == 1


def test_what_a_cell_that_was_given_up_prints_is_dropped(capfd: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        async with Session() as session:
            loop, printed = asyncio.get_running_loop(), asyncio.Event()
            code = "try:\n    while True: print(1)\nfinally: print(2)"
            running = asyncio.create_task(
                session.run(code, on_output=lambda *_: loop.call_soon_threadsafe(printed.set))
            )
            await printed.wait()
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert (await session.run("3")).value == 3

    asyncio.run(main())
    assert capfd.readouterr().out == ""


def test_files() -> None:
    with Session() as session:
        session.put_file("a/b.txt", "text")
        session.put_file("c", b"\0\xff")
        assert session.run("open('a/b.txt').read()").value == "text"
        assert session.get_file("c") == b"\0\xff"
        assert session.list_files() == [
            FileInfo("a", 0, folder=True),
            FileInfo("c", 2, folder=False),
        ]
        assert session.list_files("a") == [FileInfo("a/b.txt", 4, folder=False)]
        with pytest.raises(OptionError, match=r"\.\."):
            session.put_file("../x", "")
        with pytest.raises(OptionError, match="does not exist"):
            session.get_file("missing")


def test_rich_values() -> None:
    code = """
class Chart:
    def _repr_html_(self): return "<b>chart</b>"
    def _repr_png_(self): return b"png"
Chart()
"""
    parts = {part.mime: part.data for part in run_python(code).parts}
    assert parts == {"text/html": "<b>chart</b>", "image/png": b"png"}


def test_reset_fork_and_close() -> None:
    with Session(name="notes") as session:
        session.run("x = 1")
        fork = session.fork()
        fork.run("x += 1")
        assert (session.run("x").value, fork.run("x").value) == (1, 2)
        fork.close()
        session.reset()
        assert session.run("x").error["class"] == "NameError"
        assert session.complete("impo") == (0, ["import"])
        assert repr(session) == "<session 'notes' in python>"
    with pytest.raises(SessionError, match="closed"):
        session.run("1")


def test_sessions_end_with_the_sidecar() -> None:
    session = Session()
    session.run("x = 1")
    capsule.close()
    with pytest.raises(capsule.SidecarLost, match="another"):
        session.run("x")
    eventually(lambda: run_python("1").value == 1, "another sidecar")


def local(cells: list[str]) -> list[tuple[str | None, str | None, str]]:
    """What an interpreter here makes of the cells: value's text, exception's class, output."""
    names: dict[str, Any] = {"__name__": "__main__"}
    outcomes = []
    for number, code in enumerate(cells):
        value, problem, out = None, None, io.StringIO()
        try:
            tree = ast.parse(code)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            with contextlib.redirect_stdout(out):
                exec(compile(tree, f"<cell {number + 1}>", "exec"), names)  # noqa: S102
                if isinstance(last, ast.Expr):
                    expression = compile(ast.Expression(last.value), "<cell>", "eval")
                    value = eval(expression, names)  # noqa: S307
        except BaseException as error:  # noqa: BLE001 - as the sandbox does
            problem = type(error).__name__
        outcomes.append((None if value is None else repr(value), problem, out.getvalue()))
    return outcomes


HOSTILE = (
    "import sys; sys.exit(3)",
    "def f(): f()\nf()",
    "print('\\x1b[2J\\x1b]0;title\\x07')",
    "raise KeyboardInterrupt",
    "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
)


def mixed_cells(count: int) -> list[str]:
    """Valid and failing cells, the same each time, that lean on one another."""
    chance = random.Random(7)  # noqa: S311
    cells = ["import json, collections, math\ntotal = 0\nseen = []\ncounts = collections.Counter()"]
    forms = (
        "total += {n}\ntotal",
        "seen.append({n}); seen[-3:]",
        "counts[{n} % 5] += 1\nsorted(counts.items())",
        "def f{m}(x, *, y={n}):\n    return x * y + total\nf{m}(2)",
        "[x * {n} for x in range(4) if x % 2]",
        "{{'a': {n}, 'b': [None, True, 1.5]}}",
        "json.dumps({{'n': {n}, 'seen': len(seen)}}, sort_keys=True)",
        "for i in range({n} % 4):\n    print(i, end=' ')\nelse:\n    print('end')",
        "try:\n    1 / ({n} % 2)\nexcept ZeroDivisionError as e:\n    got = str(e)\n'got' in dir()",
        "math.gcd({n}, 360), divmod({n}, 7)",
        "class C{m}:\n    n = {n}\n    def __repr__(self): return f'<C {{self.n}}>'\nC{m}()",
        "missing_{n}",
        "seen[{n} * 1000]",
        "'text'.no_such_method",
        "x = (lambda a: a + {n})(total); x",
        "f'{{total:>8}}|{{{n}:08.3f}}'",
        "a, *b = range({n} % 6 + 1); b",
        "with open('n.txt', 'a') as f: f.write('{n} ')\nwith open('n.txt') as f: s = f.read()\ns",
        "assert total < {n}, 'too much'",
        "while True:\n    if total > 0: break\n    total += 1\n_ = 5",
        "sorted({{{n}, 3, 1}}, reverse=True)",
        "match {n} % 3:\n    case 0: kind = 'none'\n    case 1 | 2: kind = 'some'\nkind",
        "int('{n}x')",
        "",
    )
    while len(cells) < count:
        cells.append(chance.choice(forms).format(n=chance.randrange(1, 500), m=chance.randrange(5)))
    return cells


def test_three_hundred_cells_are_as_in_an_interpreter(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cells = mixed_cells(300)
    expected = local(cells)
    with Session() as session:
        for number, (code, (text, problem, printed)) in enumerate(
            zip(cells, expected, strict=True)
        ):
            result = session.run(code)
            raised = result.error["class"] if result.error is not None else None
            assert (result.text, raised, result.stdout) == (text, problem, printed), code
            assert result.state == "kept"
            if number % 20 == 0:
                hostile = session.run(HOSTILE[number // 20 % len(HOSTILE)])
                assert hostile.state == "kept", traceback.format_exc()


def test_javascript_and_typescript() -> None:
    result = run_javascript("const n: number = 20; console.log('hi'); n * 2 + 2")
    assert (result.value, result.stdout) == (42, "hi\n")
    with Session("javascript", tools=[double]) as session:
        session.run("let x = 1; const y = 2; class C {}; function sum() { return x + y }")
        assert session.run("x += 1; sum()").value == 4
        assert session.run("let x = 10; const y = 5; class C { a = 1 }; sum()").value == 15
        assert session.run("new C()").text == "C { a: 1 }"
        assert session.run("import { join as j } from 'node:path'\nj('a', 'b')").value == "a/b"
        assert session.run("j('c', 'd')").value == "c/d"
        assert session.run("(await double(4)) + 1").value == 9
        failed = session.run("\nthrow new TypeError('no')")
        assert failed.error["class"] == "TypeError"
        assert "<cell 8>:2" in failed.error["traceback"]
        assert session.run("x =").error["type"] == "source_error"
        caught = "try { while (true) {} } catch { x = 0 } finally { x = 0 }"
        endless = session.run(caught, timeout="200ms")
        assert (endless.error["type"], endless.state) == ("timeout", "kept")
        assert session.run("x").value == 10
        waiting = session.run("await new Promise(() => setTimeout(() => 0, 1e6))", timeout="200ms")
        assert (waiting.error["type"], waiting.state) == ("timeout", "kept")
        assert session.run("process.exit(3)").error["type"] == "exit"
        code = "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>' }) })"
        assert [part.data for part in session.run(code).parts] == ["<b>"]
        assert session.complete("console.lo") == (8, ["log"])
        assert session.run("x").state == "kept"


def kill_the_sidecar() -> None:
    pid = sidecar_pid()
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not is_running(pid), "the sidecar is gone")


def test_a_session_with_an_id_comes_back_after_its_sidecar_was_killed(tmp_path: Path) -> None:
    first = Session("python", id="notes", cwd=tmp_path)
    first.run("import random\nx = [1]")
    assert first.restored == 0
    first.put_file("in.txt", "abc")
    assert first.run("x.append(len(open('in.txt').read())); x").value == [1, 3]
    assert not first.run("x.append(4); 1 / 0").success
    kill_the_sidecar()
    with pytest.raises(SidecarLost, match="is gone"):
        first.run("x")

    with Session("python", id="notes", cwd=tmp_path) as second:
        assert second.run("x").value == [1, 3, 4]
        assert second.restored == 3
        assert second.get_file("in.txt") == b"abc"
        assert "<cell 5>" in second.run("1 / 0").error["traceback"]
    with Session("python", id="notes", cwd=tmp_path) as third:
        third.reset()
        assert third.restored == 5
        third.run("y = 2")
    with Session("python", id="notes", cwd=tmp_path) as fourth:
        assert fourth.run("y, 'x' in globals()").value == [2, False]
        assert fourth.restored == 1
    assert Session("python", cwd=tmp_path).run("'y' in globals()").value is False


def test_what_could_not_be_repeated_is_told_at_once_and_refused_later(tmp_path: Path) -> None:
    with Session("python", id="a", cwd=tmp_path, tools=[double]) as session:
        session.run("x = 1")
        told = session.run("x = double(4)")
        assert told.success
        assert told.stderr == (
            "[capsule: this session cannot come back any more: "
            "cell 2 has used tools or the network, or tried to]\n"
        )
        assert session.run("x").stderr == ""
    again = Session("python", id="a", cwd=tmp_path)
    with pytest.raises(
        SessionError,
        match=r'the session "a" cannot come back: cell 2 has used .*capsule rm session:a',
    ):
        again.run("x")
    with Session("python", id="b", cwd=tmp_path) as session:
        session.run("x = 1")
        lost = session.run("import os; os._exit(3)")
        assert lost.state == "lost"
        session.run("y = 2")
    with Session("python", id="b", cwd=tmp_path) as session:
        assert session.run("y, 'x' in globals()").value == [2, False]


def test_an_id_is_of_one_session_at_a_time_and_of_one_kind(tmp_path: Path) -> None:
    with Session("python", id="a", cwd=tmp_path) as session:
        session.run("x = 1")
        with pytest.raises(capsule.WorkflowBusy, match="session:a"):
            Session("python", id="a", cwd=tmp_path).run("x")
        with session.fork() as fork:
            assert fork.run("x").value == 1
            assert fork.restored is None
    with pytest.raises(OptionError, match="another one's than of a session in javascript"):
        Session("javascript", id="a", cwd=tmp_path).run("1")
    for wrong in ("", "a\nb", "x" * 201):
        with pytest.raises(OptionError, match="must be 1 to 200 characters"):
            Session("python", id=wrong, cwd=tmp_path).run("1")
    with pytest.raises(OptionError, match="cannot be had by a session with an id"):
        Session("python", id="c", cwd=tmp_path, mounts=[str(tmp_path)]).run("1")
    with Session("python", id="a", cwd=tmp_path) as session:  # nothing of that is left open
        assert session.run("x").value == 1


def test_a_cell_that_ends_otherwise_than_it_did_keeps_a_session_from_coming_back(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text("ONCE=1")
    with Session("python", id="a", cwd=tmp_path, env_variables=["ONCE"]) as session:
        assert session.run("import os\nos.environ['ONCE']").value == "1"
    with pytest.raises(SessionError, match="cell 1 did not end as it had ended before"):
        Session("python", id="a", cwd=tmp_path).run("1")
