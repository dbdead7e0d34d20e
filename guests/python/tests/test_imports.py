from __future__ import annotations

import sys
from typing import Any

import pytest

from fake_host import FakeHost, Interpreter

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="exception tables are there since Python 3.11")

ABSENT = "is not available inside the sandbox"


def test_modules_come_from_the_request_then_from_the_host(interpreter: Interpreter, fake_host: FakeHost) -> None:
    fake_host.modules["far"] = interpreter.compile("import near\nvalue = near.value + 1", "far")
    main = interpreter.compile(
        "import far, near\nfrom far import value\ndef main(): return [far.value, value, near.value]"
    )
    near = interpreter.compile("value = 1", "near")
    request = {"op": "call", "modules": [main, near], "task": "main", "args": [], "kwargs": {}}
    assert interpreter.run(request) == {"ok": [2, 2, 1]}
    assert [operation["name"] for operation in fake_host.operations] == ["far"]


def test_packages_relative_imports_and_cycles(interpreter: Interpreter, fake_host: FakeHost) -> None:
    for name, source in {
        "pkg.a": "from . import b\nfrom .sub.c import value\nname = 'a'",
        "pkg.b": "from . import a\ndef peer(): return a.name",
        "pkg.sub.c": "value = __name__",
    }.items():
        fake_host.modules[name] = interpreter.compile(source, name)
    fake_host.modules["pkg"] = interpreter.compile("", "pkg", "pkg/__init__.py", package=True)
    fake_host.modules["pkg.sub"] = {"name": "pkg.sub", "file": "pkg/sub", "package": True, "code": ""}
    source = "from pkg.a import value, b\nimport pkg.sub.c as c\ndef main(): return [value, b.peer(), c.value]"
    assert interpreter.call(source) == {"ok": ["pkg.sub.c", "a", "pkg.sub.c"]}


def test_a_dotted_entry_module_imports_its_package(interpreter: Interpreter, fake_host: FakeHost) -> None:
    fake_host.modules["pkg"] = interpreter.compile("setting = 5", "pkg", "pkg/__init__.py", package=True)
    entry = interpreter.compile("from . import setting\ndef main(): return [setting, __name__]", "pkg.tasks")
    request = {"op": "call", "modules": [entry], "task": "main", "args": [], "kwargs": {}}
    assert interpreter.run(request) == {"ok": [5, "pkg.tasks"]}


def test_the_standard_library_wins_and_is_not_asked_for(interpreter: Interpreter, fake_host: FakeHost) -> None:
    fake_host.modules["json"] = interpreter.compile("dumps = None", "json")
    assert interpreter.call("import json\ndef main(): return json.dumps(1)") == {"ok": "1"}
    assert fake_host.operations == []


def test_a_syntax_error_in_an_imported_module_is_told_as_such(interpreter: Interpreter, fake_host: FakeHost) -> None:
    fake_host.modules["bad"] = {
        "type": "source_error",
        "message": "bad.py:1:5: invalid syntax",
        "class": "SyntaxError",
        "file": "bad.py",
        "line": 1,
        "column": 5,
    }
    error = interpreter.call("import bad\ndef main(): ...")["error"]
    assert (error["type"], error["file"], error["line"], error["column"]) == ("source_error", "bad.py", 1, 5)
    assert error["message"] == "bad.py:1:5: invalid syntax"


@pytest.mark.parametrize(
    ("statement", "use", "name"),
    [
        ("import no_such", "no_such.f(1)", "no_such.f was used, but no_such"),
        ("import no_such as n", "n.x.y", "no_such.x was used, but no_such"),
        ("import no_such.b.c as d", "d()", "no_such.b.c"),
        ("import no_such.b", "no_such.b.f()", "no_such.b.f was used"),
        ("from no_such import y, z", "z(1)", "no_such.z"),
        ("from no_such.b import Base", "type('X', (Base,), {}) if 0 else Base[0]", "no_such.b.Base"),
        ("from no_such import y", "isinstance(1, y)", "no_such.y"),
        ("from no_such import y", "[n for n in y]", "no_such.y"),
    ],
)
def test_a_missing_module_fails_when_it_is_used(interpreter: Interpreter, statement: str, use: str, name: str) -> None:
    source = f"'''doc'''\n{statement}\ndef main(used):\n    return {use} if used else 'fine'"
    assert interpreter.call(source, False) == {"ok": "fine"}
    error = interpreter.call(source, True)["error"]
    assert error["class"] == "ModuleNotFoundError"
    assert error["message"].startswith(name)
    assert f"(imported at main.py:2) {ABSENT}" in error["message"]


@pytest.mark.parametrize(
    "source",
    [
        "from no_such import *\ndef main(): ...",
        "from no_such import Base\nclass X(Base): ...\ndef main(): ...",
        "from no_such import decorate\n@decorate\ndef main(): ...",
    ],
)
def test_use_at_the_top_level_is_a_source_error(interpreter: Interpreter, source: str) -> None:
    error = interpreter.call(source)["error"]
    assert error["type"] == "source_error"
    assert ABSENT in error["message"]


GUARDED = {
    "try": "try:\n    import no_such\nexcept ImportError as error:\n    found = [error.name, str(error)]",
    "with": "import contextlib as c\nfound = None\nwith c.suppress(ImportError):\n    import no_such\n    found = 1",
    "after a placeholder": (
        "import no_such as first\ntry:\n    import no_such\nexcept ImportError as error:\n    found = [error.name]"
    ),
}


@pytest.mark.parametrize(("source", "found"), list(zip(GUARDED.values(), ["no_such", None, "no_such"])), ids=GUARDED)
def test_a_guarded_import_fails_at_once(interpreter: Interpreter, source: str, found: Any) -> None:
    result = interpreter.call(f"{source}\ndef main(): return found")["ok"]
    assert (result and result[0]) == found


def test_in_a_function_an_import_fails_at_once(interpreter: Interpreter) -> None:
    for before in ("", "import no_such\n"):
        error = interpreter.call(f"{before}def main():\n    import no_such\n    return 1")["error"]
        assert error["class"] == "ModuleNotFoundError"
        assert ABSENT in error["message"]


def test_whoever_asks_whether_a_module_is_there_hears_no(interpreter: Interpreter) -> None:
    source = "import importlib.util\nfound = importlib.util.find_spec('no_such')\ndef main(): return found is None"
    assert interpreter.call(source) == {"ok": True}


def test_a_missing_name_of_a_present_package_is_an_ordinary_error(
    interpreter: Interpreter, fake_host: FakeHost
) -> None:
    fake_host.modules["pkg"] = interpreter.compile("", "pkg", "pkg/__init__.py", package=True)
    error = interpreter.call("from pkg import nothing\ndef main(): ...")["error"]
    assert error["type"] == "source_error"
    assert "cannot import name 'nothing' from 'pkg'" in error["message"]


def test_source_is_there_for_inspect(interpreter: Interpreter) -> None:
    source = "import inspect\ndef f(): return 1\ndef main(): return inspect.getsource(f)"
    assert interpreter.call(source) == {"ok": "def f(): return 1\n"}
