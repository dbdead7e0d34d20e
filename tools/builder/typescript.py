"""The step of the TypeScript SDK, which needs Node; a machine without it builds the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from builder.graph import Step
from builder.tool import run_tool

if TYPE_CHECKING:
    from builder.layout import Layout


def typescript_steps(layout: Layout, npm: str) -> list[Step]:
    """The package that JavaScript programs of a checkout import: `@capsule/sdk`."""
    folder = layout.root / "sdk-typescript"
    return [
        Step(
            "sdk-typescript",
            "TypeScript SDK",
            lambda: build_sdk(layout, npm),
            outputs=[folder / "node_modules", folder / "dist" / "index.js", folder / "dist" / "index.d.ts"],
            inputs=[*(folder / name for name in PACKAGE_FILES), *folder.glob("tsconfig*.json"), folder / "src"],
            extra=[str(layout.root)],
        ),
    ]


PACKAGE_FILES = ("package.json", "package-lock.json", ".npmrc")


def build_sdk(layout: Layout, npm: str) -> None:
    """Installs what the SDK needs and compiles it."""
    folder = layout.root / "sdk-typescript"
    log = layout.log("sdk-typescript")
    # As the guest's packages: not by `npm ci`, and no package's scripts are run.
    install = [npm, "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run_tool(install, log=log, cwd=folder)
    run_tool([npm, "run", "--silent", "build"], log=log, cwd=folder, append=True)
