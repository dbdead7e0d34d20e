"""Packages that were installed outside, mounted read-only: they import, and what they do over the network works."""

from __future__ import annotations

import importlib.util
import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from component_sandbox import Guest, component, guest
from fake_host import FakeHost, Interpreter
from fake_web import Answer, Refused, Request

__all__ = ["component", "guest"]

FOLDER = "/capsule/packages"


@pytest.fixture
def installed(guest: Guest) -> Guest:
    """The guest with the packages of the Python that runs this test."""
    spec = importlib.util.find_spec("requests")
    assert spec is not None
    assert spec.origin is not None
    guest.mounts = [(Path(spec.origin).parent.parent, FOLDER, False)]
    guest.packages = [FOLDER]
    guest.web.answer = answer
    return guest


def answer(request: Request) -> Answer:
    if request.url.endswith("/old"):
        return Answer(status=302, headers=[("Location", "/new"), ("Set-Cookie", "seen=1")])
    body = {"url": request.url, "method": request.method, "headers": request.headers, "size": len(request.body)}
    return Answer(json.dumps(body).encode(), headers=[("Content-Type", "application/json")])


def call(guest: Guest, source: str) -> Any:
    reply = guest.call(textwrap.dedent(source))
    assert "ok" in reply, reply
    return reply["ok"]


def test_requests(installed: Guest) -> None:
    source = """
        import requests
        def main():
            session = requests.Session()
            old = session.get("https://a.example/old", timeout=5)
            posted = session.post("http://b.example:8080/x", json={"a": 1}, auth=("u", "p"), verify=False)
            sent = requests.put("https://a.example/", data=(b"x" * 100_000 for _ in range(5)))
            streamed = requests.get("https://a.example/", stream=True)
            parts = b"".join(streamed.iter_content(7)).decode()
            return [[old.json()["url"], len(old.history)], posted.json(), sent.json(), parts]
    """
    redirected, posted, sent, streamed = call(installed, source)
    assert redirected == ["https://a.example/new", 1]
    assert posted["headers"]["authorization"].startswith("Basic ")
    assert (posted["url"], posted["size"], sent["size"]) == ("http://b.example:8080/x", 8, 500_000)
    assert json.loads(streamed)["method"] == "GET"


def test_httpx(installed: Guest) -> None:
    source = """
        import asyncio, httpx
        async def several():
            async with httpx.AsyncClient(base_url="https://a.example") as client:
                answers = await asyncio.gather(*(client.post(f"/{n}", content=b"x" * 300_000) for n in range(5)))
                async with client.stream("GET", "/s") as answer:
                    streamed = b"".join([part async for part in answer.aiter_bytes()])
            return [each.json()["url"] for each in answers], len(streamed) > 10
        def main():
            one = httpx.get("https://a.example/old", follow_redirects=True)
            return [one.json()["url"], one.http_version, *asyncio.run(several())]
    """
    urls = [f"https://a.example/{n}" for n in range(5)]
    assert call(installed, source) == ["https://a.example/new", "HTTP/1.1", urls, True]
    assert installed.max_at_once == 5


def test_a_denial_comes_through_the_libraries(installed: Guest) -> None:
    message = "GET https://a.example/ is not allowed: allowed_hosts"
    installed.web.refuse_early = Refused("policy_denied", message)
    source = """
        import httpx, requests
        def main():
            found = []
            for get in (requests.get, httpx.get):
                try:
                    get("https://a.example/")
                except (requests.ConnectionError, httpx.TransportError) as error:
                    found.append(str(error))
            return found
    """
    found = call(installed, source)
    assert len(found) == 2
    assert all(message in each for each in found), found


def test_a_denial_is_told_where_the_library_is_silent(installed: Guest) -> None:
    message = "GET https://a.example/ is not allowed: allowed_hosts"
    installed.web.refuse_early = Refused("policy_denied", message)
    source = """
        import httpx
        async def main():
            async with httpx.AsyncClient() as client:
                await client.get("https://a.example/")
    """
    error = installed.call(textwrap.dedent(source))["error"]
    assert (error["class"], error["message"]) == ("ReadError", f"caused by PermissionError: {message}")


def test_time_limits_of_the_libraries(installed: Guest) -> None:
    installed.never_ends = {"http"}
    source = """
        import asyncio, httpx, requests
        async def wait():
            async with httpx.AsyncClient(timeout=0.02) as client:
                await client.get("https://a.example/")
        def main():
            found = []
            for get in (requests.get, httpx.get, lambda *_, **__: asyncio.run(wait())):
                try:
                    get("https://a.example/", timeout=0.02)
                except (requests.Timeout, httpx.TimeoutException):
                    found.append("late")
            return found
    """
    assert call(installed, source) == ["late"] * 3


def test_what_is_known_of_packages(installed: Guest) -> None:
    source = """
        import importlib.metadata, importlib.resources
        import certifi, sys
        def main():
            bundle = importlib.resources.files("certifi").joinpath("cacert.pem")
            return [importlib.metadata.version("requests"), bundle.is_file(), certifi.where().startswith("/"), sys.path]
    """
    assert call(installed, source) == ["2.34.2", True, True, [FOLDER]]


def test_importing_writes_nothing(guest: Guest, folder: Path) -> None:
    guest.mounts = [(folder, "/code", True)]
    source = """
        import sys
        def main():
            sys.path.append("/code")
            import third.inner
            return third.__name__
    """
    before = sorted(folder.rglob("*"))
    assert call(guest, source) == "third"
    assert sorted(folder.rglob("*")) == before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of small packages."""
    for name, source in {
        "third": "import helper\nfrom third import inner\ndef fail(): return inner.fail()",
        "third/inner": "def fail(): return 1 / 0",
        "helper": "where = 'package'",
        "needs": "import no_such",
        "optional": "try:\n    import no_such\n    found = True\nexcept ImportError:\n    found = False",
    }.items():
        path = tmp_path / (f"{name}/__init__.py" if name == "third" else f"{name}.py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    return tmp_path


def run(interpreter: Interpreter, folder: Path, source: str) -> Any:
    request = {"op": "call", "modules": [interpreter.compile(source)], "task": "main", "args": [], "kwargs": {}}
    return interpreter.run({**request, "packages": [str(folder)]})


def test_the_programs_modules_come_first(interpreter: Interpreter, fake_host: FakeHost, folder: Path) -> None:
    fake_host.modules["helper"] = interpreter.compile("where = 'program'", "helper")
    source = "import third, third.inner, helper\ndef main(): return [third.helper.where, helper.where]"
    assert run(interpreter, folder, source) == {"ok": ["program", "program"]}
    assert [operation["name"] for operation in fake_host.operations] == ["third", "helper"]


def test_packages_are_gone_with_the_program(interpreter: Interpreter, folder: Path) -> None:
    source = "import helper\ndef main(): return helper.where"
    assert run(interpreter, folder, source) == {"ok": "package"}
    assert "helper (imported at main.py:1)" in interpreter.call(source)["error"]["message"]


def test_tracebacks_show_the_users_frames_only(interpreter: Interpreter, folder: Path) -> None:
    trace = run(interpreter, folder, "import third\ndef main(): third.fail()")["error"]["traceback"]
    assert 'File "main.py", line 2, in main' in trace
    assert "inner" not in trace


def test_what_a_package_misses_fails_at_once(interpreter: Interpreter, folder: Path) -> None:
    error = run(interpreter, folder, "import needs\ndef main(): ...")["error"]
    assert error["type"] == "source_error"
    assert "needs.py:1) is not available inside the sandbox" in error["message"]
    assert run(interpreter, folder, "import optional\ndef main(): return optional.found") == {"ok": False}


@pytest.mark.parametrize(("module", "package"), [("numpy", "numpy"), ("yaml", "pyyaml")])
def test_a_missing_package_says_how_to_add_it(interpreter: Interpreter, module: str, package: str) -> None:
    error = interpreter.call(f"def main():\n    import {module}")["error"]
    assert f'dependencies = ["{package}"] in capsule.toml' in error["message"]
