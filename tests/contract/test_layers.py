"""What every layer keeps: configs, shapes, compiled code, half precision, gradients, weights."""

from __future__ import annotations

import inspect
import json

import jax
import numpy as np
import pytest

import nyala
from nyala.core import deserialize_keras_object, serialize_keras_object, tree
from nyala.eager import flush_recorded
from tests.contract.case import Case, case_of, values
from tests.contract.rows import all_rows

ROWS = all_rows()

# Classes that are not called by themselves.
ABSTRACT = {
    "Layer": "the base of all",
    "InputLayer": "stands for the data that a model is given",
    "Wrapper": "subclasses say how the layer inside is called",
}


def each(*, where=lambda row: True):
    chosen = [row for row in ROWS if where(row)]
    return pytest.mark.parametrize("row", chosen, ids=[row.id for row in chosen])


def test_row_ids_are_unique():
    ids = [row.id for row in ROWS]
    assert sorted(ids) == sorted(set(ids))


# Layers on the host: no graph, gradient or compiled form of them; see tests/layers/test_text.py and
# test_lookup.py.
OF_TEXT = ("Hashing", "HashedCrossing", "IntegerLookup", "StringLookup", "TextVectorization")


def test_every_layer_class_has_a_row():
    classes = {
        cls.__name__
        for name in nyala.layers.__all__
        if inspect.isclass(cls := getattr(nyala.layers, name))
        and issubclass(cls, nyala.layers.Layer)
    }
    assert classes - {row.layer for row in ROWS} == {*ABSTRACT, *OF_TEXT}


@each()
def test_config_makes_an_equal_layer(row):
    made = case_of(row)
    written = json.dumps(serialize_keras_object(made.layer))
    clone = deserialize_keras_object(json.loads(written))
    assert json.dumps(clone.get_config()) == json.dumps(made.layer.get_config())
    clone(made.inputs, **row.call)
    made.reset()
    clone.set_weights(made.layer.get_weights())
    for random, own in zip(clone.variables, made.layer.variables, strict=True):
        random.assign(own.numpy())
    outputs, _ = made.eager()
    for ours, theirs in zip(values(clone(made.inputs, **row.call)), outputs, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@each()
def test_weights_round_trip(row):
    layer = case_of(row).layer
    before = layer.get_weights()
    try:
        layer.set_weights([w + 1 for w in before])
        for weight, value in zip(layer.get_weights(), before, strict=True):
            np.testing.assert_array_equal(weight, value + 1)
    finally:
        layer.set_weights(before)
    assert [w.shape for w in before] == [tuple(w.shape) for w in layer.weights]


@each(where=lambda row: row.compiled)
def test_symbolic_shape_is_the_eager_one(row):
    made = case_of(row)
    outputs, _ = made.eager()

    def spec_of(x):
        if not isinstance(x, np.ndarray):
            return x
        return nyala.KerasTensor((None, *x.shape[1:]), dtype=x.dtype.name)

    specs, call = tree.map_structure(spec_of, (made.inputs, row.call))
    symbolic = tree.flatten(made.layer(specs, **call))
    batch = jax.tree.leaves(made.inputs)[0].shape[0]
    for spec, output in zip(symbolic, outputs, strict=True):
        filled = tuple(batch if n is None else n for n in spec.shape)
        assert filled == output.shape
        assert spec.dtype == output.dtype.name


@each(where=lambda row: row.compiled)
def test_eager_and_compiled_agree(row):
    made = case_of(row)
    outputs, after = made.eager()
    (_, (compiled, compiled_after)), _ = made.program(made.arguments())
    for ours, theirs in zip(jax.tree.leaves(compiled), outputs, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
    for ours, theirs in zip(compiled_after, after, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


@each(where=lambda row: row.compiled)
def test_second_call_compiles_nothing(row, count_compilations):
    made = case_of(row)
    flush_recorded()  # what earlier tests left pending is no part of this layer's programs
    made.eager()
    with count_compilations() as counter:
        made.eager()
    assert counter.count == 0


@each(where=lambda row: row.half)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float16"])
def test_half_precision(row, policy):
    made, half = case_of(row), Case(row, dtype=policy)
    for own, single in zip(half.layer.variables, made.initial, strict=True):
        own.assign(single)
    expected, _ = made.eager()
    outputs = values(half.layer(half.inputs, **row.call))
    for ours, single in zip(outputs, expected, strict=True):
        if single.dtype.kind == "f":
            assert ours.dtype.name == half.layer.compute_dtype
        np.testing.assert_allclose(
            ours.astype("float32"), single.astype("float32"), rtol=0.1, atol=0.1
        )
    kept = "float32" if policy.startswith("mixed") else policy
    assert {w.dtype.name for w in half.layer.weights if w.dtype.is_floating} <= {kept, "float32"}


@each(where=lambda row: row.compiled and row.gradient)
def test_gradient_is_that_of_finite_differences(row):
    made = case_of(row)
    arguments = made.arguments()
    if not jax.tree.leaves(arguments):
        pytest.fail("nothing to differentiate by: give the row gradient=False")
    generator = np.random.default_rng(11)
    direction = jax.tree.map(lambda a: generator.normal(size=a.shape).astype(a.dtype), arguments)
    _, gradients = made.program(arguments)
    slopes = jax.tree.map(lambda g, d: float(np.vdot(g, d)), gradients, direction)
    step = 2e-3  # small beside the gaps between the values that a maximum is taken of

    def value(sign):
        moved = jax.tree.map(lambda a, d: a + sign * step * d, arguments, direction)
        return float(made.program(moved)[0][0])

    expected = (value(1) - value(-1)) / (2 * step)
    np.testing.assert_allclose(sum(jax.tree.leaves(slopes)), expected, rtol=2e-2, atol=2e-2)
