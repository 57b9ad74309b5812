"""Builds the native kernels into the package where a C++ compiler is there.

Everything else about the package stands in pyproject.toml. Without a compiler, or without jaxlib's
headers, the package is built without them and runs on XLA alone (`nyala doctor` tells).
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext


def load_builder():
    """Load the module that compiles without importing nyala, which wants its dependencies."""
    path = Path(__file__).parent / "nyala" / "kernels" / "_native_build.py"
    spec = importlib.util.spec_from_file_location("nyala_native_build", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


builder = load_builder()


class BuildNative(build_ext):
    """Compiles with our own commands; a failure leaves the library out."""

    def get_ext_filename(self, fullname: str) -> str:
        """A plain shared library: no Python ABI is in its name."""
        return str(Path(*fullname.split(".")[:-1]) / builder.LIBRARY.name)

    def build_extension(self, ext: Extension) -> None:
        """Compile, or tell why not."""
        try:
            builder.build(Path(self.get_ext_fullpath(ext.name)).absolute())
        except builder.BuildError as error:
            print(f"warning: nyala is built without native kernels: {error}", file=sys.stderr)

    def get_outputs(self) -> list[str]:
        """The library, if it could be built."""
        return [path for path in super().get_outputs() if Path(path).exists()]


class AnyPython(bdist_wheel):
    """The library is called through XLA, so one wheel serves every Python of a platform."""

    def get_tag(self) -> tuple[str, str, str]:
        """Name the platform alone where there is a library."""
        python, abi, platform = super().get_tag()
        if self.distribution.ext_modules:
            return "py3", "none", platform
        return python, abi, platform


missing = builder.missing()
if missing:
    print(f"warning: nyala is built without native kernels: {missing}", file=sys.stderr)
library = Extension("nyala.kernels.native.libnyala_kernels", [], optional=True)
setup(
    ext_modules=[] if missing else [library],
    cmdclass={"build_ext": BuildNative, "bdist_wheel": AnyPython},
)
