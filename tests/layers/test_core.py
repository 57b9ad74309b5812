"""Dense layers, embeddings, functions and masks: behaviour beyond the contract, and wrong use."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import nyala
from nyala import layers, ops


def random(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


# -- Dense -----------------------------------------------------------------------------------------


def test_dense_is_a_weighted_sum():
    layer, x = layers.Dense(2, activation="relu"), random(3, 4)
    y = layer(x).numpy()
    layer.set_weights([random(4, 2), np.array([0.5, -0.5], "float32")])
    y = layer(x).numpy()
    np.testing.assert_allclose(y, np.maximum(x @ random(4, 2) + [0.5, -0.5], 0), rtol=1e-5)


@pytest.mark.parametrize("units", [0, -1, 2.5, "3", True, None])
def test_dense_names_wrong_units(units):
    with pytest.raises(ValueError, match=r"Dense\(units=...\) expects a positive integer"):
        layers.Dense(units)


def test_dense_names_itself_and_both_shapes_where_features_change():
    layer = layers.Dense(2, name="head")
    layer(random(3, 4))
    with pytest.raises(ValueError, match=r"'head'.*axis -1 .* length 4 \(found 5\).*\(3, 5\)"):
        layer(random(3, 5))


def test_dense_needs_known_features():
    with pytest.raises(ValueError, match=r"Dense 'd': .*known length.*\(None, None\)"):
        layers.Dense(2, name="d")(nyala.KerasTensor((None, None)))


def test_unknown_argument_has_a_suggestion():
    with pytest.raises(
        ValueError, match=r"Dense does not take the argument 'activaton'.*activation"
    ):
        layers.Dense(2, activaton="relu")


def test_quantization_is_refused_with_a_remedy():
    with pytest.raises(ValueError, match=r"quantization_config.*bfloat16"):
        layers.Dense(2, quantization_config={"mode": "int8"})


def test_kernel_before_building_says_what_to_do():
    with pytest.raises(AttributeError, match="no kernel yet: call the layer"):
        _ = layers.Dense(2).kernel


def test_subclass_may_set_its_kernel():
    class Shared(layers.Dense):
        def build(self, input_shape):
            self.kernel = self.add_weight(name="mine", shape=(input_shape[-1], self.units))

    layer = Shared(2, use_bias=False)
    assert layer(random(3, 4)).shape == (3, 2)
    assert [w.name for w in layer.weights] == ["mine"]


def test_regularizers_and_constraints_reach_the_weights():
    layer = layers.Dense(2, kernel_regularizer="l2", bias_constraint="non_neg",
                         activity_regularizer=lambda y: ops.sum(y) * 0 + 1.0)  # fmt: skip
    layer(random(3, 4))
    assert layer.kernel.regularizer is not None
    assert layer.bias.constraint is not None
    assert len(layer.losses) == 2


# -- low-rank adaptation ---------------------------------------------------------------------------


def make_dense():
    layer = layers.Dense(3)
    layer.build((None, 4))
    return layer, random(2, 4)


def make_embedding():
    layer = layers.Embedding(5, 3)
    layer.build()
    return layer, np.array([[1, 4]])


def make_conv():
    layer = layers.Conv1D(3, 2)
    layer.build((None, 6, 4))
    return layer, random(2, 6, 4)


@pytest.mark.parametrize("make", [make_dense, make_embedding, make_conv])
def test_low_rank_update(make):
    layer, x = make()
    before = layer(x).numpy()
    frozen = layer.trainable_weights[0]
    layer.enable_lora(2, lora_alpha=4)
    np.testing.assert_array_equal(layer(x).numpy(), before)  # the second factor begins at zero
    a, b = [w for w in layer.trainable_weights if "lora" in w.name]
    assert not frozen.trainable
    b.assign(np.ones(b.shape))
    np.testing.assert_raises(AssertionError, np.testing.assert_allclose, layer(x).numpy(), before)

    store = {}
    layer.save_own_variables(store)
    merged = frozen.numpy() + 2.0 * a.numpy() @ b.numpy()
    np.testing.assert_allclose(store["0"], merged, rtol=1e-5)
    plain, _ = make()
    plain.load_own_variables(store)
    np.testing.assert_allclose(plain(x).numpy(), layer(x).numpy(), rtol=1e-4, atol=1e-5)
    layer.load_own_variables(store)
    np.testing.assert_allclose(plain(x).numpy(), layer(x).numpy(), rtol=1e-4, atol=1e-5)
    assert np.any(a.numpy()), "two zero factors would never get a gradient"


def test_low_rank_update_wrong_use():
    with pytest.raises(ValueError, match="is not built"):
        layers.Dense(2).enable_lora(2)
    layer = layers.Dense(2, kernel_constraint="non_neg")
    layer.build((None, 3))
    with pytest.raises(ValueError, match="kernel_constraint"):
        layer.enable_lora(2)
    layer, _ = make_dense()
    layer.enable_lora(1)
    with pytest.raises(ValueError, match="already"):
        layer.enable_lora(1)
    with pytest.raises(ValueError, match="expects 2 variables, but the file holds 1"):
        layer.load_own_variables({"0": layer.kernel.numpy()})


# -- EinsumDense -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("equation", "output_shape", "bias_axes", "message"),
    [
        ("abc->ab", 4, None, "expects inputs, one kernel and an output"),
        ("...ab,bc->ac", 4, None, "expects inputs, one kernel and an output"),
        ("ab,bc->ac", 4, None, r"labels 2 axes .* shape \(2, 3, 5\)"),
        ("abc,cd->abe", (3, 4), None, "'e' .* neither in the inputs nor in the kernel"),
        ("abc,cd->abd", (7, 4), None, "axis 'b' .* length 3 in the input but 7 in output_shape"),
        ("abc,cd->abd", (3, 4), "x", "'x' is not an axis of the output"),
        ("abc,cde->abd", (3, 4), None, "axis 'e' .* does not follow"),
        ("abc,cd->abd", 4, None, "output_shape gives lengths for 2"),
    ],
)
def test_einsum_dense_wrong_use(equation, output_shape, bias_axes, message):
    layer = layers.EinsumDense(equation, output_shape, bias_axes=bias_axes)
    with pytest.raises(ValueError, match=message):
        layer(random(2, 3, 5))


def test_einsum_dense_scales_first_values_by_its_own_axes():
    # "abc,cnh->abnh": 8 inputs feed 6 × 4 outputs, although the kernel's last axes are 6 and 4.
    layer = layers.EinsumDense("abc,cnh->abnh", (None, 6, 4), kernel_initializer="glorot_uniform")
    layer.build((None, None, 8))
    limit = np.sqrt(6 / (8 + 24))
    largest = np.abs(layer.kernel.numpy()).max()
    assert 0.9 * limit < largest <= limit


# -- Embedding -------------------------------------------------------------------------------------


def test_embedding_hands_on_a_mask():
    layer = layers.Embedding(5, 3, mask_zero=True)
    y = layer(np.array([[1, 0, 2]]))
    assert layers.GlobalAveragePooling1D()(y).shape == (1, 3)
    np.testing.assert_allclose(
        layers.GlobalAveragePooling1D()(y).numpy(), y.numpy()[:, [0, 2]].mean(1), rtol=1e-6
    )
    assert layers.Embedding(5, 3).compute_mask(np.array([[1, 0]])) is None


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float32", "bool"])
def test_embedding_takes_any_number_type(dtype):
    layer = layers.Embedding(5, 3)
    ids = np.array([[1, 0, 1]])
    np.testing.assert_array_equal(layer(ids.astype(dtype)).numpy(), layer(ids).numpy())


def test_embedding_keeps_large_integers_under_mixed_precision():
    # 301 is no bfloat16; a cast of the inputs would make it 300 or 302.
    layer = layers.Embedding(400, 2, dtype="mixed_bfloat16")
    assert layer(np.array([[301.0]], "float32")).dtype == "bfloat16"
    np.testing.assert_allclose(
        layer(np.array([[301.0]], "float32")).numpy().astype("float32")[0, 0],
        layer.embeddings.numpy()[301], rtol=1e-2,
    )  # fmt: skip


def test_embedding_first_table():
    table = random(5, 3)
    for given in (table, [table]):
        np.testing.assert_array_equal(layers.Embedding(5, 3, weights=given).get_weights()[0], table)


def test_embedding_as_keras_2_wrote_it():
    model = nyala.Sequential([layers.Embedding(5, 3, input_length=4), layers.Flatten()])
    assert model.output_shape == (None, 12)


@pytest.mark.parametrize("sizes", [(0, 3), (5, -1), (5.5, 3), (True, 3)])
def test_embedding_names_wrong_sizes(sizes):
    with pytest.raises(ValueError, match=r"Embedding\((in|out)put_dim=...\) expects a positive"):
        layers.Embedding(*sizes)


def test_reversible_embedding_masks_only_forwards():
    layer = layers.ReversibleEmbedding(5, 3, mask_zero=True)
    y = layer(np.array([[1, 0]]))
    np.testing.assert_array_equal(y._keras_mask.numpy(), [[True, False]])
    assert getattr(layer(y, reverse=True), "_keras_mask", None) is None


def test_reversible_embedding_projects_in_another_dtype():
    layer = layers.ReversibleEmbedding(5, 3, dtype="mixed_bfloat16", reverse_dtype="float32")
    assert layer(layer(np.array([[1, 0]])), reverse=True).dtype == "float32"


# -- Masking ---------------------------------------------------------------------------------------


def test_masking_zeroes_and_marks_steps():
    x = np.array([[[1.0, 9.0], [9.0, 9.0]]], "float32")
    y = layers.Masking(mask_value=9.0)(x)
    np.testing.assert_array_equal(y.numpy(), [[[1, 9], [0, 0]]])
    np.testing.assert_array_equal(y._keras_mask.numpy(), [[True, False]])


# -- Lambda ----------------------------------------------------------------------------------------


def test_lambda_passes_what_its_function_takes():
    seen = {}

    def function(x, mask=None, training=None, factor=1.0):
        seen.update(mask=mask, training=training)
        return x * factor

    layer = layers.Lambda(function, arguments={"factor": 3.0})
    x = layers.Masking()(np.ones((1, 2, 1), "float32"))
    np.testing.assert_array_equal(layer(x, training=True).numpy(), np.full((1, 2, 1), 3.0))
    assert seen["training"] is True
    assert seen["mask"].shape == (1, 2)


def test_lambda_masks():
    x = np.ones((1, 2, 1), "float32")
    given = layers.Lambda(lambda x: x, mask=lambda inputs, mask: inputs[..., 0] > 0)
    assert given.compute_mask(ops.array(x)).numpy().tolist() == [[True, True]]
    assert getattr(layers.Lambda(lambda x: x)(x), "_keras_mask", None) is None


def test_lambda_shapes():
    x = nyala.KerasTensor((None, 4))
    assert layers.Lambda(lambda x: ops.sum(x, axis=-1))(x).shape == (None,)

    def only_live(x):
        if not isinstance(x.numpy(), np.ndarray):
            raise AssertionError
        return x

    assert layers.Lambda(only_live, output_shape=(7,))(x).shape == (None, 7)
    assert layers.Lambda(only_live, output_shape=lambda s: (s[0], 2 * s[1]))(x).shape == (None, 8)


def test_lambda_round_trips_within_the_process():
    layer = layers.Lambda(lambda x: x + 1)
    config = layer.get_config()
    assert layers.Lambda.from_config(config).function is layer.function
    assert config == layer.get_config(), "from_config leaves the config as it is"


def test_lambda_from_elsewhere_is_not_run():
    def make():
        return layers.Lambda(lambda x, amount=41: x + amount).get_config()

    config = make()
    gc.collect()  # the function is gone, as after a restart
    for safe_mode in (None, True):
        with pytest.raises(ValueError, match=r"bytecode.*safe_mode=False"):
            layers.Lambda.from_config(config, safe_mode=safe_mode)
    trusted = layers.Lambda.from_config(config, safe_mode=False)
    assert float(trusted(np.ones((1, 1), "float32"))[0, 0]) == 42.0


def test_lambda_with_another_closure_is_another_lambda():
    def make(amount):
        return layers.Lambda(lambda x: x + amount)

    one, two = make(1.0), make(2.0)
    configs = [one.get_config(), two.get_config()]
    again = [layers.Lambda.from_config(c) for c in configs]
    assert [float(layer(np.zeros(1, "float32"))[0]) for layer in again] == [1.0, 2.0]


def test_lambda_expects_a_function():
    with pytest.raises(TypeError, match=r"Lambda\(function=...\) expects a function; got 3"):
        layers.Lambda(3)


# -- Wrapper ---------------------------------------------------------------------------------------


def test_wrapper_expects_a_layer():
    with pytest.raises(ValueError, match=r"Wrapper\(layer=...\) expects a layer; got 'dense'"):
        layers.Wrapper("dense")


def test_wrapper_holds_the_weights_of_its_layer():
    wrapper = layers.Wrapper(layers.Dense(2))
    wrapper.build((None, 3))
    assert [tuple(w.shape) for w in wrapper.weights] == [(3, 2), (2,)]
    again = layers.Wrapper.from_config(wrapper.get_config())
    assert again.layer.units == 2
