"""The command `nyala`: run scripts written for TensorFlow or Keras; look at the installation."""

from __future__ import annotations

import builtins
import importlib.metadata
import json
import os
import platform
import runpy
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path

from nyala._version import __version__
from nyala.compat import install
from nyala.core import did_you_mean

__all__ = ["main"]

_USAGE = """\
usage: nyala run script.py [arguments]
       nyala run -m module [arguments]
       nyala run -c code [arguments]
       nyala inspect FILE [--json]
       nyala doctor
       nyala --version

`nyala run` runs a program as `python` would, but with `tensorflow`, `keras`, `tf_keras` and
`keras_tuner` meaning nyala. `nyala inspect` shows what a model file holds, and what is suspicious
in it, without building it. `nyala doctor` prints versions, devices and settings.
"""
_INTERRUPTED = 130
_SUSPICIOUS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: what stands behind `nyala`; `sys.argv[1:]` by default.

    Returns:
        The exit status: 0, 1 after an uncaught exception, 2 for wrong usage, 3 where `inspect`
        found something suspicious, 130 after an interruption. `sys.exit` in a script passes
        through.

    >>> from nyala.cli import main
    >>> main(["--version"])  # doctest: +ELLIPSIS
    nyala ...
    0
    """
    command, *rest = [*(sys.argv[1:] if arguments is None else arguments), ""]
    if command in ("", "-h", "--help", "help"):
        print(_USAGE, end="")
        return 0 if command else 2
    if command in ("-V", "--version", "version"):
        print(f"nyala {__version__}")
        return 0
    if command in _COMMANDS:
        return _COMMANDS[command](rest[:-1])
    return _wrong_usage(f"unknown command {command!r}.{did_you_mean(command, _COMMANDS)}")


def _wrong_usage(message: str) -> int:
    print(f"nyala: {message}\n{_USAGE}", end="", file=sys.stderr)
    return 2


# -- nyala run -----------------------------------------------------------------------------------


def _run(arguments: list[str]) -> int:
    kind = arguments[0] if arguments and arguments[0] in ("-m", "-c") else ""
    rest = arguments[1:] if kind else arguments
    if not rest or (not kind and rest[0].startswith("-")):
        return _wrong_usage("run expects a script, `-m module` or `-c code`.")
    if not kind and not os.path.exists(rest[0]):
        return _wrong_usage(f"there is no file {rest[0]!r}.")
    install()
    target, sys.argv = rest[0], list(rest)
    try:
        _RUNNERS[kind](target)
    except SystemExit:
        raise
    except BaseException as error:
        _show(error)
        return _INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _run_script(path: str) -> None:
    path = os.path.abspath(path)
    if os.path.isdir(path) or path.endswith((".zip", ".pyz")):
        runpy.run_path(path, run_name="__main__")
        return
    _look_first_in(str(Path(path).resolve().parent))
    with open(path, "rb") as file:
        source = file.read()
    _run_source(source, path)


def _run_code(code: str) -> None:
    sys.argv[0] = "-c"
    _look_first_in("")
    _run_source(code, "<string>")


def _run_module(name: str) -> None:
    _look_first_in(os.getcwd())
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def _look_first_in(folder: str) -> None:
    if not sys.flags.safe_path:  # with `python -P`, the first entry is a real one
        sys.path[0] = folder


def _run_source(source: str | bytes, file: str) -> None:
    """Run source text as `__main__`, which stays as it is until the process ends."""
    module = types.ModuleType("__main__")
    if file != "<string>":
        module.__file__ = file
    module.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = module
    exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)


_RUNNERS: dict[str, Callable[[str], None]] = {"": _run_script, "-m": _run_module, "-c": _run_code}


def _show(error: BaseException) -> None:
    """Print a traceback that begins in the user's own code."""
    trace = error.__traceback__
    while trace is not None and _is_machinery(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)


def _is_machinery(file: str) -> bool:
    return file in (__file__, runpy.__file__) or file == "<frozen runpy>"


# -- nyala doctor --------------------------------------------------------------------------------


def _doctor(arguments: list[str]) -> int:
    if arguments:
        return _wrong_usage(f"doctor takes no arguments; got {arguments}.")
    for name, value in _facts():
        print(f"{name:<20} {value}")
    return 0


def _facts() -> list[tuple[str, str]]:
    # Imported here: `nyala --version` needs no jax.
    import jax

    from nyala import config, kernels

    return [
        ("nyala", f"{__version__} ({Path(__file__).parent})"),
        ("python", f"{platform.python_version()} ({sys.executable})"),
        ("platform", f"{platform.platform()}, {os.cpu_count()} processors"),
        *((name, _version_of(name)) for name in _LIBRARIES),
        ("devices", ", ".join(map(str, jax.devices()))),
        ("kernels", kernels.kernels_mode()),
        ("native library", kernels.native_state()),
        ("native kernels", _native_kernels(kernels.native_kernels())),
        ("eager mode", config.eager_mode()),
        ("compilation cache", config.compilation_cache() or "off"),
        ("floatx", config.floatx()),
        ("not used by nyala", ", ".join(filter(_is_there, _OTHERS)) or "none installed"),
    ]


def _native_kernels(there: dict[str, bool]) -> str:
    missing = [name for name, is_there in there.items() if not is_there]
    used = [name for name, is_there in there.items() if is_there]
    text = ", ".join(used) or "none"
    return f"{text}; on XLA instead: {', '.join(missing)}" if missing else text


_LIBRARIES = ("jax", "jaxlib", "numpy", "ml_dtypes", "h5py", "pillow", "pyarrow", "rich")
_OTHERS = ("tensorflow", "keras", "tf_keras", "keras_tuner", "torch")


def _version_of(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _is_there(distribution: str) -> bool:
    return _version_of(distribution) != "not installed"


# -- nyala inspect -------------------------------------------------------------------------------


def _inspect(arguments: list[str]) -> int:
    as_json = "--json" in arguments
    paths = [argument for argument in arguments if argument != "--json"]
    if len(paths) != 1 or paths[0].startswith("-"):
        return _wrong_usage("inspect expects one model file, and perhaps --json.")
    # Imported here: the other commands need no reader of files.
    from nyala.saving import inspect_file, print_inspection

    try:
        found = inspect_file(paths[0])
    except OSError as error:
        print(f"nyala: {error}", file=sys.stderr)
        return 1
    if as_json:
        print(json.dumps(found.as_dict(), indent=1))
    else:
        print_inspection(found)
    return _SUSPICIOUS if found.suspicious else 0


_COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": _run, "inspect": _inspect, "doctor": _doctor,
}  # fmt: skip
