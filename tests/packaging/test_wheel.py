"""A built wheel holds what an installed nyala needs: a checkout would hide a forgotten file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from nyala.kernels import _native_build

ROOT = Path(__file__).resolve().parents[2]
DATA = {".npz", ".cc", ".h"}


def build_wheel(work: Path, **environment: str) -> Path:
    """Build nyala's wheel from a copy, so that nothing is left in the checkout."""
    ignore = shutil.ignore_patterns("__pycache__", "*.so", "*.dylib", "*.dll")
    shutil.copytree(ROOT / "nyala", work / "nyala", ignore=ignore)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, work)
    build = "from setuptools import build_meta; print(build_meta.build_wheel('.'))"
    made = subprocess.run(
        [sys.executable, "-c", build],
        cwd=work,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    if "CXX" in environment:
        assert "built without native kernels: no C++ compiler" in made.stderr
    return work / made.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel that is built where there is no compiler."""
    return build_wheel(tmp_path_factory.mktemp("wheel"), CXX="no-such-compiler")


def test_every_module_and_data_file_is_in_the_wheel(wheel):
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "nyala").rglob("*")
        if path.suffix in DATA | {".py"}
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("nyala/")}
    assert held == wanted


def test_without_a_compiler_the_wheel_is_for_every_platform(wheel):
    assert wheel.name.endswith("-py3-none-any.whl")


@pytest.mark.skipif(_native_build.missing() is not None, reason=str(_native_build.missing()))
def test_with_a_compiler_the_wheel_holds_native_kernels_for_every_python(tmp_path):
    wheel = build_wheel(tmp_path, CXXFLAGS="-O0")  # compiled quickly: it is loaded, no more
    assert "-py3-none-" in wheel.name
    assert not wheel.name.endswith("-any.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    program = "from nyala import kernels; print(kernels.native_state())"
    output = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path / "installed",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert output.startswith(str(tmp_path / "installed/nyala/kernels/native/"))


def test_licences_and_the_command_are_in_the_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {name.partition(".dist-info/")[2]: name for name in archive.namelist()}
        assert "Apache License" in archive.read(held["licenses/LICENSE"]).decode()
        assert "Alpaydin" in archive.read(held["licenses/NOTICE"]).decode()
        assert "nyala = nyala.cli:main" in archive.read(held["entry_points.txt"]).decode()


def test_an_installed_nyala_reads_its_data(wheel, tmp_path):
    """Imported from the unpacked wheel, far from the checkout."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    program = (
        "from nyala.datasets import digits; print(digits.__file__, digits.load_data()[0][0].shape)"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert output.split(maxsplit=1) == [
        str(tmp_path / "nyala/datasets/digits.py"),
        "(1437, 8, 8)\n",
    ]
