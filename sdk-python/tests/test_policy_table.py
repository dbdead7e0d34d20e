"""The same program is held to the same limits on every path, the first time and the tenth."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from capsule import Ceiling, OutOfFuel, run_sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

TESTS = Path(__file__).parent
LAUNCHER = TESTS.parent.parent / "capsule"
TIMES = 10
CONFIGURATION = """\
[tasks]
default_ram = "90MB"
default_timeout = "2m"
default_max_retries = 1

[tasks.spin]
compute = "HIGH"
retry_on = []

[ceiling]
ram = "100MB"
allowed_files = ["data:ro"]
"""
LIMITS = {"fuel": 50_000_000_000, "ram": 100_000_000, "timeout_ms": 20_000, "lowered": ["ram"]}
SEEN = ["PermissionError", "file"]
SPUN = "out_of_fuel: "


@pytest.fixture
def program(tmp_path: Path) -> Iterator[ModuleType]:
    (tmp_path / "capsule.toml").write_text(CONFIGURATION, "utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").touch()
    file = tmp_path / "policy_table.py"
    shutil.copy(TESTS / "programs" / "policy_table.py", file)
    spec = importlib.util.spec_from_file_location("policy_table", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["policy_table"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["policy_table"]


def held(envelope: Any) -> tuple[Any, Any]:
    assert envelope["error"] is None, envelope
    return envelope["execution"]["limits"], envelope["result"]


def cli(folder: Path, task: str, *args: str) -> Any:
    done = subprocess.run(
        [str(LAUNCHER), "run", "policy_table.py", "--task", task, "--json", *args],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return json.loads(done.stdout)


def test_configuration_decorator_and_ceiling(program: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "policy_table.py"
    runs = [held(program.probe.envelope()) for _ in range(TIMES)]
    runs += [held(run_sync(file=file, task="probe")) for _ in range(TIMES)]
    runs += [held(cli(tmp_path, "probe")) for _ in range(2)]
    assert runs == [(LIMITS, SEEN)] * (2 * TIMES + 2)
    assert [program.probe.call() for _ in range(TIMES)] == [SEEN] * TIMES
    assert program.probe.map(range(TIMES)) == [SEEN] * TIMES

    inner = [*program.nested.call(TIMES), *program.mapped.call(TIMES)]
    for envelope in (
        run_sync(file=file, task="nested", args=[2]),
        cli(tmp_path, "mapped", "--args-json", "[2]"),
    ):
        assert envelope["error"] is None, envelope
        inner += envelope["result"]
    with pytest.raises(OutOfFuel) as direct:
        program.spin.call()
    spun = SPUN + direct.value.message
    assert "300,000,000" in spun
    assert inner == [[*SEEN, spun]] * (2 * TIMES + 4)


def test_the_callers_options_and_ceiling(program: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "policy_table.py"
    ceiling = Ceiling(compute=200_000_000, timeout="15s")
    using = program.probe.using(timeout="40s", ram="95MB", ceiling=ceiling)
    expected: dict[str, Any] = {"fuel": 200_000_000, "ram": 95_000_000, "timeout_ms": 15_000}
    expected["lowered"] = ["compute", "timeout"]
    flags = [
        "--timeout",
        "40s",
        "--ram",
        "95MB",
        "--max-compute",
        "200000000",
        "--max-timeout",
        "15s",
    ]
    options: dict[str, Any] = {"timeout": "40s", "ram": "95MB"}
    runs = [held(using.envelope()) for _ in range(TIMES)]
    runs += [
        held(run_sync(file=file, task="probe", ceiling=ceiling, **options)) for _ in range(TIMES)
    ]
    runs += [held(cli(tmp_path, "probe", *flags)) for _ in range(2)]
    assert runs == [(expected, SEEN)] * (2 * TIMES + 2)
    # the ceiling holds for what is called, too; the options do not
    nested = [
        *program.nested.using(ceiling=ceiling).call(2),
        *program.mapped.using(ceiling=ceiling).call(2),
        *run_sync(file=file, task="nested", args=[2], ceiling=ceiling)["result"],
        *cli(tmp_path, "mapped", "--args-json", "[2]", "--max-compute", "200000000")["result"],
    ]
    assert [each[:2] for each in nested] == [SEEN] * 8
    assert all("200,000,000" in each[2] for each in nested)
