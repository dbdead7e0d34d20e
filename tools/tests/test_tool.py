from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from builder.errors import BuildError
from builder.tool import run_tool, tail

if TYPE_CHECKING:
    from pathlib import Path


def test_output_goes_to_the_log_only(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log" / "tool.log"
    run_tool([sys.executable, "-c", "print('said')"], log=log, cwd=tmp_path)
    assert "said" in log.read_text()
    assert capfd.readouterr() == ("", "")


def test_a_failure_shows_status_end_of_output_and_log(tmp_path: Path) -> None:
    program = "import sys; print('\\n'.join(map(str, range(100)))); print('why', file=sys.stderr); sys.exit(3)"
    log = tmp_path / "tool.log"
    with pytest.raises(BuildError) as caught:
        run_tool([sys.executable, "-c", program], log=log, cwd=tmp_path)
    message = str(caught.value)
    assert "status 3" in message
    assert "    why" in message
    assert "    99" in message
    assert "\n    1\n" not in message
    assert str(log) in message


def test_a_tool_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="could not run no-such-tool"):
        run_tool(["no-such-tool"], log=tmp_path / "log", cwd=tmp_path)


def test_what_maven_always_says_is_left_out_of_the_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        "[ERROR] Main.java:[3,1] ';' expected\n[ERROR] \n[ERROR] -> [Help 1]\n[ERROR] Re-run Maven with -X\n"
    )
    assert tail(log) == "    [ERROR] Main.java:[3,1] ';' expected"
