"""Builds the state that is snapshotted."""

from __future__ import annotations

import builtins
import gc
import linecache
import os
import sys

from capsule_guest import shims

# before the rest of the standard library comes in and copies what it replaces
shims.install_before_imports()

from capsule_guest import heap, preload  # noqa: E402


def prepare() -> None:
    """Brings the interpreter into the state in which every task finds it."""
    preload.import_everything()
    import capsule_zones  # noqa: F401  (large, and used by few)

    # The rest of this package comes in here, and not before: what every task uses is to lie together.
    heap.import_together("capsule", "capsule_guest")
    from capsule_guest import (
        eventloop,
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
    # Else an import from a folder that was granted would write to it, or count as an attempt to.
    sys.dont_write_bytecode = True
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
    heap.list_objects()
    serve.prepare()  # after the list: a reserve that is immortal could not be freed
    gc.freeze()
    heap.fill_holes(heap.ROOM_FOR_TASKS)
    gc.freeze()
