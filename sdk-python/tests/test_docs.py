"""The programs and commands in README.md and docs/, run as their readers run them.

Blocks carry a comment on the line before:

- ``<!-- test: file NAME -->``: the reader writes this file
- ``<!-- test: console -->``: lines that start with ``$ `` are commands, the others what they print,
  where ``...`` stands for anything
- ``<!-- not tested: REASON -->``

All blocks of a page share one folder, in which the launcher and the SDKs lie as in a checkout. On a
machine without Node the commands that need it are left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WRITTEN_BY_OTHERS = {"protocol.md", "python.md"}
"""Pages with tests of their own."""

NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
NODE = re.compile(r"^\$ .*(\bnode |\bnpx |\.[cm]?[jt]s\b)", re.MULTILINE)
"""A command that needs Node, or the guest that is built with it."""

BLOCK = re.compile(r"(?:^<!-- ([^\n]*?) -->\n)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DONE = "capsule-docs-command-done"


@dataclass(frozen=True)
class Block:
    """A fenced block and the comment before it."""

    marker: str
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found.groups("")) for found in BLOCK.finditer(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_block_says_how_it_is_tested(page: Path) -> None:
    if page.name in WRITTEN_BY_OTHERS:
        return
    for block in blocks(page):
        assert re.match(r"test: (file \S+|console)$|not tested: .", block.marker), block


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_blocks_do_what_they_show(page: Path, tmp_path: Path) -> None:
    (tmp_path / "capsule").symlink_to(ROOT / "capsule")
    (tmp_path / "sdk-python").symlink_to(ROOT / "sdk-python")
    provide_packages(tmp_path / "node_modules")
    left_out = False
    for block in blocks(page):
        kind, _, name = block.marker.removeprefix("test: ").partition(" ")
        if kind == "file":
            (tmp_path / name).write_text(block.text, encoding="utf-8")
        elif kind == "console" and NODE.search(block.text) and not shutil.which("node"):
            left_out = True
        elif kind == "console":
            check_console(block.text, tmp_path)
    if left_out:
        pytest.skip("some commands need Node 20 or newer")


def provide_packages(folder: Path) -> None:
    """Make the npm packages that pages use look installed."""
    sdk = ROOT / "sdk-typescript"
    (folder / "@capsule").mkdir(parents=True)
    (folder / "@capsule" / "sdk").symlink_to(sdk)
    for name in (".bin", "tsx"):
        (folder / name).symlink_to(sdk / "node_modules" / name)
    # no link, since programs are bundled from what lies in their own node_modules
    shutil.copytree(sdk / "node_modules" / "zod", folder / "zod")


def check_console(text: str, folder: Path) -> None:
    """Run all commands of a block in one shell, and compare what each prints."""
    head, *steps = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not head, f"a console block starts with a command, not with {head!r}"
    commands = [step.partition("\n")[0] for step in steps]
    # After each command comes a line that tells the outputs apart; $? is kept for the next command.
    script = "".join(f"{command}\n_s=$?; echo {DONE}; (exit $_s)\n" for command in commands)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONWARNINGS": "error",
        "XDG_DATA_HOME": str(folder / ".data"),  # not the user's own
        "npm_config_loglevel": "error",  # what is in the user's settings is no part of a page
    }
    done = subprocess.run(
        ["bash", "-c", script],  # noqa: S607 - as readers have it
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=250,
    )
    outputs = done.stdout.split(f"{DONE}\n")[:-1]
    assert len(outputs) == len(commands), done.stdout
    for command, step, output in zip(commands, steps, outputs, strict=True):
        expected = step.partition("\n")[2].rstrip("\n")
        pattern = ".*".join(map(re.escape, expected.split("...")))
        shown = output.rstrip("\n")
        assert re.fullmatch(pattern, shown, re.DOTALL), f"$ {command}\n{shown}\n\nnot\n\n{expected}"


def test_a_wrong_output_is_noticed(tmp_path: Path) -> None:
    check_console("$ echo one two\none ...\n$ false\n$ echo $?\n1\n", tmp_path)
    with pytest.raises(AssertionError, match="echo one"):
        check_console("$ echo one\ntwo\n", tmp_path)
