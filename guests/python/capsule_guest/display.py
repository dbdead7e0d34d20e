"""What a cell's value looks like: its text, its JSON if it has any, and the forms that rich displays show."""

from __future__ import annotations

import base64
import binascii
import pathlib
import sys
from typing import Any

from capsule_guest import errors, results, wire

MAX_TEXT = 64 * 1024
"""Characters of the text; what is beyond is cut, and said so."""

_TEXT_FORMS = ("text/html", "text/markdown", "text/latex", "image/svg+xml")
_BINARY_FORMS = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")
_METHODS = {
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_latex_": "text/latex",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
    "_repr_pdf_": "application/pdf",
    "_repr_json_": "application/json",
}
_IMAGES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
_PLAIN = frozenset((int, float, bool, str, bytes, list, tuple, dict, set, frozenset, complex))


def encode(value: Any, text: str, max_bytes: int | None) -> str:
    """JSON of `{"text", "json", "parts"}`, where `text` is the value's `repr`."""
    text = _cut(text)
    try:
        json = results.encode(value, "value", max_bytes)
    except results.InvalidValue:
        json = None
    parts = [] if type(value) in _PLAIN else _parts(value, max_bytes)
    return (
        f'{{"text":{wire.encode_ascii(text)}'
        + (f',"json":{json}' if json is not None else "")
        + f',"parts":{wire.encode_ascii(parts)}}}'
    )


def _cut(text: str) -> str:
    if len(text) > MAX_TEXT:
        text = f"{text[:MAX_TEXT]}… ({len(text) - MAX_TEXT} more characters)"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _parts(value: Any, max_bytes: int | None) -> list[dict[str, str]]:
    found: dict[str, Any] = {}
    bundle = _shown(value, "_repr_mimebundle_")
    if isinstance(bundle, tuple) and bundle:
        bundle = bundle[0]
    if isinstance(bundle, dict):
        found.update(bundle)
    elif bundle is not None:
        _note(f"_repr_mimebundle_ must return a dict, not {type(bundle).__name__}")
    for method, mime in _METHODS.items():
        if mime not in found:
            form = _shown(value, method)
            if form is not None:
                found[mime] = form[0] if isinstance(form, tuple) and form else form
    if isinstance(value, pathlib.PurePath):
        _add_image(value, found)
    parts = []
    left = max_bytes if max_bytes is not None else sys.maxsize
    for mime, form in found.items():
        data = _data(mime, form)
        if data is None:
            continue
        left -= len(data)
        if left < 0:
            _note(f"{mime} is left out: with it the value is larger than max_result, {max_bytes} bytes")
            break
        parts.append({"mime": mime, "data": data})
    return parts


def _shown(value: Any, method: str) -> Any:
    """What a method of the value's class returns; None if there is no such method."""
    function = getattr(type(value), method, None)
    if function is None:
        return None
    try:
        return function(value)
    except Exception as problem:
        _note(f"{method} raised {type(problem).__name__}: {errors.describe(problem)}")
        return None


def _add_image(path: pathlib.PurePath, found: dict[str, Any]) -> None:
    """A path to an image is shown as that image."""
    mime = _IMAGES.get(path.suffix.lower())
    if mime is None:
        return
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return  # it is only a path
    found[mime] = content.decode("utf-8", "replace") if mime in _TEXT_FORMS else content


def _data(mime: Any, form: Any) -> str | None:
    """Text as it is, bytes in base64; None, with a note, for what the type does not allow."""
    if mime == "text/plain" or form is None:
        return None
    if mime == "application/json":
        try:
            return results.encode(form, mime)
        except results.InvalidValue as invalid:
            _note(str(invalid))
            return None
    if mime in _TEXT_FORMS and isinstance(form, str):
        return form if form.isascii() else form.encode("utf-8", "backslashreplace").decode()
    if mime in _BINARY_FORMS:
        if isinstance(form, (bytes, bytearray, memoryview)):
            return base64.b64encode(form).decode("ascii")
        if isinstance(form, str):
            try:
                return base64.b64encode(binascii.a2b_base64(form, strict_mode=True)).decode("ascii")
            except (binascii.Error, ValueError):
                _note(f"{mime} is left out: it is neither bytes nor base64")
                return None
    known = mime in _TEXT_FORMS or mime in _BINARY_FORMS
    what = f"it is a {type(form).__name__}" if known else "that type is not shown"
    _note(f"{str(mime)[:80]!r} is left out: {what}")
    return None


def _note(text: str) -> None:
    try:
        sys.stderr.write(f"[capsule: {text}]\n")
    except Exception:  # whatever the program has made of its stderr
        pass
