"""Shapes and dtypes of symbolic results next to those that real Keras infers for the same calls."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import nyala.ops as ops
from nyala.symbolic import KerasTensor
from tests.differential.test_ops_numpy import CASES

keras = pytest.importorskip("keras")

# Their result's shape depends on values: Keras draws a node that its JAX backend cannot compile.
VALUE_DEPENDENT = {"bincount", "nonzero", "unique"}
# Keras infers what the call then does not return: corrcoef of 2 variables is a 2×2 matrix, eig
# gives complex numbers, the pivots of lu_factor are integers, positions are 32-bit ones.
WRONG_IN_KERAS = {"corrcoef", "linalg.eig", "linalg.lu_factor", "searchsorted"}
# Keras lets an unknown length stand for any other, where one must equal a known one.
UNSOUND_UNKNOWN = {"matmul", "dot", "tensordot", "diag", "take_along_axis", "slogdet", "logdet"}

DRAWN = [case for case in CASES if case.name not in VALUE_DEPENDENT | WRONG_IN_KERAS]


@pytest.mark.parametrize("case", DRAWN, ids=str)
def test_known_shape(case):
    shapes = [np.shape(a) for a in case.arrays]
    assert describe(call(case, ops, KerasTensor, shapes)) == describe(
        call(case, keras.ops, keras.KerasTensor, shapes)
    )


@pytest.mark.parametrize("case", [c for c in DRAWN if c.name not in UNSOUND_UNKNOWN], ids=str)
def test_unknown_first_axis(case):
    shapes = [(None, *np.shape(a)[1:]) for a in case.arrays]
    try:
        wanted = describe(call(case, keras.ops, keras.KerasTensor, shapes))
    except (TypeError, ValueError) as error:
        pytest.skip(f"Keras cannot infer it: {error}")
    assert describe(call(case, ops, KerasTensor, shapes)) == wanted


def call(case, library, tensor, shapes):
    dtypes = [str(np.asarray(a).dtype).replace("int64", "int32") for a in case.arrays]
    return case.call(library, [tensor(s, d) for s, d in zip(shapes, dtypes, strict=True)])


def describe(result):
    leaves = jax.tree.leaves(result, is_leaf=lambda x: hasattr(x, "shape"))
    return [(tuple(leaf.shape), str(leaf.dtype)) for leaf in leaves]


@pytest.mark.parametrize("name", sorted(VALUE_DEPENDENT))
def test_value_dependent_shapes_are_refused(name):
    with pytest.raises(TypeError, match=f"ops.{name}: the result's shape depends on the values"):
        getattr(ops, name)(KerasTensor((None, 3), "int32"))
