"""`nyala run` on the documents' own runner: every block of a document, unchanged, passes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("document", "cells"),
    [("000", 3), ("001", 4), pytest.param("004", 5, marks=pytest.mark.soak)],
)
def test_every_block_passes(document, cells, shared_dir, repository, tmp_path):
    runner = shared_dir / "seeds" / "run_cells.py"
    if not runner.exists():
        pytest.skip(f"needs {runner}")
    done = subprocess.run(
        [sys.executable, "-m", "nyala", "run", str(runner), "--only", document],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{cells} passed, 0 failed" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.returncode == 0
