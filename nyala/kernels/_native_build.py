"""Compiles the native kernels into one shared library.

    python -m nyala.kernels._native_build [--output FILE] [--sanitize address|undefined|thread]

The package's build (setup.py) runs this too, where there is a compiler. It needs a C++17 compiler
with GCC's vector extension (GCC 9 or Clang 10 and later) and the headers in jaxlib's wheel, and
nothing but the standard library, since it is also read where jax is not installed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDER = Path(__file__).parent / "native"
_SUFFIX = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
LIBRARY = FOLDER / f"libnyala_kernels{_SUFFIX}"

_FLAGS = (
    "-std=c++17", "-O3", "-DNDEBUG", "-fPIC", "-fvisibility=hidden", "-fno-math-errno",
    "-fno-trapping-math", "-Wall", "-Wextra", "-Wno-unknown-pragmas", "-Wno-psabi",
)  # fmt: skip
# Files *.simd.cc are compiled once for each; see native/isa.h.
_X86_SETS = {
    "baseline": (),
    "avx2": ("-march=x86-64-v3",),
    "avx512": ("-march=x86-64-v4", "-mprefer-vector-width=512"),
}


class BuildError(Exception):
    """There is no compiler, no header, or the compiler failed; the text says which."""


def source_hash() -> str:
    """A digest of all sources: a library that was built from others is not used."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def sources() -> list[Path]:
    return sorted(path for path in FOLDER.iterdir() if path.suffix in (".cc", ".h"))


def find_compiler() -> str | None:
    """The compiler that `CXX` names, or the first of the usual names that is installed."""
    names = [os.environ["CXX"]] if os.environ.get("CXX") else ["c++", "g++", "clang++"]
    return next(filter(None, map(shutil.which, names)), None)


def jaxlib_headers() -> Path | None:
    """The folder of XLA's headers in the installed jaxlib, found without importing it."""
    found = importlib.util.find_spec("jaxlib")
    folders = found.submodule_search_locations or [] if found else []
    candidates = (Path(folder) / "include" for folder in folders)
    return next((path for path in candidates if (path / "xla/ffi/api/ffi.h").is_file()), None)


def missing() -> str | None:
    """What is not there and needed, or `None`."""
    if find_compiler() is None:
        return "no C++ compiler was found; install one, or name it in CXX"
    if jaxlib_headers() is None:
        return "the headers of jaxlib were not found; install jaxlib first"
    return None


def build(output: Path = LIBRARY, extra_flags: Sequence[str] = ()) -> None:
    """Compile and link the library; `output` appears whole or not at all.

    Args:
        output: the file to make.
        extra_flags: for the compiler and the linker alike.

    Raises:
        BuildError: if it cannot be made.
    """
    if reason := missing():
        raise BuildError(reason)
    compiler, headers = find_compiler(), jaxlib_headers()
    define = f'-DNYALA_SOURCE_HASH="{source_hash()}"'
    wished = shlex.split(os.environ.get("CXXFLAGS", ""))
    common = [compiler, *_FLAGS, *wished, *extra_flags, define, "-isystem", str(headers)]
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nyala-native-") as work:
        objects = _compile_all(common, Path(work))
        aside = output.with_name(f"{output.name}.{os.getpid()}.tmp")
        _run([compiler, "-shared", *extra_flags, "-o", str(aside), *map(str, objects)])
        os.replace(aside, output)


def _compile_all(common: list[str], work: Path) -> list[Path]:
    jobs = []
    for source in sources():
        if source.suffix == ".cc":
            for name, flags in _instruction_sets(source).items():
                target = work / f"{source.stem}.{name}.o"
                jobs.append([*common, *flags, f"-DNYALA_ISA={name}", "-c", str(source), "-o",
                             str(target)])  # fmt: skip
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(_run, jobs))
    return [Path(job[-1]) for job in jobs]


def _instruction_sets(source: Path) -> dict[str, tuple[str, ...]]:
    if ".simd" in source.suffixes and platform.machine().lower() in ("x86_64", "amd64"):
        return _X86_SETS
    return {"baseline": ()}


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"the compiler failed: {' '.join(command)}\n{done.stderr}")
    if done.stderr:
        print(done.stderr, file=sys.stderr, end="")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compile nyala's native kernels.")
    parser.add_argument("--output", type=Path, default=LIBRARY)
    parser.add_argument("--sanitize", choices=("address", "undefined", "thread"))
    parser.add_argument("--if-possible", action="store_true", help="succeed without a compiler")
    options = parser.parse_args(arguments)
    flags = [f"-fsanitize={options.sanitize}", "-g", "-O1"] if options.sanitize else []
    try:
        build(options.output, flags)
    except BuildError as error:
        print(f"nyala: no native kernels: {error}", file=sys.stderr)
        return 0 if options.if_possible else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
