"""`capsule repl` at a pseudo-terminal, at one that can do nothing, and in a pipe."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from conftest import DEADLINE, LAUNCHER, descendants, eventually, is_running

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMPT = "py> "
COST = r"ms · fuel [0-9.e]+ of [0-9.e]+ · memory \d+ MB of 256 MB"
CONTROL = re.compile(r"\x1b\[[0-9;?]*\$?[A-Za-z]|\x1b[=>]|[\r\x08]")


class Terminal:
    """A shell in a pseudo-terminal, and somebody who types."""

    def __init__(self, folder: Path, *arguments: str, term: str = "xterm-256color") -> None:
        environment = {**os.environ, "TERM": term}
        environment.pop("NO_COLOR", None)
        self.child: Any = pexpect.spawn(
            str(LAUNCHER),
            ["repl", *arguments],
            cwd=str(folder),
            env=environment,
            encoding="utf-8",
            dimensions=(40, 120),
            timeout=DEADLINE,
        )
        self.child.delaybeforesend = None

    def wait(self, pattern: str) -> str:
        """Wait until something is shown; returns what was shown before."""
        self.child.expect(pattern)
        return str(self.child.before)

    def type(self, keys: str) -> None:
        self.child.send(keys)

    def cell(self, source: str) -> str:
        """Type a cell and return what it showed, without what an editor does on the way."""
        self.wait(re.escape(PROMPT))
        self.type(source + "\r")
        before = self.wait(COST)
        shown = before.rpartition("\x1b[?2004l")[2]
        return CONTROL.sub("", shown).rpartition("\n")[0].strip()

    def end(self) -> int:
        self.child.expect(pexpect.EOF)
        self.child.close()
        assert self.child.exitstatus is not None, f"killed by {self.child.signalstatus}"
        return int(self.child.exitstatus)

    def close(self) -> None:
        if self.child.isalive():
            for pid in descendants(self.child.pid):
                os.kill(pid, signal.SIGKILL)
        self.child.close(force=True)


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Any]:
    opened: list[Terminal] = []

    def start(*arguments: str, term: str = "xterm-256color") -> Terminal:
        opened.append(Terminal(tmp_path, *arguments, term=term))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def piped(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LAUNCHER, "repl", *arguments],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def test_shows_values_and_keeps_names(open_terminal: Any) -> None:
    terminal = open_terminal()
    assert terminal.cell("x = 20") == ""
    assert terminal.cell("x + 22") == "42"
    assert terminal.cell("_ * 2") == "84"
    assert terminal.cell("print('out'); 'value'") == "out\n'value'"
    terminal.wait(PROMPT)
    terminal.type("\x04")
    assert terminal.end() == 0


def test_what_is_typed_before_the_prompt_is_a_cell(open_terminal: Any) -> None:
    terminal = open_terminal()
    terminal.type("20 + 22\r")
    assert "42" in terminal.wait(COST)
    assert terminal.cell("_") == "42"


def test_an_error_has_its_line_and_keeps_the_state(open_terminal: Any) -> None:
    terminal = open_terminal()
    terminal.cell("x = 1")
    shown = terminal.cell("x / 0")
    assert 'File "<cell 2>", line 1' in shown
    assert "ZeroDivisionError: division by zero" in shown
    assert terminal.cell("x") == "1"


def test_a_block_is_indented_and_ends_with_an_empty_line(open_terminal: Any) -> None:
    terminal = open_terminal()
    terminal.wait(PROMPT)
    terminal.type("def f(n):\r")
    terminal.wait(r"\.\.\.     ")  # the indentation was put there
    terminal.type("if n:\rreturn n\r")
    terminal.type("\r")
    terminal.wait(COST)
    assert terminal.cell("f(7)") == "7"
    assert terminal.cell("(1 +\r2)") == "3"


def test_what_is_pasted_is_one_cell(open_terminal: Any) -> None:
    terminal = open_terminal()
    pasted = "a = 1\nfor i in range(2):\n    print('row', i)\n\nprint('end', a)"
    terminal.wait(PROMPT)
    terminal.type(f"\x1b[200~{pasted}\x1b[201~")
    terminal.wait("'end'")
    terminal.type("\r")
    shown = CONTROL.sub("", terminal.wait(COST))
    assert "row 0\nrow 1\nend 1\n" in shown


def test_source_has_colours_and_guests_have_none(open_terminal: Any) -> None:
    terminal = open_terminal()
    terminal.wait(PROMPT)
    terminal.type("import os # why\r")
    shown = terminal.wait(COST)
    assert "\x1b[35mimport" in shown
    terminal.wait(PROMPT)
    terminal.type(r"print('\x1b]0;owned\x07\x1b[2J\x1b[1;1Hroot# ')" + "\r")
    shown = terminal.wait(COST).rpartition("\x1b[?2004l")[2]
    assert r"\x1b]0;owned\x07\x1b[2J\x1b[1;1Hroot# " in shown
    assert "\x1b]0" not in shown
    assert "\x1b[2J" not in shown
    assert terminal.cell(r"'\x1b[31m'") == r"'\x1b[31m'"


def test_completes_names_files_and_commands(tmp_path: Path, open_terminal: Any) -> None:
    (tmp_path / "program_file.py").write_text("answer = 42\n", encoding="utf-8")
    terminal = open_terminal()
    terminal.cell("import math; wonderful = [1]")
    terminal.wait(PROMPT)
    terminal.type("wonderf\t")
    terminal.wait("ul")
    terminal.type(".appe\t")
    terminal.wait("nd")
    terminal.type("(2)\r")
    terminal.wait(COST)
    assert terminal.cell("wonderful") == "[1, 2]"
    terminal.wait(PROMPT)
    terminal.type(":ru\t")
    terminal.wait(r"n(\x1b\[[0-9;]*m)* ")
    terminal.type("prog\t")
    terminal.wait(r"program_file\.py")
    terminal.type("\r")
    terminal.wait(COST)
    assert terminal.cell("answer") == "42"


def test_ctrl_c_interrupts_a_cell_and_keeps_the_state(open_terminal: Any) -> None:
    terminal = open_terminal()
    terminal.cell("kept = 5")
    terminal.wait(PROMPT)
    terminal.type("print('begun', flush=True)\x1b\rwhile True: pass\r")
    terminal.wait(r"begun\r\n")
    terminal.type("\x03")
    assert "KeyboardInterrupt" in terminal.wait(COST)
    terminal.wait(PROMPT)
    terminal.type(":trace\r")
    terminal.wait("attempt 1")  # a command is not interrupted by what came before it
    assert terminal.cell("kept") == "5"


def test_ctrl_c_drops_the_line_and_ctrl_d_leaves(open_terminal: Any) -> None:
    terminal = open_terminal()
    terminal.wait(PROMPT)
    terminal.type("1 +\x03")
    terminal.wait(r"\^C")
    assert terminal.cell("2") == "2"
    children = descendants(terminal.child.pid)
    assert children
    terminal.wait(PROMPT)
    terminal.type("\x04")
    assert terminal.end() == 0
    eventually(lambda: not any(map(is_running, children)), f"the end of {children}")


def test_history_is_the_projects_and_can_be_searched(open_terminal: Any) -> None:
    first = open_terminal()
    first.cell("needle = 'found it'")
    first.wait(PROMPT)
    first.type("if needle:\x1b\rlines = 2\r\r")
    first.wait(COST)
    first.cell("other = 1")
    first.wait(PROMPT)
    first.type("\x04")
    assert first.end() == 0

    second = open_terminal()
    second.wait(PROMPT)
    second.type("\x12needle =")
    second.wait("found it")
    second.type("\r")
    second.wait(COST)
    assert second.cell("needle") == "'found it'"
    second.wait(PROMPT)
    second.type("\x12if need")
    second.wait("lines")
    second.type("\r\r")  # an empty line ends a block
    second.wait(COST)
    assert second.cell("lines") == "2"
    files = list(Path(os.environ["XDG_STATE_HOME"]).glob("capsule/repl/*.history"))
    assert files
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_a_sidecar_that_dies_is_told_and_replaced(open_terminal: Any) -> None:
    terminal = open_terminal()
    terminal.cell("x = 1")
    for pid in descendants(terminal.child.pid):
        os.kill(pid, signal.SIGKILL)
    terminal.wait(PROMPT)
    terminal.type("'un' + 'noticed'\r")
    terminal.wait("unnoticed|begins with nothing")  # the death, if it was quicker than the cell
    assert "NameError" in terminal.cell("x")


def test_commands(tmp_path: Path, open_terminal: Any) -> None:
    (tmp_path / "tasks.py").write_text(
        "from capsule import task\n@task\ndef double(n: int) -> int:\n    return 2 * n\n", encoding="utf-8"
    )
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "in.txt").write_text("from outside", encoding="utf-8")
    terminal = open_terminal("tasks.py")

    def command(text: str, answer: str) -> None:
        terminal.wait(PROMPT)
        terminal.type(text + "\r")
        terminal.wait(answer)

    assert terminal.cell("double.__name__") == "'double'"
    command(":help", "runs a file as a cell")
    command(":tasks", r"double\(n: int\) -> int  \[tasks.py:2\]")
    command(":call double 21", "42")
    command(":limits", "timeout        5m")
    command(":set timeout 150ms", "It holds from the next cell on")
    terminal.wait(PROMPT)
    terminal.type("while True: pass\r")
    terminal.wait("timeout: Cell exceeded 150ms")
    terminal.wait(":set timeout 1m gives cells longer")
    terminal.wait(COST)
    command(":set timeout 1m", "next cell")
    command(":set speed 3", "there is no limit speed")
    command(":set ram nonsense", "new session")
    terminal.wait(PROMPT)
    terminal.type("1\r")
    terminal.wait("ram .*nonsense")
    command(":set ram 256MB", "new session")
    command(":mount data:ro", "new session")
    assert terminal.cell("open('/data/in.txt').read()") == "'from outside'"
    terminal.cell("saved = 3")
    command(":save cells.py", "wrote 2 cells to cells.py")
    assert (tmp_path / "cells.py").read_text(encoding="utf-8") == "open('/data/in.txt').read()\n\nsaved = 3\n"
    command(":trace", "cell")
    command(":reset", "begins anew")
    assert "NameError" in terminal.cell("saved")
    command(":load cells.py", "saved")
    terminal.wait("3")
    terminal.type("\r")
    terminal.wait(COST)
    command(":time off", "not shown")
    command(":nonsense", "there is no command :nonsense")
    terminal.wait(PROMPT)
    terminal.type(":quit\r")
    assert terminal.end() == 0


def test_each_language_keeps_its_session(open_terminal: Any) -> None:
    terminal = open_terminal()
    terminal.cell("x = 'python'")
    terminal.wait(PROMPT)
    terminal.type(":lang javascript\r")
    terminal.wait("js> ")
    terminal.type("let y = {a: 1}; `${y.a + 1}`\r")
    terminal.wait("'2'")
    terminal.wait("js> ")
    terminal.type(":lang python\r")
    assert terminal.cell("x") == "'python'"


def test_a_terminal_that_can_do_nothing(open_terminal: Any) -> None:
    terminal = open_terminal(term="dumb")
    terminal.wait(PROMPT)
    terminal.type("def f():\n    return 'plain'\n\n")
    terminal.wait(PROMPT)
    terminal.type("f()\n")
    terminal.wait("'plain'")
    terminal.wait(PROMPT)
    terminal.type("print('begun', flush=True)\n")
    shown = terminal.wait("begun\r\n")
    terminal.wait(PROMPT)
    terminal.type("while True: pass\n\n")
    terminal.wait("pass")
    terminal.child.sendintr()
    terminal.wait("KeyboardInterrupt|interrupted")
    terminal.wait(PROMPT)
    terminal.type("\x04")
    assert terminal.end() == 0
    assert "\x1b" not in shown


def test_a_pipe_has_no_prompt_and_tells_of_failures(tmp_path: Path) -> None:
    ended = piped(
        tmp_path, "x = 3\ndef f():\n    return x\n\nf()\nfor i in range(2):\n    print(i)\nelse:\n    print('e')\n"
    )
    assert ended.stdout == "3\n0\n1\ne\n"
    assert ended.stderr == ""
    assert ended.returncode == 0

    failed = piped(tmp_path, "1/0\n'after'\n:nonsense\n")
    assert failed.stdout == "'after'\n"
    assert "ZeroDivisionError" in failed.stderr
    assert "there is no command :nonsense" in failed.stderr
    assert failed.returncode == 1


def test_javascript_in_a_pipe(tmp_path: Path) -> None:
    source = (
        "const n: number = 20\nfunction f(a) {\n  return a + 1\n}\nif (n) {\n  console.log('if')\n}\nelse {\n}\nf(n)\n"
    )
    ended = piped(tmp_path, source, "--lang", "ts")
    assert ended.stdout == "if\n21\n", ended.stderr
    assert ended.returncode == 0


def test_wrong_usage(tmp_path: Path) -> None:
    wrong = piped(tmp_path, "", "--lang", "cobol")
    assert wrong.returncode == 2
    assert "give python or javascript" in wrong.stderr
    assert piped(tmp_path, "", "missing.py").returncode == 2
