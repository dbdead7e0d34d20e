"""Packages that programs ask for: from wheels, kept, importable inside; never run here."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import eventually, is_running

if TYPE_CHECKING:
    from collections.abc import Iterator

LAUNCHER = Path(__file__).parent.parent.parent / "capsule"
MARKER = "ran-outside"


def link_or_copy(source: Path, target: Path) -> None:
    """Share a large file with a test; give it a copy where its folder is on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


class Installation:
    """A project, an index of its own that is a folder of wheels, and a cache."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.index = folder / "index"
        self.home = folder / "cache"
        self.packages = self.home / "capsule" / "packages"
        self.marker = folder / MARKER
        for each in (self.project, self.index, self.home):
            each.mkdir()
        # what the guest's compiled form costs is paid once for all tests, not for each cache
        shared = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "capsule"
        (self.home / "capsule").mkdir(mode=0o700)
        for compiled in shared.glob("*.cwasm*"):
            link_or_copy(compiled, self.home / "capsule" / compiled.name)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PIP_")},
            "XDG_CACHE_HOME": str(self.home),
            "CAPSULE_INSTALLER": "pip",
            "CAPSULE_PYTHON": sys.executable,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.index),
            "PIP_CONFIG_FILE": os.devnull,
        }

    def wheel(
        self, name: str, files: dict[str, str], *, needs: str = "", tag: str = "py3-none-any"
    ) -> None:
        """Put a package into the index."""
        info = f"{name}-1.0.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        files = {
            **files,
            f"{info}/METADATA": metadata + (f"Requires-Dist: {needs}\n" if needs else ""),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nTag: {tag}\n",
        }
        record = "".join(
            f"{path},sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()},{len(text)}\n"
            for path, text in files.items()
            for digest in [hashlib.sha256(text.encode()).digest()]
        )
        with zipfile.ZipFile(self.index / f"{name}-1.0-{tag}.whl", "w") as archive:
            for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
                archive.writestr(path, text)

    def write(self, dependencies: str, body: str) -> None:
        """The project: what it asks for, and the body of its only task."""
        (self.project / "capsule.toml").write_text(f"dependencies = {dependencies}\n", "utf-8")
        self.program(body)

    def program(self, body: str) -> None:
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        source = f"from capsule import task\n\n@task\ndef main(*args):\n{lines}"
        (self.project / "main.py").write_text(source, "utf-8")

    def start(self, *args: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(LAUNCHER), "run", "main.py", *args],
            cwd=self.project,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *args: str, **environment: str) -> tuple[int, str, str]:
        running = self.start(*args, **environment)
        out, err = running.communicate(timeout=250)
        return running.returncode, out, err

    def value(self, *args: str, **environment: str) -> Any:
        code, out, err = self.run(*args, "--json", **environment)
        assert code == 0, err
        return json.loads(out)["result"]

    def refusal(self, **environment: str) -> str:
        """What the user is told; nothing may be left of what was begun."""
        code, out, err = self.run(**environment)
        assert (code, out) == (1, ""), err
        self.assert_nothing_begun()
        assert not self.marker.exists()
        return err

    def assert_nothing_begun(self) -> None:
        assert not list(self.packages.glob("new-*"))
        assert not list((self.packages / "sets").iterdir())

    def install_with(self, then: str) -> None:
        """Let an installer be used that goes on, in the folder of the packages, as a shell says."""
        installer = self.project.parent / "python"
        installer.write_text(
            f"#!/bin/sh\n'{sys.executable}' \"$@\" || exit\n"
            'until [ "$1" = --target ]; do shift; done\n'
            f'cd "$2" 2>/dev/null || exit 0 # it only chose versions\n{then}\n',
            "utf-8",
        )
        installer.chmod(0o700)
        self.environment["CAPSULE_PYTHON"] = str(installer)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_installed_once_and_kept(installation: Installation) -> None:
    installation.wheel(
        "alpha", {"alpha.py": "from beta import b\ndef f(): return b + 1"}, needs="beta"
    )
    installation.wheel("beta", {"beta/__init__.py": "b = 1", "beta/more.py": ""})
    installation.write('["alpha"]', "import alpha, beta.more\nreturn [alpha.f(), alpha.__file__]")
    code, out, err = installation.run()
    assert code == 0, err
    assert json.loads(out) == [2, "/capsule/packages/alpha.py"]
    assert "choosing versions of alpha (pip)" in err
    assert "installing 2 packages (pip, once)" in err
    # no installer, no index: nothing is resolved or fetched again
    gone = {"CAPSULE_PYTHON": "/nowhere", "PIP_FIND_LINKS": "/nowhere"}
    code, out, err = installation.run("--stats", **gone)
    assert (code, json.loads(out)[0]) == (0, 2), err
    assert "installing" not in err
    assert "choosing" not in err


def test_a_harmed_set_is_made_again(installation: Installation) -> None:
    installation.wheel("alpha", {"alpha.py": "value = 1"})
    installation.write('["alpha"]', "import alpha\nreturn alpha.value")
    assert installation.value() == 1
    (module,) = (installation.packages / "sets").glob("*/alpha.py")
    module.write_text("value = 666", "utf-8")
    for compiled in module.parent.glob("__pycache__/*.pyc"):
        compiled.unlink()
    assert installation.value() == 1


def test_a_set_that_others_can_write_to_is_made_again(installation: Installation) -> None:
    installation.wheel("alpha", {"alpha.py": "value = 1"})
    installation.write('["alpha"]', "import alpha\nreturn alpha.value")
    assert installation.value() == 1
    (module,) = (installation.packages / "sets").glob("*/alpha.py")
    module.parent.chmod(0o777)
    assert installation.value() == 1
    (again,) = (installation.packages / "sets").glob("*/alpha.py")
    assert stat.S_IMODE(again.parent.stat().st_mode) == 0o700


def test_tasks_cannot_change_them(installation: Installation) -> None:
    installation.wheel("alpha", {"alpha.py": "value = 1"})
    body = (
        "import alpha\ntry:\n    open(alpha.__file__, 'w')\nexcept OSError:\n    return 'refused'"
    )
    installation.write('["alpha"]', body)
    assert installation.value() == "refused"
    (module,) = (installation.packages / "sets").glob("*/alpha.py")
    assert module.read_text("utf-8") == "value = 1"


def test_the_program_wins_over_its_project(installation: Installation) -> None:
    installation.wheel("alpha", {"alpha.py": "value = 1"})
    installation.wheel("beta", {"beta.py": "value = 2"})
    installation.write(
        '["alpha>99", "beta"]', "import alpha, beta\nreturn alpha.value + beta.value"
    )
    main = installation.project / "main.py"
    block = '# /// script\n# requires-python = ">=3.11"\n# dependencies = ["Alpha"]\n# ///\n'
    main.write_text(block + main.read_text("utf-8"), "utf-8")
    assert installation.value() == 3


def test_no_code_of_packages_runs_outside(installation: Installation) -> None:
    touch = f"open({str(installation.marker)!r}, 'w')"
    installation.wheel(
        "alpha",
        {
            "alpha.py": f"try:\n    {touch}\nexcept OSError:\n    seen = 'no such file'",
            "alpha.pth": f"import builtins; builtins.{touch}\n",
            "sitecustomize.py": touch,
            "pip/__init__.py": touch,
            "more/_native.cpython-314-x86_64-linux-gnu.so": "not even machine code",
            "alpha-1.0.data/scripts/python3": f"#!python\n{touch}",
        },
        tag="cp314-cp314-manylinux_2_17_x86_64",
    )
    installation.write('["alpha"]', "import alpha\nreturn alpha.seen")
    assert installation.value() == "no such file"
    assert installation.value() == "no such file"
    assert not installation.marker.exists()


@pytest.mark.parametrize("needs", ["", "evil @ file://{index}/evil-1.0.tar.gz"])
def test_sources_are_never_built(installation: Installation, needs: str) -> None:
    with tarfile.open(installation.index / "evil-1.0.tar.gz", "w:gz") as archive:
        for name, text in {
            "evil-1.0/setup.py": f"open({str(installation.marker)!r}, 'w')",
            "evil-1.0/PKG-INFO": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    if needs:
        installation.wheel("alpha", {"alpha.py": ""}, needs=needs.format(index=installation.index))
    installation.write('["alpha"]' if needs else '["evil"]', "import evil")
    err = installation.refusal()
    assert (
        "cannot be installed" if needs else "capsule.toml:1:17: there is no wheel of evil"
    ) in err
    assert "Traceback" not in err


def test_native_packages_are_refused(installation: Installation) -> None:
    native = {
        "fast/__init__.py": "from fast import _core",
        "fast/_core.cpython-314-x86_64-linux-gnu.so": "x",
    }
    installation.wheel("fast", native, tag="cp314-cp314-manylinux_2_17_x86_64")
    installation.wheel("app", {"app.py": "import fast"}, needs="fast")
    installation.write('["app"]', "import app")
    err = installation.refusal()
    assert "capsule.toml:1:17: fast 1.0 (needed by app) is native code" in err
    assert "use it in a host tool (@tool)" in err
    assert '    dependencies = ["app"]\n' in err


def test_native_parts_that_are_only_faster_are_left_out(installation: Installation) -> None:
    source = "try:\n    from fast import _core\nexcept ImportError as e:\n    why = str(e)"
    native = {"fast/__init__.py": source, "fast/_core.cpython-314-x86_64-linux-gnu.so": "x"}
    installation.wheel("fast", native, tag="cp314-cp314-manylinux_2_17_x86_64")
    installation.write('["fast"]', "import fast\nreturn fast.why")
    assert "fast._core of fast 1.0 is native code" in installation.value()


def test_links_of_an_installer_are_not_followed(installation: Installation, tmp_path: Path) -> None:
    """The stand-in of a native part would be written to where the link leads."""
    native = {"fast/__init__.py": "", "fast/_core.cpython-314-x86_64-linux-gnu.so": "x"}
    installation.wheel("fast", native, tag="cp314-cp314-manylinux_2_17_x86_64")
    outside = tmp_path / "outside.py"
    installation.install_with(f"ln -s '{outside}' fast/_core.py")
    installation.write('["fast"]', "import fast")
    err = installation.refusal()
    assert "a package holds what is neither a file nor a folder: fast/_core.py" in err
    assert not outside.exists()


@pytest.mark.parametrize(
    ("size", "source"),
    [(500_000_001, ""), (499_994_000, f"value = '{'x' * 4_000}'")],
    ids=["as they are", "with what is compiled of them"],
)
def test_packages_are_bounded(installation: Installation, size: int, source: str) -> None:
    installation.wheel("alpha", {"alpha.py": source})
    installation.install_with(f"'{sys.executable}' -c 'open(\"data\", \"w\").truncate({size})'")
    installation.write('["alpha"]', "import alpha")
    err = installation.refusal()
    assert "the packages are too large: at most 500 MB in 50000 files" in err
    assert ("compiling" in err) == bool(source)


def test_offline(installation: Installation) -> None:
    installation.write('["alpha"]', "import alpha")
    closed = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1"}
    err = installation.refusal(**closed)
    assert "capsule.toml: the package index cannot be reached; packages are fetched once" in err
    assert "Traceback" not in err


def test_no_installer(installation: Installation) -> None:
    installation.write('["alpha"]', "import alpha")
    err = installation.refusal(CAPSULE_PYTHON="/nowhere/python")
    assert "CAPSULE_PYTHON=/nowhere/python is not there: install uv or Python" in err


def test_what_is_no_requirement(installation: Installation) -> None:
    installation.write('["alpha", "-r other.txt"]', "import alpha")
    code, out, err = installation.run()
    assert (code, out) == (2, "")
    assert 'capsule.toml:1:26: dependencies[1] "-r other.txt": is an option of pip' in err
    assert err.endswith("                             ^\n")


def test_two_processes_at_once(installation: Installation) -> None:
    installation.wheel("alpha", {"alpha.py": "value = 1"})
    installation.write('["alpha"]', "import alpha\nreturn alpha.value")
    both = [installation.start() for _ in range(2)]
    ended = [(each.communicate(timeout=250), each.returncode) for each in both]
    assert [(out, code) for (out, _), code in ended] == [("1\n", 0)] * 2, ended
    assert sum("installing" in err for (_, err), _ in ended) == 1
    assert len(list((installation.packages / "sets").glob("*.sum"))) == 1
    assert not list(installation.packages.glob("new-*"))


@pytest.fixture
def silent_index() -> Iterator[tuple[str, threading.Event]]:
    """An index that takes requests and never answers."""
    asked, over = threading.Event(), threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            over.wait()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple", asked
        over.set()
        server.shutdown()
        thread.join()


def test_ctrl_c_while_packages_are_installed(
    installation: Installation, silent_index: tuple[str, threading.Event]
) -> None:
    url, asked = silent_index
    installation.write('["alpha"]', "import alpha")
    running = installation.start(PIP_NO_INDEX="0", PIP_INDEX_URL=url)
    assert asked.wait(120)
    pids = descendants(running.pid)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    eventually(lambda: not any(is_running(pid) for pid in pids), "pip and the sidecar have ended")
    installation.assert_nothing_begun()
    # and the next one is not hindered
    installation.wheel("alpha", {"alpha.py": "value = 1"})
    installation.write('["alpha"]', "import alpha\nreturn alpha.value")
    assert installation.value() == 1


def descendants(pid: int) -> list[int]:
    """All processes that it has started, directly or not."""
    shown = subprocess.run(
        ["ps", "-eo", "pid=,ppid="],  # noqa: S607 - where the system has it
        capture_output=True,
        text=True,
        check=True,
    )
    parents = [tuple(map(int, line.split())) for line in shown.stdout.splitlines()]
    found = [pid]
    for each in found:
        found.extend(child for child, parent in parents if parent == each)
    return found[1:]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A project with the index that this machine's pip is set up for."""
    folder = tmp_path_factory.mktemp("published")
    probe = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--retries=1",
        "idna",
        "-d",
        str(folder),
    ]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"no package index can be reached: {done.stderr.strip()[-200:]}")
    installation = Installation(folder)
    outside = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"):
        del installation.environment[name]
    installation.environment.update(outside)
    installation.write('["requests", "httpx", "pyyaml", "jinja2", "pydantic<2"]', "return None")
    return installation


PROGRAMS = {
    "requests": (
        (
            "import requests\n"
            "answer = requests.get(args[0] + '/x', params={'q': 'a b'}, timeout=30)\n"
            "return [answer.status_code, answer.json()]"
        ),
        [200, {"path": "/x?q=a+b"}],
    ),
    "httpx": (
        (
            "import httpx\nanswer = httpx.get(args[0] + '/y', timeout=30)\n"
            "return [answer.status_code, answer.json()]"
        ),
        [200, {"path": "/y"}],
    ),
    "pyyaml": (
        (
            "import yaml\nloaded = yaml.safe_load('a: [1, {b: null}]\\nd: 2026-11-21')\n"
            "return [loaded['a'], loaded['d'].year, yaml.dump({'x': [1, 'two']})]"
        ),
        [[1, {"b": None}], 2026, "x:\n- 1\n- two\n"],
    ),
    "jinja2": (
        (
            "import jinja2\npage = '{% for n in names %}<b>{{ n }}</b>{% endfor %}'\n"
            "template = jinja2.Environment(autoescape=True).from_string(page)\n"
            "return template.render(names=['a', '<b>'])"
        ),
        "<b>a</b><b>&lt;b&gt;</b>",
    ),
    "pydantic": (
        (
            "from pydantic import BaseModel, ValidationError\nclass Item(BaseModel):\n"
            "    name: str\n    price: float = 0\ntry:\n    Item(name='x', price='y')\n"
            "except ValidationError as error:\n"
            "    places = [each['loc'] for each in error.errors()]\n"
            'return [Item.parse_raw(\'{"name": "a", "price": "2.5"}\').dict(), places]'
        ),
        [{"name": "a", "price": 2.5}, [["price"]]],
    ),
}


@pytest.fixture
def web() -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"path": self.path}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", PROGRAMS)
def test_packages_that_many_use(published: Installation, web: str, name: str) -> None:
    body, expected = PROGRAMS[name]
    published.program(body)
    host = web.removeprefix("http://")
    assert published.value(web, "--allow-host", host) == expected
