#!/usr/bin/env python3
"""Runs every test and every linter of the checkout and adds up what they say: `make test`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from builder.cli import build
from builder.errors import BuildError
from builder.javascript import find_npm, npm_install
from builder.jdk import find_jdk
from builder.layout import JAVA_MODULES, Layout, venv_python
from builder.lock import build_lock
from builder.progress import Progress
from builder.stamp import digest, write_atomically
from builder.steps import maven_environment
from builder.venv import create_venv

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
PYTHON_FOLDERS = ("tools", "guests/python", "guests/javascript", "sdk-python", "bench")
NODE_FOLDERS = ("guests/javascript", "sdk-typescript", "examples/typescript", "repl/browser", "repl/clients")

# Their packages are for tests alone, and large: a browser, clients of MCP. The build does without them.
TEST_FOLDERS = ("repl/browser", "repl/clients")

# Its tests need packages that would change what others' tests see, so they have an environment of their own.
CLIENTS_FOLDER = "repl/tests"


@dataclass
class Totals:
    """How many tests ended how; a linter counts as one test."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add_reports(self, reports: list[Path]) -> int:
        """Adds JUnit's XML reports, of Surefire or pytest; returns how many tests they hold."""
        tests = failed = skipped = 0
        for report in reports:
            for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - our own tools wrote it
                tests += int(suite.get("tests", "0"))
                failed += int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
                skipped += int(suite.get("skipped", "0"))
        self.passed += tests - failed - skipped
        self.failed += failed
        self.skipped += skipped
        return tests

    def add(self, *, passed: bool) -> None:
        """Adds one check."""
        if passed:
            self.passed += 1
        else:
            self.failed += 1


def main() -> int:
    """Returns 0 if all is well, 1 if a check failed, 2 if there was nothing to check because the build failed."""
    layout = Layout(ROOT)
    progress = Progress()
    totals = Totals()
    try:
        with build_lock(layout.build / "lock", lambda: progress.say("waiting for another build")):
            build(layout, [], progress)
            dev = dev_environment(layout)
            clients = dev_environment(layout, "venv-clients", [ROOT / CLIENTS_FOLDER / "requirements.txt"])
    except BuildError as error:
        progress.say(f"build failed: {error}")
        return 2
    check_java(totals)
    for folder in PYTHON_FOLDERS:
        check_python(ROOT / folder, dev, layout, totals)
    check_python(ROOT / CLIENTS_FOLDER, clients, layout, totals)
    check_node_folders(layout, totals)
    print(f"{totals.passed} passed, {totals.failed} failed, {totals.skipped} skipped", flush=True)
    return 1 if totals.failed else 0


def dev_environment(layout: Layout, name: str = "venv-dev", more: Sequence[Path] = ()) -> Path:
    """The Python that has pytest, ruff and mypy, Wasmtime for the guest's tests, and what else is asked for."""
    folder = layout.build / name
    requirements = [ROOT / "tools" / file for file in ("requirements-dev.txt", "native-requirements.txt")] + [*more]
    stamp = layout.build / "stamps" / name
    content = digest(ROOT, requirements, [sys.version, str(ROOT)])
    if not (stamp.is_file() and stamp.read_text("utf-8") == content and venv_python(folder).exists()):
        create_venv(folder, requirements, layout.log(name), ROOT)
        write_atomically(stamp, content)
    return venv_python(folder)


def check_java(totals: Totals) -> None:
    """Formatter, compiler with its checkers, and all tests of the Java modules."""
    wrapper = ROOT / ("mvnw.cmd" if sys.platform == "win32" else "mvnw")
    # Reports of tests that no longer exist would be counted too.
    for old in surefire_reports():
        old.unlink()
    # All modules are tested even if one fails; nothing is packed again, so the caches stay valid.
    passed = run("java", [wrapper, "--batch-mode", "--quiet", "--fail-at-end", "verify"], ROOT, java_environment())
    tests = totals.add_reports(surefire_reports())
    say(f"java: {tests} tests in {', '.join(JAVA_MODULES)}")
    if not passed and not totals.failed:
        # It did not come as far as a test: a compiler's or formatter's error.
        totals.add(passed=False)


def surefire_reports() -> list[Path]:
    """What Surefire left behind."""
    return [report for module in JAVA_MODULES for report in (ROOT / module).glob("target/surefire-reports/*.xml")]


def java_environment() -> dict[str, str]:
    """Maven's environment, with the JDK that the build found."""
    return maven_environment(find_jdk(os.environ))


def check_python(folder: Path, dev: Path, layout: Layout, totals: Totals) -> None:
    """Linter, formatter, types and tests of one folder."""
    name = folder.relative_to(ROOT)
    for tool in (["ruff", "check", "--quiet", "."], ["ruff", "format", "--quiet", "--check", "."], ["mypy"]):
        title = f"{name}: {' '.join(tool)}"
        totals.add(passed=run(title, [dev, "-m", *tool], folder, quiet=True))
    report = layout.build / "reports" / f"{str(name).replace('/', '-')}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    passed = run(f"{name}: pytest", [dev, "-m", "pytest", f"--junitxml={report}"], folder)
    failed_before = totals.failed
    if report.exists():
        totals.add_reports([report])
    if not passed and totals.failed == failed_before:
        totals.add(passed=False)


def check_node_folders(layout: Layout, totals: Totals) -> None:
    """The same for the folders of TypeScript; a machine without Node skips them."""
    try:
        npm = find_npm()
    except BuildError as error:
        say(f"{', '.join(NODE_FOLDERS)}: skipped: {error}")
        totals.skipped += len(NODE_FOLDERS)
        return
    for folder in NODE_FOLDERS:
        if folder in TEST_FOLDERS and not install_test_packages(ROOT / folder, npm, layout):
            totals.add(passed=False)
        else:
            check_node(ROOT / folder, npm, layout, totals)


def install_test_packages(folder: Path, npm: str, layout: Layout) -> bool:
    """Installs what a folder's package-lock.json says, unless that is there. Returns whether all is well."""
    name = str(folder.relative_to(ROOT)).replace("/", "-")
    stamp = layout.build / "stamps" / name
    content = digest(ROOT, [folder / "package.json", folder / "package-lock.json"], [str(ROOT)])
    if not (stamp.is_file() and stamp.read_text("utf-8") == content and (folder / "node_modules").is_dir()):
        try:
            npm_install(npm, folder, layout.log(name))
        except BuildError as error:
            say(f"{folder.relative_to(ROOT)}: {error}")
            return False
        write_atomically(stamp, content)
    return True


def check_node(folder: Path, npm: str, layout: Layout, totals: Totals) -> None:
    """The scripts of a package.json whose names begin with `check:`, and its tests by vitest, if it has some."""
    name = folder.relative_to(ROOT)
    scripts = json.loads((folder / "package.json").read_text("utf-8"))["scripts"]
    for script in scripts:
        if script.startswith("check:"):
            passed = run(f"{name}: {script}", [npm, "run", "--silent", script], folder, quiet=True)
            totals.add(passed=passed)
    if "test" not in scripts:
        return
    report = layout.build / "reports" / f"{str(name).replace('/', '-')}.xml"
    report.unlink(missing_ok=True)
    reporters = ["--reporter=dot", "--reporter=junit", f"--outputFile={report}"]
    passed = run(f"{name}: test", [npm, "run", "--silent", "test", "--", *reporters], folder, quiet=True)
    failed_before = totals.failed
    if report.exists():
        totals.add_reports([report])
    if not passed and totals.failed == failed_before:
        totals.add(passed=False)


def run(
    title: str,
    command: list[Path | str],
    folder: Path,
    environment: dict[str, str] | None = None,
    *,
    quiet: bool = False,
) -> bool:
    """Runs a check; its output is shown, or with ``quiet`` only if it fails."""
    started = time.monotonic()
    finished = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        check=False,
    )
    passed = finished.returncode == 0
    if quiet and not passed:
        sys.stdout.buffer.write(finished.stdout)
        sys.stdout.buffer.flush()
    say(f"{title}: {'ok' if passed else 'FAILED'}  {time.monotonic() - started:.1f} s")
    return passed


def say(text: str) -> None:
    """Prints a line at once: what the checks print themselves must not overtake it."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
