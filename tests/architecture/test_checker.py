"""The checks of test_imports find what they are there to find: each is shown a small bad house."""

from __future__ import annotations

import pytest

from tests.architecture import test_imports as checks
from tests.architecture.imports import cycles, read_package

ORDER = ("low", "high", "")


@pytest.fixture
def house(tmp_path):
    def build(files: dict[str, str]):
        for name, text in {
            "__init__.py": "",
            "low/__init__.py": "",
            "high/__init__.py": "",
        }.items():
            files.setdefault(name, text)
        for name, text in files.items():
            path = tmp_path / "nyala" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return read_package(tmp_path / "nyala")

    return build


@pytest.mark.parametrize(
    "text",
    [
        "import nyala.high",
        "from nyala import high",
        "from nyala.high import anything",
        "from ..high import anything",
        "from .. import high",
        "def lazily():\n    from nyala.high import anything",
        "import importlib\nhigh = importlib.import_module('nyala.high')",
        "import typing\nif typing.TYPE_CHECKING:\n    pass\nelse:\n    import nyala.high",
        "import nyala",
        "from nyala import a_public_name",
    ],
)
def test_a_downward_import_is_found(house, text):
    found = checks.downward(house({"low/_x.py": text}), ORDER)
    assert [i.importer for i in found] == ["nyala.low._x"]


@pytest.mark.parametrize(
    "text",
    [
        "from nyala.low import anything",
        "from nyala.high import _y",
        "import numpy.high",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from nyala import late",
    ],
)
def test_an_upward_import_is_allowed(house, text):
    package = house({"high/_x.py": text, "high/_y.py": ""})
    assert checks.downward(package, ORDER) == []


def test_a_cycle_through_a_lazy_import_is_found(house):
    package = house(
        {
            "low/_a.py": "from nyala.low import _b",
            "low/_b.py": "def later():\n    from nyala.low._c import f",
            "low/_c.py": "from nyala.low._a import g",
        }
    )
    assert checks.file_cycles(package) == [["nyala.low._a", "nyala.low._b", "nyala.low._c"]]


def test_a_file_that_imports_its_own_face_is_a_cycle(house):
    package = house(
        {"low/__init__.py": "from nyala.low._a import f", "low/_a.py": "import nyala.low"}
    )
    assert checks.file_cycles(package) == [["nyala.low", "nyala.low._a"]]


def test_a_chain_is_no_cycle():
    assert cycles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
    assert cycles({"a": {"a"}}) == [["a"]]


@pytest.mark.parametrize(
    "text",
    [
        "from jax._src import core",
        "import jax._src.core",
        "from jax import _src",
        "import tensorflow as tf",
        "def f():\n    import keras.layers",
        "from torch import nn",
    ],
)
def test_a_banned_import_is_found(house, text):
    assert len(checks.banned(house({"low/_x.py": text}))) == 1


def test_a_name_that_only_begins_like_a_banned_one_is_allowed(house):
    assert checks.banned(house({"low/_x.py": "import kerastools, jax._source"})) == []


def test_a_public_file_name_is_found(house):
    assert checks.misnamed(house({"low/pooling.py": ""})) == ["nyala.low.pooling"]


def test_a_function_is_measured_without_its_docstring(house):
    package = house(
        {"low/_x.py": 'def f():\n    """One.\n\n    Two.\n    """\n    a = 1\n    return a\n'}
    )
    assert checks.function_lengths(package) == [(3, "nyala.low._x:1 f")]


def test_a_missing_docstring_is_found():
    class Base:
        """Described."""

    class Inherits(Base):
        pass

    def described():
        """Described."""

    def bare():
        pass

    values = (Base, described, 3.5, Inherits, bare)
    assert [checks._documented(v) for v in values] == [True, True, True, False, False]
