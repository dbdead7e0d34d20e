"""Imports packages whose native parts were left out, inside a sandbox without any right, to see if they can do without.

Returns what it raised for each that cannot, by module.
"""

import importlib


def main(modules):
    problems = {}
    for name in modules:
        try:
            importlib.import_module(name)
        except BaseException as problem:
            problems[name] = f"{type(problem).__name__}: {problem}"[:500]
    return problems
