"""Where things lie in a checkout."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

JAVA_MODULES = ("protocol", "wasmtime", "guests/flatten", "sidecar", "repl")


@dataclass(frozen=True)
class Layout:
    """The paths that the steps read and write, from the checkout's folder."""

    root: Path

    @property
    def build(self) -> Path:
        """Everything that the build makes."""
        return self.root / "build"

    @property
    def venv_python(self) -> Path:
        """The Python of the environment that holds the guest's compiler."""
        return venv_python(self.build / "venv")

    @property
    def native_library(self) -> Path:
        """Wasmtime, named as Java's System.mapLibraryName names it."""
        return self.build / "native" / native_library_names()[1]

    @property
    def sqlite_library(self) -> Path:
        """SQLite with the functions that its JDBC driver calls, named as System.mapLibraryName names it."""
        return self.build / "native" / library_name("sqlitejdbc")

    @property
    def linked_guest(self) -> Path:
        """The Python guest as its compiler leaves it."""
        return self.build / "guests" / "python-linked.wasm"

    @property
    def guest(self) -> Path:
        """The Python guest that the sidecar loads."""
        return self.build / "guests" / "python.wasm"

    @property
    def linked_javascript_guest(self) -> Path:
        """The JavaScript guest as jco leaves it."""
        return self.build / "guests" / "javascript-linked.wasm"

    @property
    def javascript_guest(self) -> Path:
        """The JavaScript guest that the sidecar loads."""
        return self.build / "guests" / "javascript.wasm"

    @property
    def node_modules(self) -> Path:
        """The npm packages of the JavaScript guest's build; among them esbuild, which the sidecar runs."""
        return self.build / "node" / "node_modules"

    @property
    def javascript_tools(self) -> Path:
        """The virtual environment that holds the C compiler of the JavaScript guest."""
        return self.build / "venv-javascript"

    @property
    def jar(self) -> Path:
        """Sidecar and command line in one."""
        return self.build / "capsule.jar"

    @property
    def flatten_jar(self) -> Path:
        """The tool that merges a guest's core modules."""
        return self.build / "flatten.jar"

    @property
    def jvm_options(self) -> Path:
        """The flags of every JVM."""
        return self.root / "tools" / "jvm.options"

    def aot(self, program: str) -> Path:
        """The AOT cache of ``sidecar`` or ``cli``."""
        return self.build / "aot" / f"{program}.aot"

    def hash_of(self, guest: Path) -> Path:
        """A guest's SHA-256, so that not every start has to read all of it."""
        return guest.with_name(f"{guest.name}.sha256")

    def log(self, step: str) -> Path:
        """What the tools of a step printed."""
        return self.build / "log" / f"{step}.log"


def venv_python(folder: Path) -> Path:
    """The interpreter of a virtual environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def native_library_names() -> tuple[str, str]:
    """Wasmtime's name in its wheel, and the name that Java looks for, on this platform."""
    name = library_name("wasmtime")
    return f"_{name}", name


def library_name(name: str) -> str:
    """What a shared library is called on this platform."""
    if sys.platform == "win32":
        return f"{name}.dll"
    return f"lib{name}.dylib" if sys.platform == "darwin" else f"lib{name}.so"
