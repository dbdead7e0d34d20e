"""JSON text of requests and replies, by encoders and decoders of our own: the user may patch the module `json`."""

from __future__ import annotations

from json import JSONDecoder, JSONEncoder
from typing import Any

try:
    import _json as _accelerator
except ImportError:  # an interpreter without it
    _json: Any = None
else:
    _json = _accelerator

_decoder: Any = JSONDecoder()
_scan = _decoder.scan_once


def _encoder(*, ascii_only: bool) -> Any:
    """The encoding function of the settings that results need.

    `JSONEncoder.encode` makes the C encoder anew at each call; the one that is made here is kept.
    """
    if _json is None:
        settings: Any = {"check_circular": False, "allow_nan": False, "separators": (",", ":")}
        return JSONEncoder(ensure_ascii=ascii_only, **settings).encode
    quote = _json.encode_basestring_ascii if ascii_only else _json.encode_basestring
    chunks = _json.make_encoder(None, _refuse, quote, None, ":", ",", False, False, False)
    return lambda value: "".join(chunks(value, 0))


def _refuse(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} has no JSON form")


_encode_text = _encoder(ascii_only=False)
_encode_ascii = _encoder(ascii_only=True)


def decode(text: str) -> Any:
    """The value of JSON `text`, which comes from the host: one value, without white space before it."""
    value, _ = _scan(text, 0)
    return value


def decode_first(text: str) -> tuple[Any, int]:
    """As `decode`, for text that goes on after the value; also where the value ends."""
    found: tuple[Any, int] = _scan(text, 0)
    return found


def encode(value: object) -> str:
    """Compact JSON of plain dicts, lists, strings and numbers; other characters than ASCII stay as they are.

    Raises ValueError for NaN and infinities, TypeError for other types. It does not look for cycles.
    """
    text: str = _encode_text(value)
    return text


def encode_ascii(value: object) -> str:
    """As `encode`, with every other character than ASCII escaped: always valid UTF-8."""
    text: str = _encode_ascii(value)
    return text
