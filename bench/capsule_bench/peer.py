"""capsule-run, the peer: installed on demand into an environment of its own, and its programs built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capsule_bench import layout

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS = layout.BENCH / "peer-requirements.txt"


class PeerUnavailableError(Exception):
    """The peer cannot be had here; the message says why."""


@dataclass(frozen=True)
class Peer:
    """An installed peer."""

    venv: Path
    programs: Path

    @property
    def _bin(self) -> Path:
        return self.venv / ("Scripts" if sys.platform == "win32" else "bin")

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self._bin / "python"

    @property
    def command(self) -> Path:
        """The peer's command line."""
        return self._bin / "capsule"

    @property
    def environment(self) -> dict[str, str]:
        """The peer looks for its compiler on the PATH."""
        return {**os.environ, "PATH": f"{self._bin}{os.pathsep}{os.environ.get('PATH', '')}"}

    def build(self, program: str) -> None:
        """Builds a program to WebAssembly, the form that the peer runs fastest, unless that is done already."""
        source = layout.PROGRAMS / f"{program}.py"
        folder = self.programs / program
        copy = folder / source.name
        if (folder / f"{program}.wasm").exists() and copy.read_bytes() == source.read_bytes():
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copyfile(source, copy)
        self.run("build", copy.name, "--export", folder=folder)

    def run(self, *args: str, folder: Path) -> str:
        """Runs the peer's command line; returns what it prints. Raises ``PeerUnavailableError`` if it fails."""
        done = subprocess.run(
            [str(self.command), *args],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PeerUnavailableError(f"capsule {' '.join(args)}: {(done.stderr or done.stdout).strip()[-400:]}")
        return done.stdout


def install() -> Peer:
    """The peer, installed if it is not. Raises ``PeerUnavailableError``."""
    peer = Peer(layout.ROOT / "build" / "venv-bench", layout.WORK / "peer")
    installed = peer.venv / REQUIREMENTS.name  # written last: it stands for a whole installation
    if installed.exists() and installed.read_bytes() == REQUIREMENTS.read_bytes():
        return peer
    _checked(sys.executable, "-m", "venv", "--clear", str(peer.venv))
    _checked(
        str(peer.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(REQUIREMENTS),
    )  # fmt: skip
    shutil.copyfile(REQUIREMENTS, installed)
    return peer


def _checked(*command: str) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerUnavailableError((done.stderr or done.stdout).strip()[-400:])
