"""Modules between `compile` and `run`: the marshalled code object, and the source beside it for tracebacks.

The text is BASE64 NEWLINE SOURCE. The host keeps it and hands it back to the same build of the guest; nothing but
`load` reads it.
"""

from __future__ import annotations

import binascii
import marshal
import types
import warnings
from typing import Any

from capsule_guest import errors


class Rejected(Exception):
    """The source cannot be compiled; `error` is the error object."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.error = error


def compile_source(source: str, file: str) -> str:
    """The code as text for `load`. Runs none of it. Raises Rejected."""
    source = source.removeprefix("\ufeff")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nobody has bound stderr yet
            code = compile(source, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise Rejected(errors.of_syntax_error(error, file)) from None
    except (MemoryError, RecursionError) as error:
        raise Rejected(
            errors.source_error(f"{file} is nested too deeply to be compiled", type(error).__name__, file)
        ) from None
    except UnicodeEncodeError as error:
        line = source.count("\n", 0, error.start) + 1
        raise Rejected(
            errors.source_error(f"{file}:{line}: not valid Unicode text", "SyntaxError", file, line)
        ) from None
    except (ValueError, OverflowError) as error:
        raise Rejected(errors.source_error(f"{file}: {error}", type(error).__name__, file)) from None
    return binascii.b2a_base64(marshal.dumps(code), newline=False).decode("ascii") + "\n" + source


def load(text: str) -> tuple[types.CodeType, str]:
    """The code object and its source."""
    encoded, _, source = text.partition("\n")
    code: types.CodeType = marshal.loads(binascii.a2b_base64(encoded))
    return code, source
