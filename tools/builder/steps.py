"""The steps of the build: what each reads, what it makes, and how."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from builder import training
from builder.errors import BuildError
from builder.graph import Graph, Step
from builder.guests import flatten, temporary
from builder.javascript import find_npm, javascript_steps
from builder.layout import JAVA_MODULES, Layout, native_library_names
from builder.stamp import replace_atomically
from builder.tool import run_tool
from builder.typescript import typescript_steps
from builder.venv import create_venv, pip

if TYPE_CHECKING:
    from builder.jdk import Jdk
    from builder.progress import Progress

_TRAININGS = 3
_SQLITE_LIBRARIES = "org/sqlite/native/"


def build_graph(layout: Layout, jdk: Jdk, progress: Progress) -> Graph:
    """All steps of a checkout."""
    return Graph(layout.root, layout.build / "stamps", Steps(layout, jdk, progress).all())


def maven_environment(jdk: Jdk) -> dict[str, str]:
    """Runs Maven itself on that JDK, and silences what the JDK has to say about Maven's own libraries."""
    quiet = "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
    options = f"{os.environ.get('MAVEN_OPTS', '')} {quiet}".strip()
    return {**os.environ, "JAVA_HOME": str(jdk.home), "MAVEN_OPTS": options}


class Steps:
    """Makes the steps; each method named after a step does its work."""

    def __init__(self, layout: Layout, jdk: Jdk, progress: Progress) -> None:
        self._layout = layout
        self._jdk = jdk
        self._progress = progress

    def all(self) -> list[Step]:
        """The steps, each after those that it needs."""
        layout, root, tools = self._layout, self._layout.root, self._layout.root / "tools"
        guest_requirements = root / "guests" / "python" / "requirements.txt"
        poms = [root / "pom.xml", *(root / module / "pom.xml" for module in JAVA_MODULES)]
        sources = [root / module / "src" / "main" for module in JAVA_MODULES]
        steps = [
            Step(
                "java",
                "Java modules",
                self.java,
                outputs=[layout.jar, layout.flatten_jar, layout.sqlite_library],
                inputs=[*poms, *sources, root / ".mvn", tools / "java"],
                extra=[self._jdk.version],
            ),
            Step(
                "venv",
                "Python tools",
                self.venv,
                outputs=[layout.venv_python],
                inputs=[guest_requirements],
                extra=[sys.version, str(root)],
            ),
            Step(
                "native",
                "Wasmtime library",
                self.native,
                outputs=[layout.native_library],
                inputs=[tools / "native-requirements.txt"],
                after=["venv"],
            ),
            Step(
                "guest",
                "Python guest",
                self.guest,
                outputs=[layout.linked_guest],
                inputs=[root / "guests" / "python", root / "guests" / "wit"],
                after=["venv"],
            ),
            Step(
                "flatten",
                "Python guest, one module",
                self.flatten,
                outputs=[layout.guest, layout.hash_of(layout.guest)],
                inputs=[layout.linked_guest, layout.flatten_jar],
                after=["java", "guest"],
            ),
            Step(
                "aot",
                "start-up caches",
                self.aot,
                outputs=[layout.aot(program) for program in training.PROGRAMS],
                inputs=[layout.jar, layout.jvm_options, Path(training.__file__)],
                extra=[str(self._jdk.home), self._jdk.version, str(root)],
                after=["flatten", "native"],
            ),
        ]
        try:
            npm = find_npm()
        except BuildError as error:
            self._progress.say(str(error))
            return steps
        return [*steps, *javascript_steps(layout, self._jdk, npm), *typescript_steps(layout, npm)]

    def java(self) -> None:
        """Compiles the Java modules and packs them."""
        root = self._layout.root
        wrapper = root / ("mvnw.cmd" if sys.platform == "win32" else "mvnw")
        run_tool(
            # The formatter's check is for developers ("make test"); a user's edit must run as it is.
            [wrapper, "--batch-mode", "--quiet", "-Dquickly", "-Dmaven.test.skip=true", "package"],
            log=self._layout.log("java"),
            cwd=root,
            environment=maven_environment(self._jdk),
        )
        # Classes of before Java 6, as in picocli, could not be in the start-up caches. SQLite's libraries for
        # all systems would make the jar ten times as large.
        packed = root / "repl" / "target" / "capsule.jar"
        modern = temporary(self._layout.jar)
        tool = root / "tools" / "java" / "ModernClasses.java"
        run_tool([self._jdk.java, tool, packed, modern, _SQLITE_LIBRARIES], log=self._layout.log("classes"), cwd=root)
        self._take_sqlite(packed)
        replace_atomically(modern, self._layout.jar)
        self._take(root / "guests" / "flatten" / "target" / "capsule-flatten.jar", self._layout.flatten_jar)

    def venv(self) -> None:
        """Makes the environment that holds the guest's compiler."""
        layout = self._layout
        requirements = layout.root / "guests" / "python" / "requirements.txt"
        create_venv(layout.build / "venv", [requirements], layout.log("venv"), layout.root)

    def native(self) -> None:
        """Takes Wasmtime's library out of its wheel, which pip checks against our list of hashes."""
        layout = self._layout
        downloads = layout.build / "download"
        shutil.rmtree(downloads, ignore_errors=True)
        requirements = layout.root / "tools" / "native-requirements.txt"
        download = ["download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        where = ["--dest", str(downloads), "-r", str(requirements)]
        run_tool([*pip(layout.build / "venv"), *download, *where], log=layout.log("native"), cwd=layout.root)
        [wheel] = downloads.glob("*.whl")
        in_wheel, _ = native_library_names()
        with zipfile.ZipFile(wheel) as archive:
            members = [name for name in archive.namelist() if Path(name).name == in_wheel]
            if len(members) != 1:
                raise BuildError(f"{wheel.name} should hold one {in_wheel}, but holds {len(members)}")
            extracted = Path(archive.extract(members[0], downloads))
        replace_atomically(extracted, layout.native_library)
        shutil.rmtree(downloads)

    def guest(self) -> None:
        """Builds the Python interpreter as a component."""
        layout = self._layout
        output = temporary(layout.linked_guest)
        script = layout.root / "guests" / "python" / "build.py"
        run_tool([layout.venv_python, script, output], log=layout.log("guest"), cwd=layout.root)
        replace_atomically(output, layout.linked_guest)

    def flatten(self) -> None:
        """Merges the guest's core modules into one."""
        flatten(self._layout, self._jdk, self._layout.linked_guest, self._layout.guest, "flatten")

    def aot(self) -> None:
        """Trains the caches that make the JVMs start faster. Without them everything works, only later.

        On a busy machine a training run may come to the end of a time limit, so there are some; the next build
        tries again if none succeeds.
        """
        problem = self._train()
        for _ in range(_TRAININGS - 1):
            problem = problem and self._train()
        if problem:
            self._progress.say(f"start-up caches could not be made, so starting takes longer: {problem}")

    def _train(self) -> BuildError | None:
        try:
            training.train(self._layout, self._jdk)
        except BuildError as error:
            return error
        return None

    def _take_sqlite(self, jar: Path) -> None:
        """Unpacks SQLite for this machine, which its driver would else do at each start."""
        log = self._layout.log("sqlite")
        run_tool([self._jdk.java, "-cp", jar, "org.sqlite.util.OSInfo"], log=log, cwd=self._layout.root)
        library = self._layout.sqlite_library
        folder = log.read_text(encoding="utf-8").splitlines()[-1]  # after the command
        member = f"{_SQLITE_LIBRARIES}{folder}/{library.name}"
        extracted = temporary(library)
        with zipfile.ZipFile(jar) as archive:
            try:
                extracted.write_bytes(archive.read(member))
            except KeyError:
                raise BuildError(f"there is no SQLite for this machine: {member} is not in {jar}") from None
        replace_atomically(extracted, library)

    @staticmethod
    def _take(source: Path, target: Path) -> None:
        """Copies a file out of Maven's folders."""
        copy = temporary(target)
        shutil.copyfile(source, copy)
        replace_atomically(copy, target)
