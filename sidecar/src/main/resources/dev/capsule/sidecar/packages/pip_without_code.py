"""Runs pip so that nothing of a package can run: `python pip_without_code.py ARGUMENTS-OF-PIP`.

pip builds what is no wheel by running code of the package in a process of its own. Wheels only are asked for, but a
wheel may depend on a URL, to which pip does not apply that. So this process cannot start any other.
"""

import runpy
import sys

PROCESSES = (
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "subprocess.Popen",
)
INSIDE = {
    "implementation_name": "cpython",
    "implementation_version": "3.14.0",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "wasi",
    "platform_version": "",
    "python_full_version": "3.14.0",
    "python_version": "3.14",
    "sys_platform": "wasi",
}


def refuse_processes(event, _arguments):
    if event in PROCESSES:
        raise PermissionError("packages are installed from wheels only: no other process may be started")


def main():
    try:
        import pip  # noqa: F401
    except ImportError:
        sys.exit("CAPSULE: no pip")
    know_the_sandbox()
    sys.addaudithook(refuse_processes)
    sys.argv[0] = "pip"
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


def know_the_sandbox():
    """Lets markers be about the sandbox's Python, and prefers pure wheels where a version has both kinds.

    pip has no option for either. Where its insides are other than known here, markers are about this Python, and native
    wheels are taken, whose native parts are left out later.
    """
    try:
        from pip._vendor.packaging import markers

        outside = markers.default_environment
        markers.default_environment = lambda: {**outside(), **INSIDE}
    except (ImportError, AttributeError):
        pass
    try:
        from pip._internal.models import target_python

        supported = target_python.get_supported
        target_python.get_supported = lambda *args, **kwargs: sorted(
            supported(*args, **kwargs), key=lambda tag: tag.platform != "any"
        )
    except (ImportError, AttributeError):
        pass


if __name__ == "__main__":
    main()
