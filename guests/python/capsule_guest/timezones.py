"""Time zones for `zoneinfo`: there is no /usr/share/zoneinfo in the sandbox, so the data is in the snapshot.

`capsule_zones` is written by build.py from the package tzdata.
"""

from __future__ import annotations

import io
import zoneinfo
from typing import IO, Any
from zoneinfo import _common

from capsule_zones import ZONES


def _load(key: str) -> IO[bytes]:
    data = ZONES.get(key)
    if data is None:
        raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {key}")
    return io.BytesIO(data)


def _available() -> set[str]:
    return set(ZONES)


def install() -> None:
    """Makes `zoneinfo` read the zones in memory, and look for no files."""
    common: Any = _common
    common.load_tzdata = _load
    zoneinfo.available_timezones = _available
    zoneinfo.reset_tzpath(to=())
