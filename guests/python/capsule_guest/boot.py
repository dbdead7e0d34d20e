"""Builds the state that is snapshotted, and the two functions that the world exports."""

from __future__ import annotations

import builtins
import gc
import linecache
import os
import sys

from capsule_guest import codeobjects, shims, wire

# before the rest of the standard library comes in and copies what it replaces
shims.install_before_imports()

from capsule_guest import preload  # noqa: E402


class Rejected(Exception):
    """The source cannot be compiled; `error` is the error object as JSON."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


def compile_module(request: str) -> str:
    """Serves the export `compile`."""
    fields = wire.decode(request)
    try:
        return codeobjects.compile_source(fields["source"], fields["file"])
    except codeobjects.Rejected as rejected:
        raise Rejected(wire.encode_ascii(rejected.error)) from None


def run(request: str) -> str:
    """Serves the export `run`."""
    from capsule_guest import serve

    return serve.run(request)


def prepare() -> None:
    """Brings the interpreter into the state in which every task finds it."""
    preload.import_everything()
    from capsule_guest import (
        eventloop,
        heap,
        host,
        importer,
        missing,
        serve,
        stdio,
        timezones,
        warmup,
    )

    shims.install_after_imports()
    eventloop.install()
    timezones.install()
    stdio.install()
    host.before_wait = stdio.flush
    os.environ.clear()
    sys.path.clear()
    sys.path_importer_cache.clear()
    # The program's own modules come after the interpreter's and before folders on sys.path.
    sys.meta_path.insert(2, importer.importer)
    sys.meta_path.append(missing.importer)
    for name in ("exit", "quit"):
        setattr(builtins, name, sys.exit)
    warmup.run()
    serve.rehearsal = warmup.rehearsal()
    serve.run('{"op":"ping"}')
    serve.reset()
    linecache.clearcache()
    gc.freeze()
    heap.fill_holes()
    gc.freeze()
