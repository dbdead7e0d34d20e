"""Virtual environments with nothing but pinned, hashed packages in them."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from typing import TYPE_CHECKING

from builder.errors import BuildError
from builder.layout import venv_python
from builder.tool import run_tool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def create_venv(folder: Path, requirements: Sequence[Path], log: Path, cwd: Path) -> None:
    """Makes the environment anew and installs each file's packages into it.

    Raises BuildError if this Python cannot make environments, or a package is not what its hash says.
    """
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise BuildError(
            f"{sys.executable} has no venv module. Install it: apt install python{version}-venv",
        )
    shutil.rmtree(folder, ignore_errors=True)
    run_tool([sys.executable, "-m", "venv", folder], log=log, cwd=cwd)
    for file in requirements:
        install = ["install", "--quiet", "--require-hashes", "-r", str(file)]
        run_tool([*pip(folder), *install], log=log, cwd=cwd, append=True)


def pip(folder: Path) -> list[str]:
    """The environment's own pip."""
    return [str(venv_python(folder)), "-m", "pip", "--disable-pip-version-check"]
