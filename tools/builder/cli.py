"""The build driver's command line."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from builder.errors import BuildError
from builder.jdk import Jdk, find_jdk
from builder.layout import Layout
from builder.lock import build_lock
from builder.progress import Progress
from builder.stamp import write_atomically
from builder.steps import build_graph


def main(arguments: list[str] | None = None) -> int:
    """Builds; returns the exit status: 0 done, 2 could not, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="tools/build.py", description="Builds what is missing or stale.")
    parser.add_argument("steps", nargs="*", help="only these steps and what they need (default: all)")
    options = parser.parse_args(arguments)
    layout = Layout(Path(__file__).resolve().parents[2])
    progress = Progress()
    try:
        with build_lock(layout.build / "lock", lambda: progress.say("waiting for another build")):
            build(layout, options.steps, progress)
    except BuildError as error:
        progress.say(f"build failed: {error}")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def build(layout: Layout, wanted: list[str], progress: Progress) -> None:
    """Brings the wanted steps, or all of them, up to date."""
    # Taken first, so that a file that is edited during the build is newer than the stamp.
    started = time.time()
    jdk = find_jdk(os.environ)
    graph = build_graph(layout, jdk, progress)
    unknown = sorted(set(wanted) - set(graph.names))
    if unknown:
        raise BuildError(f"no step is called {', '.join(unknown)}; there are {', '.join(graph.names)}")
    if not wanted and not (layout.build / "stamp").exists():
        progress.say("the first build fetches and compiles everything: a few minutes")
    graph.run(wanted or graph.names, progress)
    if not wanted:
        remember_jdk(layout, jdk)
        stamp = layout.build / "stamp"
        write_atomically(stamp, "")
        os.utime(stamp, (started, started))


def remember_jdk(layout: Layout, jdk: Jdk) -> None:
    """Notes which JDK these settings lead to, so that the launcher need not look for it again."""
    file = layout.build / "jdk"
    key = f"{os.environ.get('CAPSULE_JAVA', '')}|{os.environ.get('JAVA_HOME', '')}"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    # Each setting has two lines: the setting, and the executable that it leads to.
    known = dict(zip(lines[::2], lines[1::2], strict=False))
    known.pop(key, None)
    latest = [(key, str(jdk.java)), *known.items()][:8]
    write_atomically(file, "".join(f"{setting}\n{java}\n" for setting, java in latest))


if __name__ == "__main__":
    sys.exit(main())
