"""Node, its peers and their processes: installed on demand beside the benchmarks."""

from __future__ import annotations

import functools
import shutil
import subprocess
from typing import TYPE_CHECKING

from capsule_bench import layout
from capsule_bench.child import child
from capsule_bench.figures import OURS

if TYPE_CHECKING:
    from contextlib import ExitStack

    from capsule_bench.child import Child
    from capsule_bench.session import Session

FOLDER = layout.BENCH / "node"
ISOLATED = "isolated-vm 5.0.4"
EMSCRIPTEN = "quickjs-emscripten 0.32.0"
PROCESS = "node -e"
SCRIPTS = {OURS: "ours.mjs", ISOLATED: "isolated.mjs", EMSCRIPTEN: "emscripten.mjs", PROCESS: "process.mjs"}
PACKAGES = {ISOLATED: "isolated-vm", EMSCRIPTEN: "quickjs-emscripten"}


class NodeUnavailableError(ValueError):
    """Node cannot be had here; the message says why."""


@functools.cache
def install() -> str:
    """Node's command, with the peers installed if they were not. Raises ``NodeUnavailableError``."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NodeUnavailableError("there is no node on the PATH; install Node 20 or newer")
    lock = FOLDER / "package-lock.json"
    installed = FOLDER / "node_modules" / lock.name  # written last: it stands for a whole installation
    if not (installed.exists() and installed.read_bytes() == lock.read_bytes()):
        done = subprocess.run(
            [npm, "install", "--no-save", "--no-audit", "--no-fund"],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NodeUnavailableError(f"npm install failed: {(done.stderr or done.stdout).strip()[-400:]}")
        shutil.copyfile(lock, installed)
    return node


def contestants(session: Session, stack: ExitStack, *names: str) -> dict[str, Child]:
    """The processes that make calls, by name; they end with the stack. A peer that is not there is left out by word."""
    node = install()
    found = {}
    for name in names:
        package = PACKAGES.get(name)
        if package is not None and not (session.with_peer and (FOLDER / "node_modules" / package).exists()):
            session.say(f"{name} is left out: npm could not install it here")
            continue
        found[name] = stack.enter_context(child(name, FOLDER / SCRIPTS[name], python=node))
    return found
