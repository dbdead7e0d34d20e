"""Imports the program's own modules, from the request first and then from the host."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from capsule_guest import codeobjects, errors, host, results, tracebacks


class UserModule(NamedTuple):
    """A module of the program, as the request or the host gives it."""

    name: str
    file: str
    package: bool
    code: str


def user_module(fields: dict[str, Any]) -> UserModule:
    """The module of a JSON object of the request's `modules`."""
    package = bool(fields.get("package"))
    return UserModule(fields["name"], fields["file"], package, fields.get("code") or "")


class UserImporter(MetaPathFinder, Loader):
    """Finder and loader of the program's modules. Names of the standard library are never asked for: it wins."""

    def __init__(self) -> None:
        self._modules: dict[str, UserModule | None] = {}
        self._reserved = frozenset(sys.stdlib_module_names) | {
            "capsule",
            "capsule_guest",
            "wit_world",
            "componentize_py_types",
        }

    def reset(self) -> None:
        """Forgets the last program."""
        if self._modules:
            for name, module in self._modules.items():
                if module is not None:
                    sys.modules.pop(name, None)
            self._modules.clear()
            tracebacks.forget_sources()

    def add(self, modules: Sequence[dict[str, Any]]) -> None:
        """Takes the modules that came with the request."""
        for fields in modules:
            self._modules[fields["name"]] = user_module(fields)

    def is_own(self, name: str) -> bool:
        """True if that name is a module of the program, as far as it has been asked for."""
        return self._modules.get(name) is not None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        module = self._find(fullname)
        if module is None:
            return None
        spec = ModuleSpec(fullname, self, origin=module.file, is_package=module.package)
        spec.has_location = True
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        code = self.get_code(module.__name__)
        if code is not None:
            exec(code, module.__dict__)

    def get_code(self, fullname: str) -> CodeType | None:
        """The module's code; None for a namespace package."""
        module = self._modules[fullname]
        return self.code(module) if module is not None and module.code else None

    def module(self, name: str) -> UserModule:
        """A module that came with the request."""
        module = self._modules[name]
        if module is None:
            raise KeyError(name)
        return module

    def code(self, module: UserModule) -> CodeType:
        """The code of a module that has some; its source is noted for tracebacks."""
        code, tracebacks.sources[module.file] = codeobjects.load(module.code)
        return code

    def get_source(self, fullname: str) -> str | None:
        """The module's source, for `inspect.getsource` and the like."""
        module = self._modules.get(fullname)
        return codeobjects.load(module.code)[1] if module is not None and module.code else None

    def is_package(self, fullname: str) -> bool:
        module = self._modules.get(fullname)
        return module is not None and module.package

    def _find(self, name: str) -> UserModule | None:
        if name in self._modules:
            return self._modules[name]
        parent = name.rpartition(".")[0]
        if name.partition(".")[0] in self._reserved or (parent in sys.modules and not self.is_own(parent)):
            return None
        found = self._ask(name)
        self._modules[name] = found
        return found

    def _ask(self, name: str) -> UserModule | None:
        completion = host.perform(f'{{"op":"module","name":{results.encode(name, "name")}}}')
        if "error" in completion:
            raise errors.SourceProblem(completion["error"])
        fields = completion["ok"]
        return None if fields is None else user_module(fields)


importer = UserImporter()
