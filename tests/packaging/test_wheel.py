"""A built wheel holds what an installed nyala needs: a checkout would hide a forgotten file."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = {".npz", ".cc", ".h"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """nyala's wheel, built from a copy so that the build leaves nothing in the checkout."""
    work = tmp_path_factory.mktemp("wheel")
    ignore = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(ROOT / "nyala", work / "nyala", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, work)
    build = "from setuptools import build_meta; print(build_meta.build_wheel('.'))"
    made = subprocess.run([sys.executable, "-c", build], cwd=work, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return work / made.stdout.splitlines()[-1]


def test_every_module_and_data_file_is_in_the_wheel(wheel):
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "nyala").rglob("*")
        if path.suffix in DATA | {".py"}
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("nyala/")}
    assert held == wanted


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
