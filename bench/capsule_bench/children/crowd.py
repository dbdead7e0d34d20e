"""Has many tasks asleep at once. Arguments: the folder of the programs, how many, for how many seconds each.

Prints a line of JSON when all are asleep, ``{"asleep": N}``, then one when all have ended, ``{"naps": [[from, to]]}``.
The end of standard input stops those that still sleep.
"""

from __future__ import annotations

import asyncio
import importlib
import io
import json
import os
import sys


class Listener(io.TextIOBase):
    """Stands in for standard output, where the SDK writes what tasks print, and counts those that fell asleep."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.heard = 0
        self.all_asleep = asyncio.Event()
        self.loop = asyncio.get_running_loop()

    def write(self, text: str) -> int:
        """Called on the SDK's own thread."""
        self.heard += text.count("\n")
        if self.heard >= self.wanted:
            self.loop.call_soon_threadsafe(self.all_asleep.set)
        return len(text)


async def main() -> None:
    """Runs the crowd."""
    count, seconds = int(sys.argv[2]), float(sys.argv[3])
    sys.path.insert(0, sys.argv[1])
    nap = importlib.import_module("sleeper").nap
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout = io.StringIO()
    for _ in range(20):  # so that what comes with the first calls is not counted
        await nap(0)
    print(json.dumps({"ready": True}), file=replies, flush=True)
    await asyncio.to_thread(sys.stdin.readline)

    listener = Listener(count)
    sys.stdout = listener
    crowd = asyncio.gather(*(nap(seconds) for _ in range(count)))
    asleep = asyncio.ensure_future(listener.all_asleep.wait())
    await asyncio.wait([crowd, asleep], return_when=asyncio.FIRST_COMPLETED)
    asleep.cancel()
    print(json.dumps({"asleep": listener.heard}), file=replies, flush=True)

    stop = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    await asyncio.wait([crowd, stop], return_when=asyncio.FIRST_COMPLETED)
    if crowd.done():
        print(json.dumps({"naps": await crowd}), file=replies, flush=True)
        await stop
    else:
        crowd.cancel()
        await asyncio.gather(crowd, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
