"""Two thousand damaged files: each loads, or raises nyala's own error (`fuzz.py` says what counts).

In processes of their own, so that a crash would be seen, and with all that is watched.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).with_name("fuzz.py")


def run(count: int, seed: int, folder: Path, repository: Path) -> dict:
    environment = {**os.environ, "PYTHONPATH": str(repository), "JAX_PLATFORMS": "cpu"}
    child = subprocess.run([sys.executable, FUZZ, str(count), str(seed)], cwd=folder,
                           env=environment, capture_output=True, text=True)  # fmt: skip
    assert child.returncode == 0, f"{list(folder.iterdir())}\n{child.stderr[-3000:]}"
    return json.loads(child.stdout.splitlines()[-1])


@pytest.mark.parametrize("seed", [0, 1])
def test_damaged_files_load_or_say_why(seed, tmp_path, repository):
    result = run(1000, seed, tmp_path, repository)
    # Were none loaded, the changes would be too crude to try what comes behind the first check.
    assert result["files"] == 1000
    assert 50 < result["loaded"] < 500
