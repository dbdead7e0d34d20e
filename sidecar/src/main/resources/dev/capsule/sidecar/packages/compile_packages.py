"""Compiles packages for this very Python, inside a sandbox that may write to their folder and has no other right.

None of their code runs: compiling only reads it. What cannot be compiled (tests of old versions, templates) stays as
it is, and fails when it is imported.
"""

import compileall
import py_compile
import warnings


def main(folder):
    warnings.simplefilter("ignore")
    compileall.compile_dir(
        folder,
        quiet=2,
        force=True,
        optimize=0,
        workers=1,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
