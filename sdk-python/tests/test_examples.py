"""The examples, run as their readers run them; their sums are checked against sums done here."""

from __future__ import annotations

import csv
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsule import run_sync

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT.parent / "examples" / "python"


def run_as_script(file: Path, *args: str) -> str:
    done = subprocess.run(
        [sys.executable, str(file), *args],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def result_of(file: Path, *args: Any) -> Any:
    envelope = run_sync(file=file, args=args)
    assert envelope["error"] is None
    return envelope["result"]


def test_hello(capsys: pytest.CaptureFixture[str]) -> None:
    assert result_of(EXAMPLES / "hello.py") == "Hello, world!"
    assert result_of(EXAMPLES / "hello.py", "Ada") == "Hello, Ada!"
    assert capsys.readouterr().out.count("inside the sandbox: CPython") == 2
    assert run_as_script(EXAMPLES / "hello.py").splitlines()[-1] == "Hello, world!"


def test_research_agent() -> None:
    about_currents = (
        "Ocean currents carry heat from the equator towards the poles. "
        "The Gulf Stream is one of the strongest ocean currents."
    )
    file = EXAMPLES / "research_agent.py"
    assert result_of(file) == about_currents
    assert run_as_script(file).strip() == about_currents
    assert run_as_script(file, "sourdough").strip().startswith("Sourdough needs flour")


def test_limits() -> None:
    names = [line.split()[0] for line in run_as_script(EXAMPLES / "limits.py").splitlines()]
    assert names == ["OutOfFuel", "TaskTimeout", "OutOfMemory", "StackOverflow", "TaskError"]


def test_sales(tmp_path: Path) -> None:
    folder = tmp_path / "sales"
    shutil.copytree(EXAMPLES / "sales", folder, ignore=shutil.ignore_patterns("data", "out"))
    generate = runpy.run_path(str(folder / "generate.py"))["generate"]
    generate(folder / "data" / "orders.csv")
    (folder / "out").mkdir()

    orders: Counter[str] = Counter()
    cents: Counter[str] = Counter()
    with (folder / "data" / "orders.csv").open(newline="", encoding="utf-8") as stream:
        for order in csv.DictReader(stream):
            whole, _, part = order["amount"].partition(".")
            orders[order["region"]] += 1
            cents[order["region"]] += int(whole) * 100 + int(part)
    assert orders.total() == 200_000

    result = result_of(folder / "main.py")
    assert result["orders"] == 200_000
    assert result["amount"] == decimal_text(cents.total())
    assert result["regions"] == [
        {"region": region, "orders": orders[region], "amount": decimal_text(cents[region])}
        for region in sorted(orders)
    ]
    report = (folder / "out" / "report.md").read_text(encoding="utf-8").splitlines()
    assert len(report) == 2 + len(orders) + 1
    whole, _, part = decimal_text(cents.total()).partition(".")
    assert report[-1] == f"| **all** | 200,000 | {int(whole):,}.{part} |"


def decimal_text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def test_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    file = EXAMPLES / "tools" / "main.py"
    monkeypatch.delenv("SEARCH_API_KEY", raising=False)
    assert run_as_script(file).splitlines() == [
        "The search failed. PermissionError: set SEARCH_API_KEY to use the search engine"
    ]
    monkeypatch.setenv("SEARCH_API_KEY", "secret")
    assert run_as_script(file, "heat", "stream").splitlines() == [
        "The sandbox saw the key: False",
        "In short: Ocean currents carry heat from the equator towards the poles.",
        "In short: The Gulf Stream is one of the strongest ocean currents.",
    ]


def test_files(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    shutil.copytree(EXAMPLES / "files", folder)
    index = (folder / "index.json").read_text(encoding="utf-8")
    (folder / "index.json").write_text("{}", encoding="utf-8")
    assert result_of(folder / "main.py") == {"words": 16, "in both": ["salt", "water"]}
    assert (folder / "index.json").read_text(encoding="utf-8") == index
    assert sorted(file.name for file in folder.iterdir()) == ["index.json", "main.py", "notes"]
    assert run_as_script(folder / "main.py").splitlines() == [
        "16 words; in both notes: salt, water",
        "notes/bread.txt: PermissionError",
        "index.json: FileNotFoundError",
        "/etc/passwd: FileNotFoundError",
        "notes/../main.py: PermissionError",
        "Task wrote more than its max_disk of 1MB to files; give it more with max_disk=",
    ]


def test_http() -> None:
    products, advert, *requests = run_as_script(EXAMPLES / "http" / "main.py").splitlines()
    assert products == "Products: lamp, chair, table"
    assert re.fullmatch(
        r"Advert: refused: http://(\S+) is not granted to the task, "
        r'which has allowed_hosts=\["127.0.0.1:\d+"\]; to grant it, add "\1"',
        advert,
    )
    assert [re.sub(r":\d+", ":PORT", line.strip()) for line in requests] == [
        "GET http://127.0.0.1:PORT/advert -> 302",
        "GET http://127.0.0.1:PORT/passwords -> not sent",
    ]


def test_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "env"
    shutil.copytree(EXAMPLES / "env", folder)
    for name in ("WEATHER_KEY", "WEATHER_UNITS", "WEATHER_PROXY"):
        monkeypatch.delenv(name, raising=False)
    nothing = {"has_key": False, "units": "metric", "proxy": None, "sees": []}
    assert result_of(folder / "main.py") == nothing

    (folder / ".env.example").rename(folder / ".env")
    of_file = {**nothing, "has_key": True, "units": "imperial"}
    of_file["sees"] = ["WEATHER_KEY", "WEATHER_UNITS"]
    assert result_of(folder / "main.py") == of_file

    monkeypatch.setenv("WEATHER_UNITS", "kelvin")
    monkeypatch.setenv("WEATHER_OTHER", "not granted")
    assert result_of(folder / "main.py") == {**of_file, "units": "kelvin"}
    assert run_as_script(folder / "main.py").strip() == str({**of_file, "units": "kelvin"})
