"""Models next to real Keras 3: names, order of layers and weights, configs, and values."""

from __future__ import annotations

import json

import numpy as np
import pytest

import nyala

keras = pytest.importorskip("keras")


@pytest.fixture(autouse=True)
def _fresh_names():
    keras.utils.clear_session()


def _branches(k):
    a = k.Input((8, 8, 3), name="image")
    b = k.Input((5,), name="table")
    x = k.layers.Conv2D(2, 3, name="conv")(a)
    x = k.layers.GlobalMaxPooling2D()(x)
    y = k.layers.Dense(2)(b)
    both = k.layers.concatenate([x, y])
    return k.Model([a, b], [k.layers.Dense(1)(both), k.layers.Dense(4)(k.layers.Dense(3)(both))])


def _shared(k):
    a, b = k.Input((4,)), k.Input((4,))
    shared = k.layers.Dense(4)
    late = k.layers.Dense(4)
    x = shared(late(shared(a)))
    return k.Model([a, b], k.layers.add([x, shared(b), k.layers.Dense(4)(x)]))


def _residual(k):
    a = k.Input((6,))
    x = k.layers.Dense(6, activation="relu")(a)
    for _ in range(2):
        y = k.layers.Dense(6)(x)
        y = k.layers.BatchNormalization()(y)
        x = k.layers.Activation("relu")(k.layers.add([x, y]))
    return k.Model(a, k.layers.Dense(1)(x))


def _operations(k):
    a = k.Input((4,))
    x = k.layers.Dense(3)(a)
    y = k.ops.relu(x) * 2 + k.ops.mean(x, axis=-1, keepdims=True)
    return k.Model(a, [k.layers.Dense(2)(y[:, 1:]), x])


def _nested(k):
    e = k.Input((4,))
    encoder = k.Model(e, k.layers.Dense(3)(k.layers.Dense(5)(e)), name="encoder")
    decoder = k.Sequential([k.Input((3,)), k.layers.Dense(4)], name="decoder")
    a, b = k.Input((4,)), k.Input((4,))
    code = encoder(a)
    return k.Model([a, b], [decoder(code), k.layers.dot([code, encoder(b)], axes=1)])


def _unused_input(k):
    a, b = k.Input((4,), name="used"), k.Input((2,), name="unused")
    return k.Model([a, b], k.layers.Dense(3)(k.layers.Dense(2)(a)))


def _nested_structures(k):
    inputs = {"x": k.Input((3,), name="x"), "more": [k.Input((2,), name="p"), k.Input((2,))]}
    x = k.layers.concatenate([inputs["more"][1], inputs["x"], inputs["more"][0]])
    with_head = k.layers.Dense(2)(x)
    # Keras warns of keys that are not names; they are: the nested list is not checked.
    return k.Model(inputs, {"sum": with_head, "parts": [x, k.layers.Dense(1)(with_head)]})


def _cut(k):
    a = k.Input((4,))
    x = k.layers.Dense(3)(a)
    y = k.layers.Dense(2)(x)
    z = k.layers.Dense(2)(k.layers.concatenate([x, y]))
    return k.Model([y, x], z)


def _recurrent(k):
    a = k.Input((None,), dtype="int32")
    x = k.layers.Embedding(10, 4, mask_zero=True)(a)
    x = k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True))(x)
    x, *state = k.layers.GRU(2, return_state=True)(x)
    return k.Model(a, [x, *state])


def _stack(k):
    return k.Sequential([
        k.Input((6, 4)), k.layers.Conv1D(3, 2), k.layers.Flatten(), k.layers.Dense(2),
    ])  # fmt: skip


def _stack_on_a_model(k):
    a = k.Input((4,))
    first = k.Model(a, k.layers.Dense(3)(a))
    return k.Sequential([first, k.layers.Dense(2)])


GRAPHS = {
    function.__name__.lstrip("_"): function
    for function in (
        _branches, _shared, _residual, _operations, _nested, _unused_input, _nested_structures,
        _cut, _recurrent, _stack, _stack_on_a_model,
    )
}  # fmt: skip


def both(build):
    return build(keras), build(nyala)


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_layers_and_weights_stand_in_keras_order(build):
    theirs, ours = both(build)
    # The name of a symbolic tensor in the middle of a graph is counted differently.
    names = [
        [("CLONE" if "CLONE" in one.name else one.name) for one in m.layers] for m in (theirs, ours)
    ]
    assert names[1] == names[0]
    assert [(w.path, tuple(w.shape)) for w in ours.weights] == [
        (w.path, tuple(w.shape)) for w in theirs.weights
    ]
    assert [tuple(o.shape) for o in ours.outputs] == [tuple(o.shape) for o in theirs.outputs]


@pytest.mark.parametrize("name", ["branches", "shared", "operations", "nested", "cut"])
def test_values_are_equal_with_equal_weights(name):
    theirs, ours = both(GRAPHS[name])
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=w.shape).astype("float32") for w in theirs.weights]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    x = [rng.normal(size=(2, *t.shape[1:])).astype("float32") for t in theirs.inputs]
    x = x if len(x) > 1 else x[0]
    for a, b in zip(nyala.tree.flatten(ours(x)), keras.tree.flatten(theirs(x)), strict=True):
        np.testing.assert_allclose(a.numpy(), np.asarray(b), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["branches", "shared", "residual", "nested", "stack"])
def test_json_goes_both_ways(name):
    theirs, ours = both(GRAPHS[name])
    read_by_us = nyala.models.model_from_json(theirs.to_json())
    read_by_them = keras.models.model_from_json(ours.to_json())
    for model in (read_by_us, read_by_them):
        assert [one.name for one in model.layers] == [one.name for one in theirs.layers]
        assert [tuple(w.shape) for w in model.weights] == [tuple(w.shape) for w in theirs.weights]


@pytest.mark.parametrize("name", ["branches", "shared", "nested"])
def test_the_graph_in_the_config_is_equal(name):
    theirs, ours = (json.loads(model.to_json())["config"] for model in both(GRAPHS[name]))
    assert ours["input_layers"] == theirs["input_layers"]
    assert ours["output_layers"] == theirs["output_layers"]
    for a, b in zip(ours["layers"], theirs["layers"], strict=True):
        assert (a["name"], a["class_name"], a["module"]) == (
            b["name"],
            b["class_name"],
            b["module"],
        )
        assert [_given(node) for node in a["inbound_nodes"]] == [
            _given(node) for node in b["inbound_nodes"]
        ]


def _given(node):
    """A call without the arguments that are None."""
    return node["args"], {key: arg for key, arg in node["kwargs"].items() if arg is not None}


@pytest.mark.parametrize("name", ["branches", "residual", "nested", "stack", "operations"])
@pytest.mark.parametrize("expand_nested", [False, True])
def test_summaries_list_the_same(name, expand_nested, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    def cells(model):
        lines = []
        model.summary(line_length=200, print_fn=lines.append, expand_nested=expand_nested)
        rows = [line for line in lines[0].splitlines() if line[:1] in "│┃"]
        table = [[cell.strip().lstrip("└ ") for cell in row[1:-1].split(row[0])] for row in rows]
        totals = [line.strip() for line in lines[0].splitlines() if "params:" in line]
        return [row[:3] for row in table], totals

    theirs, ours = both(GRAPHS[name])
    assert cells(ours) == cells(theirs)


def test_clones_are_equal():
    theirs, ours = (
        k.models.clone_model(GRAPHS["nested"](k), recursive=True) for k in (keras, nyala)
    )
    # Keras names the new inputs after tensors, nyala after the inputs they stand for.
    assert [one.name for one in ours.layers[2:]] == [one.name for one in theirs.layers[2:]]
    assert [tuple(w.shape) for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]


def test_deferred_stacks_are_built_alike():
    def build(k):
        model = k.Sequential([k.layers.Dense(3), k.layers.Dropout(0.5), k.layers.Dense(2)])
        unbuilt = [one.name for one in model.layers], len(model.weights)
        model.build((None, 4))
        last = model.layers[-1].name
        model.pop()
        model.add(k.layers.Dense(5))
        return unbuilt, last, [(w.path, tuple(w.shape)) for w in model.weights]

    assert build(nyala) == build(keras)
