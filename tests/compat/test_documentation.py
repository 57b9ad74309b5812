"""The table of tf names in the documentation is what its program writes."""

from __future__ import annotations

import importlib.util


def test_the_table_of_names_is_up_to_date(repository):
    path = repository / "docs" / "generate_compatibility.py"
    spec = importlib.util.spec_from_file_location("generate_compatibility", path)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    written = program.PAGE.read_text(encoding="utf-8")
    assert written == program.page_with_table(), "run: python docs/generate_compatibility.py"
    assert "| `reduce_sum` | `nyala.ops.sum` |" in written
