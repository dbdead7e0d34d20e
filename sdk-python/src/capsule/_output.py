"""Where the text that tasks print goes: the host's own standard streams."""

from __future__ import annotations

import contextlib
import sys

__all__ = ["forward"]


def forward(stream: str, text: str) -> None:
    """Write to ``sys.stdout`` or ``sys.stderr`` as they are now, so that redirections see it.

    A stream that is closed, or refuses the text, must not decide over the task's result: what
    cannot be written is dropped, what cannot be encoded is escaped.
    """
    target = sys.stderr if stream == "stderr" else sys.stdout
    if target is None:  # as under pythonw
        return
    with contextlib.suppress(Exception):
        try:
            target.write(text)
        except UnicodeEncodeError:
            encoding = target.encoding or "ascii"
            target.write(text.encode(encoding, "backslashreplace").decode(encoding))
        target.flush()
