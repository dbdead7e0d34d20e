from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from builder.errors import BuildError
from builder.jdk import find_jdk, inspect

if TYPE_CHECKING:
    from pathlib import Path


def make_jdk(home: Path, version: str, *, compiler: bool = True, release: bool = True) -> Path:
    """A folder that looks like a JDK; without a `release` file only its `java` tells the version."""
    (home / "bin").mkdir(parents=True)
    java = home / "bin" / "java"
    java.write_text(f"#!/bin/sh\necho '    java.version = {version}' >&2\n")
    java.chmod(0o755)
    if compiler:
        (home / "bin" / "javac").touch()
    if release:
        (home / "release").write_text(f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{version}"\n')
    return home


def pattern(tmp_path: Path) -> tuple[str, ...]:
    return (f"{tmp_path}/jvm/*",)


def test_java_home_is_used_if_it_is_new_enough(tmp_path: Path) -> None:
    home = make_jdk(tmp_path / "mine", "26.0.1")
    make_jdk(tmp_path / "jvm" / "25", "25.0.3")
    assert find_jdk({"JAVA_HOME": str(home)}, pattern(tmp_path)).home == home


def test_an_old_java_home_is_passed_over(tmp_path: Path) -> None:
    old = make_jdk(tmp_path / "mine", "17.0.10")
    new = make_jdk(tmp_path / "jvm" / "25", "25.0.3")
    assert find_jdk({"JAVA_HOME": str(old)}, pattern(tmp_path)).home == new


def test_the_tested_release_is_preferred_and_of_it_the_newest(tmp_path: Path) -> None:
    for version in ("17.0.1", "25", "25.0.10", "25.0.9", "27-ea"):
        make_jdk(tmp_path / "jvm" / version, version)
    assert find_jdk({}, pattern(tmp_path)).version == "25.0.10"


def test_java_on_the_path_is_found_through_links(tmp_path: Path) -> None:
    home = make_jdk(tmp_path / "somewhere", "25.0.3")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(home / "bin" / "java")
    assert find_jdk({"PATH": str(tmp_path / "bin")}, ()).home == home


def test_what_capsule_java_names_is_taken_or_refused_never_passed_over(tmp_path: Path) -> None:
    old = make_jdk(tmp_path / "old", "21.0.2")
    new = make_jdk(tmp_path / "jvm" / "25", "25.0.3")
    with pytest.raises(BuildError, match=r"CAPSULE_JAVA is .*old, which is Java 21\.0\.2"):
        find_jdk({"CAPSULE_JAVA": str(old)}, pattern(tmp_path))
    found = find_jdk({"CAPSULE_JAVA": str(new / "bin" / "java"), "JAVA_HOME": str(old)}, ())
    assert found.home == new


def test_without_a_usable_jdk_the_error_says_what_to_install_and_what_was_found(tmp_path: Path) -> None:
    make_jdk(tmp_path / "jvm" / "17", "17.0.1")
    with pytest.raises(BuildError, match=r"(?s)JDK 25 or newer.*Found only: 17\.0\.1"):
        find_jdk({}, pattern(tmp_path))


def test_a_runtime_without_compiler_is_no_jdk(tmp_path: Path) -> None:
    assert inspect(make_jdk(tmp_path / "jre", "25.0.3", compiler=False)) is None


def test_java_is_asked_where_no_file_tells_its_version(tmp_path: Path) -> None:
    jdk = inspect(make_jdk(tmp_path / "distribution", "25.0.4", release=False))
    assert jdk is not None
    assert (jdk.major, jdk.version) == (25, "25.0.4")


def test_java_8_is_8(tmp_path: Path) -> None:
    jdk = inspect(make_jdk(tmp_path / "eight", "1.8.0_392"))
    assert jdk is not None
    assert jdk.major == 8


def test_the_executable_of_a_jdk_is_named(tmp_path: Path) -> None:
    jdk = inspect(make_jdk(tmp_path / "jdk", "25"))
    assert jdk is not None
    assert os.access(jdk.java, os.X_OK)
