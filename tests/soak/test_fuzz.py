"""A hundred thousand damaged model files (`make soak`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("seed", range(1000, 1020))
def test_damaged_files_load_or_say_why(seed, tmp_path, repository):
    fuzz = repository / "tests" / "faults" / "hostile" / "fuzz.py"
    environment = {**os.environ, "PYTHONPATH": str(repository), "JAX_PLATFORMS": "cpu"}
    child = subprocess.run([sys.executable, fuzz, "5000", str(seed)], cwd=tmp_path,
                           env=environment, capture_output=True, text=True)  # fmt: skip
    assert child.returncode == 0, f"{list(tmp_path.iterdir())}\n{child.stderr[-3000:]}"
    assert json.loads(child.stdout.splitlines()[-1])["files"] == 5000
