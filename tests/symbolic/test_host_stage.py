"""Graphs cut where strings become numbers."""

from __future__ import annotations

import numpy as np
import pytest

from nyala import Function, Input, layers, ops
from nyala.symbolic import needs_host, split_stages

WORDS = ["a", "b", "c"]


def strings(*values):
    return ops.convert_to_tensor(list(values))


def lookup(**kwargs):
    return layers.StringLookup(vocabulary=WORDS, **kwargs)


def run(function, *inputs):
    host, device = split_stages(function)
    assert needs_host(host)
    assert not needs_host(device)
    return device(host(list(inputs)))


def test_numeric_graph_needs_no_host():
    x = Input((2,))
    assert not needs_host(Function(x, layers.Dense(1)(x)))


def test_cut_behind_the_lookup_keeps_values_and_structure():
    x = Input((1,), dtype="string")
    indices = lookup()(x)
    function = Function(x, {"twice": indices * 2, "same": indices})
    whole = function(strings(["b"], ["?"]))
    parts = run(function, strings(["b"], ["?"]))
    assert set(parts) == {"twice", "same"}
    for key in parts:
        np.testing.assert_array_equal(parts[key].numpy(), whole[key].numpy())
    assert parts["twice"].tolist() == [[4], [0]]


def test_numbers_pass_the_host_stage_by():
    text, number = Input((1,), dtype="string"), Input((1,))
    output = layers.Dense(1, kernel_initializer="ones")(
        layers.Concatenate()([layers.CategoryEncoding(4)(lookup()(text)), number])
    )
    function = Function([text, number], output)
    host, _ = split_stages(function)
    assert [t.dtype for t in host.outputs] == ["int32", "float32"]
    value = run(function, strings(["c"]), ops.convert_to_tensor([[2.5]]))
    assert value.tolist() == [[3.5]]


def test_what_strings_share_is_computed_once():
    x = Input((1,), dtype="string")
    indices = lookup()(x)
    host, device = split_stages(Function(x, [indices + 1, indices - 1]))
    assert len(host.outputs) == 1
    assert len(device.inputs) == 1


def test_ancestors_of_a_host_layer_run_on_the_host():
    x = Input((1,), dtype="int32")
    bins = layers.Hashing(5)(x * 3)
    function = Function(x, bins + 1)
    host, _ = split_stages(function)
    assert [node.operation.name for node in host.nodes if not node.is_input][-1].startswith("hash")
    whole = function(ops.convert_to_tensor([[4]]))
    np.testing.assert_array_equal(run(function, ops.convert_to_tensor([[4]])), whole.numpy())


def test_strings_among_outputs_cannot_be_split():
    x = Input((1,), dtype="int32")
    back = lookup(invert=True)(x)
    assert split_stages(Function(x, back)) is None


def test_trained_weights_before_a_host_layer_cannot_be_split():
    x = Input((3,))
    best = ops.argmax(layers.Dense(3)(x), axis=-1)
    function = Function(x, layers.IntegerLookup(vocabulary=[0, 1, 2])(best))
    assert needs_host(function)
    assert split_stages(function) is None


@pytest.mark.parametrize("mode", ["int", "multi_hot"])
def test_only_a_host_layer(mode):
    x = Input((2,), dtype="string")
    function = Function(x, lookup(output_mode=mode)(x))
    values = strings(["a", "?"], ["c", "c"])
    np.testing.assert_array_equal(run(function, values).numpy(), function(values).numpy())
