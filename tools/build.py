#!/usr/bin/env python3
"""Builds whatever is missing or stale under build/. See tools/README.md."""

from __future__ import annotations

import sys

if sys.version_info < (3, 10):  # noqa: UP036 - told plainly rather than by a syntax error
    sys.exit(f"capsule: building needs Python 3.10 or newer, but this is {sys.version.split()[0]}")

from builder.cli import main

if __name__ == "__main__":
    sys.exit(main())
