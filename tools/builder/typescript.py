"""The steps of the TypeScript SDK and its examples, which need Node; a machine without it builds the rest."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from builder.graph import Step
from builder.javascript import npm_install
from builder.tool import run_tool

if TYPE_CHECKING:
    from pathlib import Path

    from builder.layout import Layout


def typescript_steps(layout: Layout, npm: str) -> list[Step]:
    """The package that JavaScript programs of a checkout import: `@capsule/sdk`."""
    folder = layout.root / "sdk-typescript"
    examples = layout.root / "examples" / "typescript"
    return [
        Step(
            "sdk-typescript",
            "TypeScript SDK",
            lambda: build_sdk(layout, npm),
            outputs=[folder / "node_modules", folder / "dist" / "index.js", link_of(layout) / "dist" / "index.d.ts"],
            inputs=[*(folder / name for name in PACKAGE_FILES), *folder.glob("tsconfig*.json"), folder / "src"],
            extra=[str(layout.root)],
        ),
        Step(
            "examples-typescript",
            "packages of the examples",
            lambda: npm_install(npm, examples, layout.log("examples-typescript")),
            outputs=[examples / "node_modules"],
            inputs=[examples / name for name in PACKAGE_FILES],
            extra=[str(layout.root)],
        ),
    ]


PACKAGE_FILES = ("package.json", "package-lock.json", ".npmrc")


def link_of(layout: Layout) -> Path:
    """Where every program of the checkout finds the SDK, as if it were installed."""
    return layout.root / "node_modules" / "@capsule" / "sdk"


def build_sdk(layout: Layout, npm: str) -> None:
    """Installs what the SDK needs, compiles it, and links to it."""
    folder = layout.root / "sdk-typescript"
    npm_install(npm, folder, layout.log("sdk-typescript"))
    run_tool([npm, "run", "--silent", "build"], log=layout.log("sdk-typescript"), cwd=folder, append=True)
    link = link_of(layout)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(folder, link.parent), target_is_directory=True)
