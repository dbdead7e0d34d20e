"""The steps of the JavaScript guest, which need Node; a machine without it builds the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from builder.errors import BuildError
from builder.graph import Step
from builder.guests import flatten, temporary
from builder.layout import venv_python
from builder.stamp import replace_atomically
from builder.tool import run_tool
from builder.venv import create_venv

if TYPE_CHECKING:
    from pathlib import Path

    from builder.jdk import Jdk
    from builder.layout import Layout

MINIMUM_NODE = 20


def find_npm() -> str:
    """The npm of a Node that is new enough. Raises BuildError, which says what to install."""
    node, npm = shutil.which("node"), shutil.which("npm")
    advice = f"the JavaScript half needs Node {MINIMUM_NODE} or newer; install it and run ./capsule build"
    if node is None or npm is None:
        raise BuildError(advice)
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
        major = int(version.strip().removeprefix("v").split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise BuildError(f"{advice} ({node} does not tell its version: {error})") from error
    if major < MINIMUM_NODE:
        raise BuildError(f"{advice} ({node} is {version.strip()})")
    return npm


def javascript_steps(layout: Layout, jdk: Jdk, npm: str) -> list[Step]:
    """The steps, each after those that it needs."""
    source = layout.root / "guests" / "javascript"
    packages = [source / "package.json", source / "package-lock.json"]
    return [
        Step(
            "node",
            "npm packages",
            lambda: install_packages(layout.node_modules, packages, npm, layout.log("node"), source / "node_modules"),
            outputs=[layout.node_modules, source / "node_modules"],
            inputs=packages,
            extra=[str(layout.root)],
        ),
        Step(
            "venv-javascript",
            "C compiler",
            lambda: create_venv(
                layout.javascript_tools, [source / "requirements.txt"], layout.log("venv-javascript"), layout.root
            ),
            outputs=[venv_python(layout.javascript_tools)],
            inputs=[source / "requirements.txt"],
            extra=[sys.version, str(layout.root)],
        ),
        Step(
            "guest-javascript",
            "JavaScript guest",
            lambda: build_guest(layout, source),
            outputs=[layout.linked_javascript_guest],
            inputs=[source, layout.root / "guests" / "wit"],
            after=["node", "venv-javascript"],
        ),
        Step(
            "flatten-javascript",
            "JavaScript guest, one module",
            lambda: flatten(layout, jdk, layout.linked_javascript_guest, layout.javascript_guest, "flatten-javascript"),
            outputs=[layout.javascript_guest, layout.hash_of(layout.javascript_guest)],
            inputs=[layout.linked_javascript_guest, layout.flatten_jar],
            after=["java", "guest-javascript"],
        ),
    ]


def install_packages(target: Path, packages: list[Path], npm: str, log: Path, link: Path) -> None:
    """Installs what a package-lock.json says into `target`, and links to it where sources look for packages."""
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    for file in packages:
        shutil.copyfile(file, target.parent / file.name)
    npm_install(npm, target.parent, log)
    if link.is_symlink():
        link.unlink()
    link.symlink_to(os.path.relpath(target, link.parent), target_is_directory=True)


def npm_install(npm: str, folder: Path, log: Path) -> None:
    """Installs what a folder's package-lock.json says.

    Not by `npm ci`, which refuses a lock that lacks packages of other platforms, as that of a registry without them
    does; `npm install` keeps to the lock as well, its versions and hashes. No package's scripts are run.
    """
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    run_tool([npm, "install", "--no-save", "--ignore-scripts", *quiet], log=log, cwd=folder)


def build_guest(layout: Layout, source: Path) -> None:
    """Builds the JavaScript interpreter as a component."""
    output = temporary(layout.linked_javascript_guest)
    python = venv_python(layout.javascript_tools)
    work = layout.build / "javascript"
    run_tool([python, source / "build.py", "--work", work, output], log=layout.log("guest-javascript"), cwd=layout.root)
    replace_atomically(output, layout.linked_javascript_guest)
