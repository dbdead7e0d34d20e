"""Runs the tools of the build: their output goes to a log, whose end is shown when they fail."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from builder.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_TAIL_LINES = 30

# What Maven says after every failure, whatever it was.
_BOILERPLATE = re.compile(
    r"^\[ERROR\]\s*"
    r"($|-> \[Help|\[Help 1\]|To see the full|Re-run Maven|For more information|After correcting|mvn <args>)"
)


def run_tool(
    command: Sequence[str | Path],
    *,
    log: Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    append: bool = False,
) -> None:
    """Runs a command to its end, with no standard input.

    Raises BuildError with the end of its output if it does not exit with 0.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    arguments = [str(part) for part in command]
    with log.open("ab" if append else "wb") as output:
        output.write(f"$ {' '.join(arguments)}\n".encode())
        output.flush()
        try:
            finished = subprocess.run(
                arguments,
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        except OSError as error:
            raise BuildError(f"could not run {arguments[0]}: {error.strerror}") from error
    if finished.returncode != 0:
        raise BuildError(
            f"{arguments[0]} ended with status {finished.returncode}:\n{tail(log)}\nThe whole log is in {log}",
        )


def tail(log: Path, lines: int = _TAIL_LINES) -> str:
    """The last lines of a log, indented."""
    text = log.read_text(encoding="utf-8", errors="replace")
    telling = [line for line in text.rstrip().splitlines() if not _BOILERPLATE.match(line)]
    return "\n".join(f"    {line}" for line in telling[-lines:])
