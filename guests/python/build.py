#!/usr/bin/env python3
"""Builds the guest: `build.py OUT.wasm`, with the Python that requirements.txt is installed in.

The result is a linked component for the world `interpreter` of ../wit, started and snapshotted.
"""

from __future__ import annotations

import argparse
import importlib.resources
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import immortal

HERE = Path(__file__).resolve().parent
WIT = HERE.parent / "wit"
SOURCES = ("capsule_component.py", "capsule", "capsule_guest")


def write_zones(module: Path) -> None:
    """Writes all time zones of the package tzdata as a module with a dict of their files' bytes."""
    package = importlib.resources.files("tzdata")
    names = package.joinpath("zones").read_text(encoding="utf-8").split()
    zones = package.joinpath("zoneinfo")
    with module.open("w", encoding="ascii") as out:
        out.write("ZONES = {\n")
        for name in sorted(names):
            out.write(f"    {name!r}: {zones.joinpath(*name.split('/')).read_bytes()!r},\n")
        out.write("}\n")


def build(out: Path) -> None:
    """Writes the component to `out`; an unfinished one is never seen there."""
    with tempfile.TemporaryDirectory(prefix="capsule-guest-") as folder:
        # A copy of what belongs in the component, and of nothing else: no tests, no byte code of this Python.
        app = Path(folder, "app")
        app.mkdir()
        for name in SOURCES:
            source = HERE / name
            if source.is_dir():
                shutil.copytree(source, app / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, app / name)
        write_zones(app / "capsule_zones.py")
        made = Path(folder, "guest.wasm")
        command = [
            sys.executable,
            "-c",
            "import componentize_py; componentize_py.script()",
            "--quiet",
        ]
        command += ["--wit-path", str(WIT), "--world", "interpreter"]
        command += [
            "componentize",
            "capsule_component",
            "--python-path",
            str(app),
            "--output",
            str(made),
        ]
        # Only what the component needs is passed on: the snapshot must not depend on who builds it.
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        subprocess.run(command, check=True, env=environment, cwd=folder)
        out.parent.mkdir(parents=True, exist_ok=True)
        component, count = immortal.make_immortal(made.read_bytes())
        print(f"{count} objects made immortal")
        partial = out.with_name(f"{out.name}.{os.getpid()}.part")
        try:
            partial.write_bytes(component)
            partial.replace(out)
        finally:
            partial.unlink(missing_ok=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Builds the Python guest.")
    parser.add_argument("out", type=Path, help="where to write the component")
    try:
        build(parser.parse_args().out)
    except subprocess.CalledProcessError as error:
        print(f"build.py: componentize-py ended with status {error.returncode}", file=sys.stderr)
        return 1
    except immortal.UnknownFormatError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
