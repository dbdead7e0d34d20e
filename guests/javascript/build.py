#!/usr/bin/env python3
"""Builds the guest: `build.py OUT.wasm`, with the Python that requirements.txt is installed in.

node_modules beside this file must hold what package-lock.json says (`npm ci`). The result is a component for the world
`interpreter` of ../wit, started and snapshotted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WIT = HERE.parent / "wit" / "capsule.wit"
MODULES = HERE / "node_modules"
ENGINE = HERE / "engine"

# The engine's own limit of recursion, in linear memory, must be reached before WebAssembly's stack is exhausted (2 MiB
# in the sidecar), which no program could catch. tests/test_recursion.py recurses in every way that is known.
STACK_LIMIT = 544 << 10
STACK_SHARE = 512
# Larger than the limit: the functions that look at it may be several calls apart.
STACK_SIZE = 1 << 20

QUICKJS_SOURCES = ("libregexp.c", "libunicode.c", "dtoa.c")
GLUE_SOURCES = ("guest.c", "host.c", "program.c", "text.c", "files.c", "hashes.c", "memory.c")

# Has the engine tell of each access to memory (engine/trace.c).
COVERAGE = ("type=1", "trace-loads", "trace-stores")
TRACED = (
    "-O1",
    "-DTRACED",
    "-fno-builtin",
    *(part for what in COVERAGE for part in ("-Xclang", f"-fsanitize-coverage-{what}")),
)

# WebAssembly features that every engine of the last years has, and that wizer takes.
CPU = "lime1"


class BuildFailure(Exception):
    """The guest cannot be built; the message says why."""


def run(*command: str | Path, cwd: Path) -> None:
    """Runs a tool with an environment that has only what tools need: the snapshot must not depend on who builds it."""
    names = (
        "PATH",
        "HOME",
        "TMPDIR",
        "SYSTEMROOT",
        "PIP_INDEX_URL",
        "PIP_CONFIG_FILE",
        "PIP_FIND_LINKS",
        "SSL_CERT_FILE",
    )
    environment = {name: os.environ[name] for name in names if name in os.environ}
    environment["ZIG_GLOBAL_CACHE_DIR"] = environment["ZIG_LOCAL_CACHE_DIR"] = os.environ["ZIG_GLOBAL_CACHE_DIR"]
    subprocess.run([str(part) for part in command], check=True, cwd=cwd, env=environment)


def fetch_quickjs(folder: Path) -> Path:
    """The folder of the engine's C source, which pip has checked against engine.txt's hash."""
    for old in folder.glob("quickjs_ng-*.tar.gz"):
        old.unlink()
    download = ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    exact = ["--no-binary=:all:", "--require-hashes", "--dest", str(folder), "-r", str(HERE / "engine.txt")]
    run(sys.executable, "-m", "pip", *download, *exact, cwd=folder)
    [archive] = folder.glob("quickjs_ng-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz") / "upstream-quickjs"


def patch_quickjs(quickjs: Path, folder: Path) -> Path:
    """A folder with the engine's source as engine/patches.json changes it; each change fits exactly one place."""
    source = (quickjs / "quickjs.c").read_text("utf-8")
    for change in json.loads((ENGINE / "patches.json").read_text("utf-8")):
        before, after = ("\n".join(change[part]) for part in ("before", "after"))
        if source.count(before) != 1:
            raise BuildFailure(f"a change of the engine does not fit: {change['why']}")
        source = source.replace(before, after)
    patched = folder / "patched"
    patched.mkdir(exist_ok=True)
    (patched / "quickjs.c").write_text(source, "utf-8")
    return patched


class Compiler:
    """The C compiler, with the engine's source."""

    def __init__(self, quickjs: Path, folder: Path) -> None:
        self._quickjs = quickjs
        self._folder = folder
        defines = ["-DNDEBUG", "-D_GNU_SOURCE", f"-DSTACK_BYTES={STACK_LIMIT}", f"-DSTACK_SHARE={STACK_SHARE}"]
        self._target = ["-target", "wasm32-wasi", f"-mcpu={CPU}", "-O3"]
        # zig traps at undefined behaviour by default, and QuickJS relies on shifts that wrap.
        includes = [f"-I{path}" for path in (patch_quickjs(quickjs, folder), quickjs, ENGINE)]
        self._options = [*self._target, "-std=gnu11", "-fno-sanitize=undefined", *defines, *includes]

    def object(self, source: Path, *more: str) -> Path:
        """Compiles one file."""
        made = self._folder / f"{source.name}{'.traced' if more else ''}.o"
        is_ours = source.parent == ENGINE and source.name != "interpreter.c"
        warnings = ["-Wall", "-Werror"] if is_ours else ["-Wno-everything"]
        self._zig("-c", *self._options, *more, *warnings, source, "-o", made)
        return made

    def zig_object(self, source: Path) -> Path:
        """Compiles one file of Zig."""
        made = self._folder / f"{source.name}.o"
        options = ["-target", "wasm32-wasi", f"-mcpu={CPU}", "-O", "ReleaseFast", "-fstrip", "-lc"]
        run(sys.executable, "-m", "ziglang", "build-obj", source, *options, f"-femit-bin={made}", cwd=self._folder)
        return made

    def engine(self) -> list[Path]:
        """The engine itself, compiled; first what sees its inside."""
        sources = [ENGINE / "interpreter.c", *(self._quickjs / name for name in QUICKJS_SOURCES)]
        return [self.object(source) for source in sources]

    def link(self, objects: list[Path], out: Path, *options: str) -> None:
        """Links a module."""
        linking = [f"-Wl,-z,stack-size={STACK_SIZE}", "-Wl,--strip-all"]
        self._zig(*self._target, *options, *objects, *linking, "-o", out)

    def _zig(self, *arguments: str | Path) -> None:
        run(sys.executable, "-m", "ziglang", "cc", *arguments, cwd=self._folder)


def library_node() -> Path:
    """The Node of package.json: parts of its library become the sandbox's."""
    system = {"linux": "linux", "darwin": "darwin", "win32": "win"}.get(sys.platform, sys.platform)
    processors = ["arm64"] if platform.machine().lower() in {"arm64", "aarch64"} else ["x64"]
    if system == "darwin":
        processors.append("x64")  # by Rosetta: npm has none of that version for other processors
    for processor in processors:
        node = MODULES / f"node-{system}-{processor}" / "bin" / ("node.exe" if system == "win" else "node")
        if node.exists():
            return node
    raise BuildFailure(f"npm has no Node for {system} on {processors[0]} that could be used")


def bundle_runtime(folder: Path) -> Path:
    """Bundles src/ into one script."""
    script = folder / "runtime.js"
    run(library_node(), HERE / "bundle.mjs", HERE / "src" / "main.ts", script, cwd=HERE)
    return script


def precompile(compiler: Compiler, engine: list[Path], script: Path, folder: Path) -> Path:
    """Compiles a script to bytecode, and writes it as C."""
    program, code, source = (folder / name for name in ("precompile.wasm", "runtime.bytecode", "runtime.c"))
    compiler.link([*engine, compiler.object(ENGINE / "precompile.c")], program)
    run("node", "--no-warnings", HERE / "runwasi.mjs", program, script, code, cwd=folder)
    content = code.read_bytes()
    with source.open("w", encoding="ascii") as out:
        out.write("unsigned char RUNTIME_CODE[] = {\n")
        for start in range(0, len(content), 32):
            out.write("".join(f"{byte}," for byte in content[start : start + 32]) + "\n")
        out.write(f"}};\nconst unsigned RUNTIME_CODE_LENGTH = {len(content)};\n")
    return source


def trace(compiler: Compiler, objects: list[Path], folder: Path) -> Path:
    """Measures which blocks of the snapshot's memory every task uses, and writes it as C."""
    program, request, source = (folder / name for name in ("trace.wasm", "training.json", "placement.c"))
    interpreter = compiler.object(ENGINE / "interpreter.c", *TRACED)
    wrapped = (f"-Wl,--wrap={name}" for name in ("memcpy", "memmove", "memcmp"))
    compiler.link([interpreter, *objects, compiler.object(ENGINE / "trace.c")], program, *wrapped)
    training = {"module": "main", "file": "main.js", "source": (ENGINE / "training.js").read_text("utf-8")}
    request.write_text(json.dumps(training), "utf-8")
    run("node", "--no-warnings", HERE / "runwasi.mjs", program, request, source, cwd=folder)
    return source


def compile_core(quickjs: Path, script: Path, folder: Path) -> Path:
    """Compiles engine, glue and the runtime's script to a core module."""
    core = folder / "core.wasm"
    compiler = Compiler(quickjs, folder)
    [interpreter, *engine] = compiler.engine()
    runtime = precompile(compiler, [interpreter, *engine], script, folder)
    glue = [compiler.object(source) for source in (*(ENGINE / name for name in GLUE_SOURCES), runtime)]
    objects = [*engine, *glue, compiler.zig_object(ENGINE / "hashes.zig")]
    placement = compiler.object(trace(compiler, objects, folder))
    compiler.link([interpreter, *objects, placement], core, "-mexec-model=reactor")
    return core


def snapshot(core: Path, folder: Path) -> Path:
    """Runs the module's start and keeps its memory."""
    out = folder / "snapshot.wasm"
    features = [f"--wasm-{name}=true" for name in ("bulk-memory", "multi-memory", "reference-types")]
    tool = MODULES / "@bytecodealliance" / "wizer" / "wizer.js"
    run("node", tool, "--allow-wasi", "--init-func", "wizer-initialize", *features, core, "-o", out, cwd=folder)
    return out


def build(out: Path, work: Path) -> None:
    """Writes the component to `out`; an unfinished one is never seen there."""
    work.mkdir(parents=True, exist_ok=True)
    os.environ["ZIG_GLOBAL_CACHE_DIR"] = str(work / "zig")
    core = compile_core(fetch_quickjs(work), bundle_runtime(work), work)
    made = work / "guest.wasm"
    run("node", HERE / "componentize.mjs", snapshot(core, work), WIT, made, cwd=work)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(made.read_bytes())
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Builds the JavaScript guest.")
    parser.add_argument("out", type=Path, help="where to write the component")
    parser.add_argument("--work", type=Path, help="where to keep what another build can use again (default: nowhere)")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="capsule-guest-") as temporary:
            build(options.out.absolute(), (options.work or Path(temporary)).absolute())
    except subprocess.CalledProcessError as error:
        print(f"build.py: {Path(error.cmd[0]).name} ended with status {error.returncode}", file=sys.stderr)
        return 1
    except BuildFailure as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
