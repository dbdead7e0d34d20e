from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from capsule_guest import codeobjects, errors, tracebacks
from fake_host import Interpreter

needs_3_11 = pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.11 has it first")


def failed(reply: Any, kind: str) -> dict[str, Any]:
    error: dict[str, Any] = reply["error"]
    assert error["type"] == kind, error
    return error


def test_ping_answers(interpreter: Interpreter) -> None:
    assert interpreter.run({"op": "ping"}) == {"ok": "pong"}


def test_a_task_gets_its_arguments_and_environment(interpreter: Interpreter) -> None:
    source = "import os\ndef main(a, *, b): return [a, b, os.environ['NAME'], list(os.environ)]"
    request = {"op": "call", "modules": [interpreter.compile(source)], "task": "main", "args": [1], "kwargs": {"b": 2}}
    os.environ["SECRET"] = "of the build"
    assert interpreter.run({**request, "env": {"NAME": "x"}}) == {"ok": [1, 2, "x", ["NAME"]]}


def test_describe_gives_every_task_as_it_was_written(interpreter: Interpreter) -> None:
    source = """
from capsule import task, tool

@tool
def search(query): ...

@task(name="fetch", compute="LOW", allowed_files=("a", {"path": "b"}), tools=[search], made_up=1.5)
def get(url: "Unknown", *, times: int = 2) -> dict: ...

@task
async def main(): ...
"""
    first, second = interpreter.describe(source)["ok"]["tasks"]
    assert interpreter.describe(source)["ok"]["entry"] == "main"
    signature = first.pop("signature").replace("'", "")
    assert signature == "(url: Unknown, *, times: int = 2) -> dict"
    assert first == {
        "name": "fetch",
        "function": "get",
        "file": "main.py",
        "line": 7,
        "options": {"compute": "LOW", "allowed_files": ["a", {"path": "b"}], "tools": ["search"], "made_up": 1.5},
    }
    assert (second["name"], second["line"], second["options"], second["signature"]) == ("main", 10, {}, "()")


@pytest.mark.parametrize(
    ("source", "entry", "names"),
    [
        ("from capsule import task\n@task\ndef a(): ...\n@task\ndef main(): ...", "main", ["a", "main"]),
        ("from capsule import task\n@task\ndef only(): ...\ndef main(): ...", "only", ["only"]),
        ("def main(): ...", "main", ["main"]),
        ("from capsule import task\n@task\ndef a(): ...\n@task\ndef b(): ...", None, ["a", "b"]),
        ("x = 1", None, []),
    ],
)
def test_which_task_is_the_entry(interpreter: Interpreter, source: str, entry: str | None, names: list[str]) -> None:
    described = interpreter.describe(source)["ok"]
    assert described["entry"] == entry
    assert [each["name"] for each in described["tasks"]] == names


def test_an_option_that_is_not_json_names_itself_and_its_line(interpreter: Interpreter) -> None:
    error = failed(
        interpreter.describe("from capsule import task\n\n@task(timeout=object())\ndef f(): ..."), "source_error"
    )
    assert error["message"].startswith("main.py:3: task 'f': option timeout has type object")
    assert (error["file"], error["line"]) == ("main.py", 3)


def test_two_tasks_of_one_name_name_both_lines(interpreter: Interpreter) -> None:
    error = failed(
        interpreter.describe("from capsule import task\n@task\ndef f(): ...\n@task(name='f')\ndef g(): ..."),
        "source_error",
    )
    assert "two tasks have the name 'f': at main.py:2 and at main.py:4" in error["message"]


def test_main_guard_does_not_run(interpreter: Interpreter) -> None:
    source = "ran = []\nif __name__ == '__main__': ran.append(1)\ndef main(): return [ran, __name__, __file__]"
    assert interpreter.call(source) == {"ok": [[], "main", "main.py"]}


def test_names_for_the_outside_import_and_refuse(interpreter: Interpreter) -> None:
    names = "run, run_python, Session, workflow"
    source = f"from capsule import {names}, tool, TaskError, SidecarError\ndef main(): run('x.py')"
    error = failed(interpreter.call(source), "task_error")
    assert error["message"] == "run() starts sandboxes from your program; inside a sandbox call the task itself"


def test_tasks_have_uses_that_are_for_the_outside(interpreter: Interpreter) -> None:
    declared = "from capsule import task\n@task\ndef f(x): return x\nview = f.using(timeout=1).using(ram='64MB')\n"
    for use in ("f.envelope(1)", "view.envelope(1)", "f.using()(1)", "view.call(1)", "view.map([1])"):
        error = failed(interpreter.call(f"{declared}def main(): {use}"), "task_error")
        assert error["message"].startswith("f.envelope()" if "envelope" in use else "f.using()")
        assert "works in your program; inside a sandbox call the task itself" in error["message"]


def test_workflows_are_for_the_outside(interpreter: Interpreter) -> None:
    for name in ("workflow", "step", "workflow.run", "workflow.run_sync", "workflow.current"):
        error = failed(interpreter.call(f"from capsule import step, workflow\ndef main(): {name}()"), "task_error")
        assert error["message"].startswith(f"{name}() journals what your program does; inside a sandbox call the task")


def test_a_task_is_told_where_it_stands(interpreter: Interpreter) -> None:
    source = "from capsule import context\ndef main(): return vars(context())"
    told = {"run_id": "r-1", "attempt": 2, "trace_id": "t", "workflow_id": "w", "step_id": "w/1"}
    request = {"op": "call", "modules": [interpreter.compile(source)], "task": "main"}
    assert interpreter.run({**request, "context": told}) == {"ok": told}
    assert interpreter.run(request) == {"ok": dict.fromkeys(told)}, "nothing is left of the request before"


def test_an_error_has_the_users_frames_only(interpreter: Interpreter) -> None:
    source = "import json\n\ndef parse(text):\n    return json.loads(text)\n\ndef main():\n    return parse('{')\n"
    error = failed(interpreter.call(source), "task_error")
    assert error["class"] == "JSONDecodeError"
    assert 'File "main.py", line 7, in main\n    return parse(' in error["traceback"]
    assert 'File "main.py", line 4, in parse\n    return json.loads(text)' in error["traceback"]
    assert error["traceback"].count("File ") == 2


def test_chained_exceptions_are_kept(interpreter: Interpreter) -> None:
    source = (
        "def main():\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n        raise KeyError('k') from e"
    )
    traceback = failed(interpreter.call(source), "task_error")["traceback"]
    assert "ZeroDivisionError: division by zero" in traceback
    assert "direct cause of the following exception" in traceback
    assert traceback.endswith("KeyError: 'k'")


@needs_3_11
def test_groups_are_kept(interpreter: Interpreter) -> None:
    source = "def main(): raise ExceptionGroup('both', [ValueError('a'), TypeError('b')])"
    error = failed(interpreter.call(source), "task_error")
    assert error["message"] == "both (2 sub-exceptions)"
    assert "ValueError: a" in error["traceback"]
    assert "TypeError: b" in error["traceback"]


def test_wrong_arguments_are_told_from_a_type_error_within(interpreter: Interpreter) -> None:
    source = "def main(a):\n    return helper()\ndef helper(b): ..."
    error = failed(interpreter.call(source), "invalid_arguments")
    assert error["message"] == "main() missing 1 required positional argument: 'a'"
    error = failed(interpreter.call(source, 1, c=2), "invalid_arguments")
    assert error["message"] == "main() got an unexpected keyword argument 'c'"
    assert failed(interpreter.call(source, 1), "task_error")["class"] == "TypeError"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("sys.exit(3)", "the task called sys.exit(3)"),
        ("sys.exit()", "the task called sys.exit()"),
        ("sys.exit(0)", "the task called sys.exit(0)"),
        ("sys.exit('no data')", "the task called sys.exit('no data')"),
    ],
)
def test_exit(interpreter: Interpreter, statement: str, message: str) -> None:
    error = failed(interpreter.call(f"import sys\ndef main(): {statement}"), "exit")
    assert error["message"] == message


def test_other_ends(interpreter: Interpreter) -> None:
    assert failed(interpreter.call("def main(): raise KeyboardInterrupt"), "task_error")["class"] == "KeyboardInterrupt"
    recursion = failed(interpreter.call("def f(): return f()\ndef main(): f()"), "stack_overflow")
    assert recursion["traceback"].count("File ") <= tracebacks.MAX_FRAMES
    assert failed(interpreter.call("def main(): raise MemoryError"), "out_of_memory")["traceback"] is None
    missing = failed(
        interpreter.call("from capsule import task\n@task\ndef fetch(): ...", task="fetsh"), "task_not_found"
    )
    assert missing["message"] == "the program has no task 'fetsh'; did you mean fetch?"
    assert (
        "result.x has type object"
        in failed(interpreter.call("def main(): return {'x': object()}"), "invalid_result")["message"]
    )


def test_a_hostile_exception_still_has_a_reply(interpreter: Interpreter) -> None:
    source = "class Bad(Exception):\n    def __str__(self): raise ValueError\ndef main(): raise Bad"
    error = failed(interpreter.call(source), "task_error")
    assert error["class"] == "Bad"
    assert "__str__ raised ValueError" in error["message"]
    error = failed(interpreter.call("def main(): raise ValueError('x' * 10_000_000)"), "task_error")
    assert len(error["message"]) < errors.MAX_MESSAGE + 100
    assert len(error["traceback"]) < tracebacks.MAX_TEXT + 100
    error = failed(interpreter.call(r"def main(): raise ValueError('\ud800')"), "task_error")
    assert error["message"] == "\\ud800"


def test_a_long_chain_is_cut(interpreter: Interpreter) -> None:
    source = """
def main():
    error = ValueError(0)
    for n in range(10_000):
        later = ValueError(n)
        later.__context__ = error
        error = later
    raise error
"""
    error = failed(interpreter.call(source), "task_error")
    assert error["traceback"].count("During handling") <= tracebacks.MAX_CHAIN


def test_what_the_task_did_to_builtins_does_not_matter(interpreter: Interpreter) -> None:
    source = "import builtins\ndef main(fail):\n    builtins.len = builtins.isinstance = builtins.type = None\n"
    assert interpreter.call(source + "    return {'a': (1,)}", 0) == {"ok": {"a": [1]}}
    assert failed(interpreter.call(source + "    raise KeyError(1)", 1), "task_error")["class"] == "KeyError"


def test_top_level_failures_are_source_errors(interpreter: Interpreter) -> None:
    error = failed(interpreter.describe("x = 1\n1 / 0"), "source_error")
    assert error["message"] == "main.py:2: ZeroDivisionError: division by zero"
    assert (error["file"], error["line"], error["class"]) == ("main.py", 2, "ZeroDivisionError")
    assert failed(interpreter.describe("import sys\nsys.exit(1)"), "source_error")["line"] == 2


def test_syntax_errors_show_the_place() -> None:
    with pytest.raises(codeobjects.Rejected) as caught:
        codeobjects.compile_source("def main():\n    x = = 2\n", "lib/main.py")
    error = caught.value.error
    assert error["message"] == "lib/main.py:2:9: invalid syntax\n    x = = 2\n        ^"
    assert (error["type"], error["file"], error["line"], error["column"]) == ("source_error", "lib/main.py", 2, 9)


@pytest.mark.parametrize("source", ["x = '\0'", "x = '\ud800'", "(" * 5000, "def f(:"])
def test_no_source_breaks_the_compiler(source: str) -> None:
    with pytest.raises(codeobjects.Rejected) as caught:
        codeobjects.compile_source(source, "main.py")
    assert caught.value.error["type"] == "source_error"
    caught.value.error["message"].encode()


def test_a_byte_order_mark_is_no_syntax_error() -> None:
    code, source = codeobjects.load(codeobjects.compile_source("\ufeffx = 1\n", "main.py"))
    assert (code.co_filename, source) == ("main.py", "x = 1\n")
