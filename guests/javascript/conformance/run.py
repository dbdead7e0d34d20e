#!/usr/bin/env python3
"""Prints what share of public tests passes in the JavaScript guest, by area.

    run.py [--test262 FOLDER] [--urls FOLDER] [--sample N] [--seed N] [--failures]

FOLDER of test262 is a checkout of github.com/tc39/test262; of the URLs one with the Web-platform tests'
urltestdata.json and setters_tests.json, which the crate `url` carries in tests/ (by default `cargo vendor` gets it).
Each test of test262 runs in a fresh sandbox; a random sample of them unless N is 0. Not counted are tests of what the
sandbox does not claim to have: Intl, Temporal, ShadowRealm, other realms and agents, modules of several files.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path.insert(0, str(HERE.parent.parent / "testkit"))

from sandbox import Guest, Sandbox  # noqa: E402 - found by the line above

COMPONENT = Path(os.environ.get("CAPSULE_GUEST_COMPONENT", ROOT / "build" / "guests" / "javascript.wasm"))
RAM = 512 << 20
AREAS = ("language", "built-ins", "annexB")
NOT_CLAIMED = {
    "Temporal",
    "ShadowRealm",
    "cross-realm",
    "Intl",
    "tail-call-optimization",
    "source-phase-imports",
    "import-defer",
}
URL_CRATE = "url@2.5.8"


def front_matter(text: str) -> dict[str, Any]:
    """The fields of a test's header that matter: includes, flags, features, and the error that it must end with."""
    found = re.search(r"/\*---(.*?)---\*/", text, re.DOTALL)
    header = found[1] if found else ""
    fields: dict[str, Any] = {}
    for name in ("includes", "flags", "features"):
        inline = re.search(rf"^\s*{name}:\s*\[(.*?)\]", header, re.MULTILINE | re.DOTALL)
        block = re.search(rf"^\s*{name}:\s*\n((?:\s+-\s+\S+\n?)+)", header, re.MULTILINE)
        text_of = inline[1] if inline else block[1].replace("-\u0020", ",") if block else ""
        fields[name] = [part.strip() for part in text_of.replace("\n", ",").split(",") if part.strip()]
    negative = re.search(r"negative:\s*\n(?:\s+phase:.*\n)?\s+type:\s*(\w+)", header)
    fields["negative"] = negative[1] if negative else None
    return fields


def is_claimed(path: Path, fields: dict[str, Any]) -> bool:
    """Whether a test is of what the sandbox claims to have."""
    if "_FIXTURE" in path.name or "module" in fields["flags"] or NOT_CLAIMED & set(fields["features"]):
        return False
    text = path.read_text("utf-8")
    return not re.search(r"\$262\.(agent|createRealm|gc|AbstractModuleSource|IsHTMLDDA)|import\(|Temporal|Intl\b", text)


class Runner:
    """One process's component, and the sandboxes that it makes."""

    def __init__(self, harness: Path) -> None:
        self._harness = harness
        self._guest = Guest(COMPONENT, Path(tempfile.mkdtemp(prefix="capsule-conformance-")), ".mjs")
        self._module = Sandbox(self._guest, RAM).compile((HERE / "main.mjs").read_text("utf-8"))

    def problem(self, path: Path) -> str | None:
        """Why the test did not pass, strictly and not, as far as it is for both."""
        text = path.read_text("utf-8")
        fields = front_matter(text)
        flags = fields["flags"]
        files = [] if "raw" in flags else ["assert.js", "sta.js", *fields["includes"]]
        harness = "\n".join((self._harness / name).read_text("utf-8") for name in files)
        variants = [""] if {"raw", "noStrict"} & set(flags) else ['"use strict";\n']
        if not {"raw", "noStrict", "onlyStrict"} & set(flags):
            variants.append("")
        options = {"isAsync": "async" in flags, "negative": fields["negative"]}
        problems = (self._run(f"{strict}{harness}\n{text}", options) for strict in variants)
        return next((problem for problem in problems if problem is not None), None)

    def _run(self, source: str, options: dict[str, Any]) -> str | None:
        request = {"op": "call", "modules": [self._module], "task": "main", "args": [source, options], "kwargs": {}}
        try:
            reply = Sandbox(self._guest, RAM).run({**request, "env": {}, "tools": [], "max_result_bytes": 1 << 20})
        except Exception as error:
            return str(error).splitlines()[0]
        if "ok" in reply:
            answer: str | None = reply["ok"]
            return answer
        return f"{reply['error']['type']}: {reply['error']['message']}"


runner: Runner


def start(harness: Path) -> None:
    """Called first in each process."""
    global runner
    runner = Runner(harness)


def attempt(path: Path) -> tuple[Path, str | None]:
    """Runs one test."""
    return path, runner.problem(path)


def test262(folder: Path, sample: int, seed: int, show: bool) -> None:
    """Prints the shares of test262."""
    claimed = []
    for area in AREAS:
        for path in sorted((folder / "test" / area).rglob("*.js")):
            if "Temporal" not in path.parts and is_claimed(path, front_matter(path.read_text("utf-8"))):
                claimed.append(path)
    chosen = claimed if sample == 0 else random.Random(seed).sample(claimed, min(sample, len(claimed)))
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    with multiprocessing.Pool(2, start, (folder / "harness",)) as pool:
        for path, problem in pool.imap_unordered(attempt, chosen, chunksize=20):
            area = path.relative_to(folder / "test").parts[0]
            totals[area][0] += problem is None
            totals[area][1] += 1
            if show and problem is not None:
                print(f"{path.relative_to(folder)}: {problem}")
    print(f"test262: {len(chosen)} of {len(claimed)} tests, seed {seed}")
    for area, (passed, count) in sorted(totals.items()):
        print(f"  {area:10} {passed:6} of {count:6}  {100 * passed / count:5.1f} %")


URLS = """
const fields = ["href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];
function parse(cases) {
  return cases.filter((one) => {
    try {
      const url = new URL(one.input, one.base ?? undefined);
      return one.failure || fields.some((field) => field in one && url[field] !== one[field]);
    } catch {
      return !one.failure;
    }
  }).map((one) => [one.input, one.base]);
}
function set(groups) {
  const failed = [];
  for (const [field, cases] of Object.entries(groups)) {
    for (const one of cases) {
      const url = new URL(one.href);
      url[field] = one.new_value;
      if (Object.entries(one.expected).some(([name, value]) => url[name] !== value)) failed.push([field, one.href]);
    }
  }
  return failed;
}
export const main = (kind, cases) => (kind === "parsing" ? parse(cases) : set(cases));
"""


def urls(folder: Path, show: bool) -> None:
    """Prints the share of the Web-platform tests of URLs."""
    guest = Guest(COMPONENT, Path(tempfile.mkdtemp(prefix="capsule-conformance-")), ".mjs")
    parsing = [one for one in json.loads((folder / "urltestdata.json").read_text("utf-8")) if isinstance(one, dict)]
    setting = json.loads((folder / "setters_tests.json").read_text("utf-8"))
    setting = {name: cases for name, cases in setting.items() if name != "comment"}
    # Lone surrogates are no JSON text between host and guest.
    parsing = [one for one in parsing if not re.search(r"[\ud800-\udfff]", json.dumps(one, ensure_ascii=False))]
    for name, value in (("parsing", parsing), ("setters", setting)):
        failed = guest.call(URLS, name, value)["ok"]
        count = len(parsing) if name == "parsing" else sum(map(len, setting.values()))
        print(f"urls {name:8} {count - len(failed):6} of {count:6}  {100 * (1 - len(failed) / count):5.1f} %")
        for one in failed if show else []:
            print(f"  {one}")


def fetch_urls(folder: Path) -> Path:
    """The crate's tests, by cargo."""
    subprocess.run(["cargo", "init", "--quiet", "--vcs", "none", "--name", "conformance"], cwd=folder, check=True)
    subprocess.run(["cargo", "add", "--quiet", URL_CRATE.replace("@", "@=")], cwd=folder, check=True)
    subprocess.run(["cargo", "vendor", "--quiet"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder / "vendor" / "url" / "tests"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test262", type=Path)
    parser.add_argument("--urls", type=Path)
    parser.add_argument("--sample", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--failures", action="store_true", help="print what fails, and how")
    given = parser.parse_args()
    if given.test262 is not None:
        test262(given.test262, given.sample, given.seed, given.failures)
    with tempfile.TemporaryDirectory() as folder:
        urls(given.urls or fetch_urls(Path(folder)), given.failures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
