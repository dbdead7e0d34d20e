#!/usr/bin/env python3
"""Formats all sources in place: `make format`."""

from __future__ import annotations

import sys

from builder.errors import BuildError
from builder.layout import Layout
from check import PYTHON_FOLDERS, ROOT, dev_environment, java_environment, run


def main() -> int:
    """Returns 0 if all formatters ran."""
    try:
        dev = dev_environment(Layout(ROOT))
        java = java_environment()
    except BuildError as error:
        print(f"capsule: {error}", file=sys.stderr)
        return 2
    wrapper = ROOT / ("mvnw.cmd" if sys.platform == "win32" else "mvnw")
    good = run("java", [wrapper, "--batch-mode", "--quiet", "spotless:apply"], ROOT, java, quiet=True)
    for folder in PYTHON_FOLDERS:
        for tool in (["check", "--fix", "--exit-zero", "--quiet", "."], ["format", "--quiet", "."]):
            good &= run(f"{folder}: ruff {tool[0]}", [dev, "-m", "ruff", *tool], ROOT / folder, quiet=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
