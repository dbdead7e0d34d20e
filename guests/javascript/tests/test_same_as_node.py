"""What Node's modules and the web's globals do in the sandbox, against the Node that runs here: same_as_node has the cases."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from component import value
from sandbox import Guest

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "same_as_node"
RUNNER = (HERE / "cases_main.mjs").read_text("utf-8")
TIMEOUT_S = 120

# What differs, and is so documented in docs/javascript.md.
DIFFERENT = {
    "buffer.badSize": "Buffers are at most 2 GiB here",
    "util.classes": "the engine does not keep the source text by which inspect tells classes",
}
STACKS = {"encoding.clone": "shows a stack, whose frames are each engine's own"}


def in_node(source: str, folder: Path, root: Path) -> dict[str, str]:
    node = shutil.which("node")
    assert node is not None
    module = folder / "case.mjs"
    module.write_text(f"{source}\nprocess.stdout.write(JSON.stringify(await main()));\nprocess.exit(0);\n", "utf-8")
    command = [node, "--no-warnings", str(module)]
    # From the root folder, which is where programs in the sandbox are.
    environment = {**os.environ, "ROOT": str(root), "NO_COLOR": "1"}
    done = subprocess.run(command, cwd="/", env=environment, capture_output=True, timeout=TIMEOUT_S, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return {name: text.replace(str(root), "/data") for name, text in found.items()}


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.mjs")))
def test_cases(name: str, guest: Guest, tmp_path: Path) -> None:
    source = (FOLDER / f"{name}.mjs").read_text("utf-8") + RUNNER.replace('import { cases } from "CASES";', "")
    root, mounted = tmp_path / "node", tmp_path / "sandbox"
    root.mkdir()
    mounted.mkdir()
    guest.mounts = [(mounted, "/data", True)]
    expected = in_node(source, tmp_path, root)
    found: dict[str, Any] = value(guest.call(source, env={"ROOT": "/data"}))
    assert found.keys() == expected.keys()
    different = {case for case in expected if expected[case] != found[case]}
    known = {key.split(".")[1] for key in {**DIFFERENT, **STACKS} if key.startswith(f"{name}.")}
    unexpected = {case: {"node": expected[case], "sandbox": found[case]} for case in sorted(different - known)}
    assert not unexpected, json.dumps(unexpected, indent=2, ensure_ascii=False)
    assert known <= different, f"no longer different: {known - different}"
