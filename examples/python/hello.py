"""The smallest program: one task, run in a sandbox of its own.

    capsule run examples/python/hello.py
    capsule run examples/python/hello.py Ada
    python examples/python/hello.py
"""

import platform

from capsule import task


@task(compute="LOW", ram="64MB", timeout="30s")
def main(name: str = "world") -> str:
    print(f"inside the sandbox: {platform.python_implementation()} on {platform.system()}")
    return f"Hello, {name}!"


if __name__ == "__main__":
    print(main())
