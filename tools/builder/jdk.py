"""Finds a JDK that is new enough, wherever people keep them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from builder.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MINIMUM = 25

_FOLDERS = (
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
    "~/.asdf/installs/java/*",
    "~/.local/share/mise/installs/java/*",
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/java/*",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "C:/Program Files/*/jdk*",
)

ADVICE = (
    f"Capsule needs a JDK {MINIMUM} or newer. Install one, for example\n"
    "    Debian, Ubuntu   apt install openjdk-25-jdk-headless\n"
    "    macOS            brew install openjdk@25\n"
    "    anywhere         sdk install java 25-tem        (https://sdkman.io)\n"
    "or set CAPSULE_JAVA to the folder of one."
)


@dataclass(frozen=True)
class Jdk:
    """A JDK: its folder and its version, for example ``25.0.3``."""

    home: Path
    version: str

    @property
    def java(self) -> Path:
        """Its ``java`` executable."""
        return self.home / "bin" / _executable("java")

    @property
    def major(self) -> int:
        """The feature release, ``25`` of ``25.0.3``."""
        return _major(self.version)


def find_jdk(environment: Mapping[str, str], folders: tuple[str, ...] = _FOLDERS) -> Jdk:
    """The JDK to use: CAPSULE_JAVA if it is set, else JAVA_HOME if it is new enough, else one that is found."""
    explicit = environment.get("CAPSULE_JAVA")
    if explicit:
        jdk = inspect(Path(explicit).expanduser())
        if jdk is None or jdk.major < MINIMUM:
            found = f"is Java {jdk.version}" if jdk else "is not a JDK (no bin/javac)"
            raise BuildError(f"CAPSULE_JAVA is {explicit}, which {found}.\n{ADVICE}")
        return jdk
    if environment.get("JAVA_HOME"):
        jdk = inspect(Path(environment["JAVA_HOME"]))
        if jdk is not None and jdk.major >= MINIMUM:
            return jdk
    found_jdks = [jdk for home in _candidates(environment, folders) if (jdk := inspect(home))]
    usable = [jdk for jdk in found_jdks if jdk.major >= MINIMUM]
    if not usable:
        seen = ", ".join(sorted({f"{jdk.version} in {jdk.home}" for jdk in found_jdks}))
        raise BuildError(f"{ADVICE}\nFound only: {seen or 'none'}.")
    # The release that Capsule is tested with is better than a newer one; of it, the latest update.
    return max(usable, key=lambda jdk: (-jdk.major, _numbers(jdk.version)))


def inspect(path: Path) -> Jdk | None:
    """The JDK in a folder, or whose ``java`` executable ``path`` is; None if there is none."""
    home = path.resolve().parent.parent if path.is_file() else path
    if not (home / "bin" / _executable("javac")).exists():
        return None
    release = home / "release"
    if release.is_file():
        match = re.search(r'^JAVA_VERSION="([^"]+)"', release.read_text("utf-8"), re.MULTILINE)
        if match:
            return Jdk(home, match.group(1))
    return _ask(home)


def _ask(home: Path) -> Jdk | None:
    """Runs ``java`` to learn its version: some packages ship no ``release`` file."""
    command = [str(home / "bin" / _executable("java")), "-XshowSettings:properties", "-version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"^\s*java\.version = (\S+)", answer.stderr, re.MULTILINE)
    return Jdk(home, match.group(1)) if match else None


def _candidates(environment: Mapping[str, str], folders: tuple[str, ...]) -> Iterator[Path]:
    on_path = shutil.which("java", path=environment.get("PATH", ""))
    if on_path:
        yield Path(on_path).resolve().parent.parent
    if sys.platform == "darwin":
        yield from _macos_choice()
    for pattern in folders:
        expanded = Path(os.path.expanduser(pattern))
        anchor = Path(expanded.anchor)
        yield from sorted(anchor.glob(str(expanded.relative_to(anchor))))


def _macos_choice() -> Iterator[Path]:
    command = ["/usr/libexec/java_home", "-v", f"{MINIMUM}+"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        yield Path(answer.stdout.strip())


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def _major(version: str) -> int:
    numbers = _numbers(version)
    # Java 8 calls itself 1.8
    return (numbers[1] if numbers[0] == 1 and len(numbers) > 1 else numbers[0]) if numbers else 0


def _executable(name: str) -> str:
    return f"{name}.exe" if sys.platform == "win32" else name
