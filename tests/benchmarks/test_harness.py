"""The harness measures, compares and reports; how fast anything is, no test asks."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks import report
from benchmarks.peers import PEERS
from benchmarks.rows import ROWS
from benchmarks.run import Result


def _harness(repository, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], cwd=repository, text=True,
        capture_output=True, check=False,
    )  # fmt: skip


def test_a_tiny_row_is_measured_in_a_process_of_its_own(repository, tmp_path):
    file = tmp_path / "measured.json"
    done = _harness(
        repository, "mlp", "--tiny", "--rounds", "2", "--only", "nyala", "--json", str(file)
    )
    assert done.returncode == 0, done.stderr
    assert "mlp" in done.stdout
    assert "nyala" in done.stdout
    assert "failed" not in done.stdout
    written = json.loads(file.read_text())
    (row,) = written["rows"]
    assert len(row["seconds"]["nyala"]) == 2
    assert all(seconds > 0 for seconds in row["seconds"]["nyala"])
    assert "jax" in written["versions"]


def test_an_unknown_row_is_named_with_the_known_ones(repository):
    done = _harness(repository, "mpl")
    assert done.returncode == 2
    assert "no row 'mpl'" in done.stderr
    assert "mlp" in done.stderr


def test_every_row_measures_nyala_and_only_peers_that_exist():
    for row in ROWS.values():
        assert row.script or "nyala" in row.makers
        assert set(row.makers) | set(row.bars) <= set(PEERS)


def test_ratios_compare_within_a_round():
    # The machine was slow in the third round: medians apart would say 2.0, and so do the pairs.
    result = Result("mlp", {"nyala": [0.001, 0.001, 0.004], "keras-jax": [0.002, 0.002, 0.008]})
    assert result.median("nyala") == pytest.approx(1.0)
    assert result.ratio("keras-jax") == pytest.approx(2.0)
    assert result.misses() == []


def test_a_missed_bar_is_reported():
    slow = Result("mlp", {"nyala": [0.002], "keras-jax": [0.002]})
    assert slow.misses() == ["1.00 × Keras on JAX, at most 0.77"]
    assert "MISSES" in report.line(slow, ["nyala", "keras-jax"])
    assert Result("predict", {"nyala": [0.001]}).misses() == ["1 ms, at most 0.15"]


def test_the_table_goes_between_the_marks(tmp_path):
    file = tmp_path / "page.md"
    file.write_text("above\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nbelow\n")
    result = Result("mlp", {"nyala": [0.001], "jax": [0.0005]})
    table = report.as_markdown([result], ["nyala", "jax"], {"jax": "0.10.2"}, 1)
    report.write_between_marks(str(file), table)
    text = file.read_text()
    assert text.startswith("above\n")
    assert text.endswith("below\n")
    assert "old" not in text
    assert "| **1** | 0.5 (0.50×) |" in text
