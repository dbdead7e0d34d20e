"""Programs of TypeScript, bundled as the sidecar bundles them, with their source maps."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from sandbox import MIB, Guest, Sandbox

ESBUILD = Path(__file__).resolve().parent.parent / "node_modules" / ".bin" / "esbuild"


def bundle(folder: Path, **files: str) -> tuple[str, str]:
    """The bundle of main.ts and what it imports, and its source map."""
    for name, text in files.items():
        (folder / f"{name}.ts").write_text(text)
    out = folder / "out" / "main.js"
    options = ["--bundle", "--format=esm", "--sourcemap=external", "--external:@capsule/sdk", "--log-level=warning"]
    root = f"--source-root={folder}"
    subprocess.run([str(ESBUILD), "main.ts", *options, root, f"--outfile={out}"], cwd=folder, check=True)
    text = out.with_name("main.js.map").read_text()
    return out.read_text(), text.replace(f'"sourceRoot": "{folder}"', '"sourceRoot": ""').replace('"../', '"')


def request(guest: Guest, folder: Path, op: str, task: str = "main", **files: str) -> Any:
    """The reply to a request about the bundle of these files."""
    source, source_map = bundle(folder, **files)
    guest.modules["main.map"] = {"name": "main.map", "file": "main.ts", "package": False, "code": source_map}
    sandbox = Sandbox(guest, 256 * MIB)
    module = sandbox.compile(source)
    assert "error" not in module, module
    fields = {"op": op, "modules": [module], "task": task, "args": [], "kwargs": {}, "env": {}, "tools": []}
    return sandbox.run({**fields, "max_result_bytes": MIB})
