"""Graphs: structures, sharing, sub-models, inputs by name, masks, `training`, errors."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import layers, ops


def _numpy(value):
    return nyala.tree.map_structure(lambda x: x.numpy(), value)


class Recorder(layers.Layer):
    """Adds 1 in training, notes what `training` was."""

    def call(self, inputs, training=None):
        self.seen = training
        return inputs + 1.0 if training else inputs


# -- structures ----------------------------------------------------------------------------------


def test_nested_outputs_come_back_as_they_were_given():
    x = nyala.Input((3,), name="x")
    model = nyala.Model(x, {"double": x * 2, "list": [x + 1, (x - 1,)]})
    out = _numpy(model(np.ones((1, 3), "float32")))
    assert list(out) == ["double", "list"]
    np.testing.assert_array_equal(out["double"], [[2, 2, 2]])
    np.testing.assert_array_equal(out["list"][1][0], [[0, 0, 0]])


@pytest.fixture
def two_inputs():
    a, b = nyala.Input((2,), name="a"), nyala.Input((1,), name="b")
    return nyala.Model([a, b], a * 10 + b)


def test_dicts_reach_a_list_of_inputs_by_name(two_inputs):
    a, b = np.ones((2, 2), "float32"), np.full((2, 1), 5, "float32")
    expected = two_inputs([a, b]).numpy()
    np.testing.assert_array_equal(two_inputs({"b": b, "a": a}).numpy(), expected)
    np.testing.assert_array_equal(expected, [[15, 15], [15, 15]])


def test_entries_that_no_input_takes_are_named_in_a_warning(two_inputs):
    x = {"a": np.ones((2, 2)), "b": np.ones((2, 1)), "label": np.ones(2)}
    with pytest.warns(UserWarning, match=r"not used: \['label'\]"):
        two_inputs(x)


def test_a_missing_entry_is_named(two_inputs):
    with pytest.raises(ValueError, match=r"'b' is missing"):
        two_inputs({"a": np.ones((2, 2)), "c": np.ones((2, 1))})


def test_dict_inputs_in_any_order_and_nested():
    inputs = {"z": nyala.Input((1,), name="z"), "y": {"p": nyala.Input((1,), name="p")}}
    model = nyala.Model(inputs, inputs["z"] * 10 + inputs["y"]["p"])
    data = {"y": {"p": np.full((1, 1), 3.0)}, "z": np.full((1, 1), 4.0)}
    assert model(data).numpy().item() == 43.0
    assert model.input_names == ["p", "z"]


@pytest.mark.parametrize(("given", "declared"), [((4,), (4, 1)), ((4, 3, 1), (4, 3))])
def test_a_last_axis_of_one_is_added_or_dropped(given, declared):
    x = nyala.Input(declared[1:])
    assert nyala.Model(x, x * 1)(np.ones(given, "float32")).shape == declared


def test_optional_inputs_may_be_none():
    class Add(layers.Layer):
        def call(self, x, more):
            return x if more is None else x + more

    a, b = nyala.Input((2,), name="a"), nyala.Input((2,), name="b", optional=True)
    model = nyala.Model([a, b], Add()(a, b))
    x = np.ones((1, 2), "float32")
    np.testing.assert_array_equal(model([x, None]).numpy(), x)
    np.testing.assert_array_equal(model([x, x]).numpy(), 2 * x)
    with pytest.raises(ValueError, match=r"'a' is required.*optional=True"):
        model([None, x])


# -- graphs --------------------------------------------------------------------------------------


def test_a_model_called_on_symbolic_tensors_shares_its_weights():
    x = nyala.Input((3,))
    inner = nyala.Model(x, layers.Dense(3)(x))
    y = nyala.Input((3,))
    outer = nyala.Model(y, inner(inner(y)))
    assert [w is v for w, v in zip(outer.weights, inner.weights, strict=True)] == [True, True]
    data = np.ones((2, 3), "float32")
    np.testing.assert_allclose(outer(data).numpy(), inner(inner(data)).numpy(), rtol=1e-6)


def test_a_model_can_be_cut_out_at_any_tensor():
    x = nyala.Input((3,))
    first, second = layers.Dense(4), layers.Dense(2)
    h = first(x)
    whole = nyala.Model(x, second(h))
    head, tail = nyala.Model(x, h), nyala.Model(h, whole.output)
    assert tail.weights == second.weights
    data = np.ones((2, 3), "float32")
    np.testing.assert_allclose(tail(head(data)).numpy(), whole(data).numpy(), rtol=1e-6)
    assert nyala.Model.from_config(tail.get_config()).count_params() == 10


def test_unknown_lengths_stay_unknown():
    x = nyala.Input((None, 2))
    model = nyala.Model(x, ops.sum(layers.Conv1D(3, 2)(x), axis=1, keepdims=True) + x[:, :1, :1])
    assert model.output_shape == (None, 1, 3)
    assert model(np.ones((1, 5, 2))).shape == model(np.ones((1, 9, 2))).shape == (1, 1, 3)


def test_masks_run_through_the_graph():
    tokens = nyala.Input((None,), dtype="int32")
    x = layers.Embedding(5, 2, mask_zero=True)(tokens)
    model = nyala.Model(tokens, layers.GlobalAveragePooling1D()(layers.Dropout(0.5)(x)))
    padded, bare = np.array([[1, 2, 0, 0]]), np.array([[1, 2]])
    np.testing.assert_allclose(model(padded).numpy(), model(bare).numpy(), rtol=1e-6)


def test_training_given_in_the_graph_holds_whatever_is_asked_for_later():
    x = nyala.Input((1,))
    fixed, free = Recorder(), Recorder()
    model = nyala.Model(x, [fixed(x, training=True), free(x)])
    zero = np.zeros((1, 1), "float32")
    assert [y.item() for y in _numpy(model(zero, training=False))] == [1.0, 0.0]
    assert [y.item() for y in _numpy(model(zero, training=True))] == [1.0, 1.0]


def test_freezing_a_model_freezes_the_layers_inside():
    x = nyala.Input((2,))
    inner = nyala.Model(x, layers.Dense(2)(x), name="inner")
    y = nyala.Input((2,))
    model = nyala.Model(y, layers.Dense(1)(inner(y)))
    inner.trainable = False
    assert len(model.trainable_weights) == 2
    assert len(model.non_trainable_weights) == 2
    assert not inner.layers[1].trainable


def test_layers_set_on_a_model_later_are_tracked_beside_the_graph():
    x = nyala.Input((2,))
    model = nyala.Model(x, layers.Dense(2)(x))
    model.extra = layers.Dense(1)
    model.extra.build((None, 2))
    assert len(model.weights) == 4
    assert [one.name for one in model.layers] == ["input_layer", "dense"]


def test_a_subclass_may_be_made_of_a_graph():
    class Classifier(nyala.Model):
        def __init__(self, units):
            x = nyala.Input((3,))
            self.head = layers.Dense(units)
            super().__init__(inputs=x, outputs=self.head(x))
            self.units = units

    model = Classifier(4)
    copy = Classifier.from_config(model.get_config())
    assert (copy.units, copy.output_shape) == (4, (None, 4))
    assert len(model.weights) == 2


def test_a_deep_graph_is_no_deep_recursion():
    x = y = nyala.Input((1,))
    double = layers.Lambda(lambda v: v + 1.0)
    for _ in range(1500):
        y = layers.Activation("linear")(y) if _ else double(y)
    assert len(nyala.Function(x, y).operations) == 1501


# -- errors --------------------------------------------------------------------------------------


def test_a_graph_that_is_not_connected_names_the_tensor():
    a, b = nyala.Input((2,), name="first"), nyala.Input((2,), name="second")
    with pytest.raises(ValueError, match=r"not connected.*name=second"):
        nyala.Model(a, layers.add([a, b]))


def test_two_layers_of_one_name():
    x = nyala.Input((2,))
    with pytest.raises(ValueError, match=r"named 'same'.*unique"):
        nyala.Model(x, layers.Dense(1, name="same")(layers.Dense(2, name="same")(x)))


def test_channels_that_do_not_fit_name_the_layer_and_both_lengths():
    layer = layers.Dense(2, name="head")
    layer.build((None, 4))
    with pytest.raises(ValueError, match=r"'head'.*length 4.*\(2, 5\)"):
        layer(np.ones((2, 5), "float32"))
    with pytest.raises(ValueError, match=r"'head'.*length 4"):
        layer(nyala.Input((5,)))


def test_a_wrong_rank_names_the_layer_and_both_ranks():
    layer = layers.Conv2D(2, 3, name="conv")
    with pytest.raises(ValueError, match=r"'conv'.*ndim=4.*ndim=3"):
        layer(np.ones((2, 5, 5), "float32"))


def test_a_model_called_on_a_wrong_shape():
    x = nyala.Input((4,), name="features")
    model = nyala.Model(x, layers.Dense(1)(x))
    with pytest.raises(ValueError, match=r"'features' expects shape \(None, 4\).*\(2, 5\)"):
        model(np.ones((2, 5)))
    with pytest.raises(ValueError, match=r"expects 1 input.*received 2"):
        model([np.ones((2, 4)), np.ones((2, 4))])


def test_accepted_shapes_are_checked_anew_when_they_change():
    layer = layers.Dense(2)
    layer(np.ones((2, 4), "float32"))
    layer(np.ones((3, 4), "float32"))
    with pytest.raises(ValueError, match="length 4"):
        layer(np.ones((3, 5), "float32"))


def test_values_in_place_of_symbolic_inputs():
    x = nyala.Input((2,))
    with pytest.raises(ValueError, match="must be symbolic tensors"):
        nyala.Model(ops.ones((1, 2)), layers.Dense(1)(x))


def test_get_layer_suggests_the_nearest_name():
    x = nyala.Input((2,))
    model = nyala.Model(x, layers.Dense(1, name="classifier")(x))
    assert model.get_layer(index=1) is model.get_layer("classifier")
    with pytest.raises(ValueError, match="Did you mean 'classifier'"):
        model.get_layer("clasifier")
    with pytest.raises(ValueError, match="none at index 7"):
        model.get_layer(index=7)
