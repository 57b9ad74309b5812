"""Variables, modules, shapes, arrays of tensors, scopes, seeds, and shapes in compiled code."""

from __future__ import annotations

import contextlib
import io
import sys

import numpy as np
import pytest

import nyala
import nyala.tf as tf


def test_a_variable_takes_tensorflows_arguments():
    v = tf.Variable(initial_value=lambda: tf.ones((2,)), trainable=False, name="scope/weights:0")
    assert (v.name, v.trainable, v.dtype) == ("weights", False, tf.float32)
    assert tf.Variable(3).dtype == tf.int32
    with pytest.raises(ValueError, match="initial_value"):
        tf.Variable()


def test_every_variable_counts_as_one_of_tensorflows():
    layer = nyala.layers.Dense(2)
    layer.build((None, 3))
    assert isinstance(layer.kernel, tf.Variable)
    assert not isinstance(tf.zeros(2), tf.Variable)
    assert isinstance(tf.zeros(2), tf.Tensor)


def test_a_module_collects_variables_of_modules_layers_and_lists():
    class Inner(tf.Module):
        def __init__(self):
            super().__init__(name="inner")
            self.v = tf.Variable(1.0, trainable=False, name="v")

    class Outer(tf.Module):
        def __init__(self):
            super().__init__()
            self.dense = nyala.layers.Dense(2)
            self.dense.build((None, 3))
            self.inner = [Inner(), Inner()]
            self.shared = self.inner[0].v

    module = Outer()
    assert len(module.variables) == 4
    assert [v.name for v in module.trainable_variables] == ["kernel", "bias"]
    assert [m.name for m in module.submodules] == ["inner", "inner"]


def test_tensor_shapes_answer_as_tensorflows_do():
    shape = tf.TensorShape([None, 3])
    assert shape.as_list() == [None, 3]
    assert shape.is_compatible_with((5, 3))
    assert not shape.is_compatible_with((5, 4))
    assert shape.merge_with((5, None)).as_list() == [5, 3]
    assert isinstance(tf.zeros((2, 3)).shape, tf.TensorShape)
    with pytest.raises(ValueError, match="incompatible"):
        shape.assert_is_compatible_with((5, 4))


def test_shapes_stay_known_in_compiled_code():
    @tf.function
    def halves(x):
        size = tf.shape(x)[1:3] // 2
        rows = tf.reshape(x, (tf.shape(x)[0], -1))
        flat = tf.concat([tf.shape(x)[:1], [tf.reduce_prod(tf.shape(x)[1:])]], axis=0)
        noise = tf.random.normal(tf.stack([tf.shape(x)[0], 2]))
        return tf.image.resize(x, size), rows, tf.reshape(x, flat), noise

    small, rows, flat, noise = halves(tf.zeros((2, 6, 4, 3)))
    assert (small.shape, rows.shape, flat.shape, noise.shape) == (
        (2, 3, 2, 3), (2, 72), (2, 72), (2, 2))  # fmt: skip


def test_a_layer_may_draw_noise_of_the_shape_of_its_input():
    class Sampling(nyala.layers.Layer):
        def call(self, inputs):
            mean, log_var = inputs
            batch, dim = tf.shape(mean)[0], tf.shape(mean)[1]
            return mean + tf.exp(0.5 * log_var) * tf.random.normal(shape=(batch, dim))

    a, b = nyala.Input((3,)), nyala.Input((3,))
    model = nyala.Model([a, b], Sampling()([a, b]))
    assert model.output_shape == (None, 3)
    assert model.predict([np.zeros((4, 3)), np.zeros((4, 3))], verbose=0).shape == (4, 3)


def test_tf_functions_draw_the_graph_of_a_functional_model():
    x = nyala.Input((4,))
    y = tf.reshape(tf.nn.relu(tf.matmul(x, tf.ones((4, 6)))) - 1.0, (tf.shape(x)[0], 2, 3))
    model = nyala.Model(x, tf.reduce_mean(y, axis=-1))
    np.testing.assert_allclose(model(np.ones((2, 4), "float32")).numpy(), np.full((2, 2), 3.0))


def test_a_tensor_array_grows_when_asked_to():
    array = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    for i in range(3):
        array = array.write(i, [float(i)] * 2)
    assert array.stack().numpy().tolist() == [[0, 0], [1, 1], [2, 2]]
    with pytest.raises(IndexError, match="dynamic_size=True"):
        tf.TensorArray(tf.float32, size=1).write(1, 0.0)


def test_numbers_as_seeds_begin_streams():
    tf.random.set_seed(1)
    first = [float(tf.random.uniform([], seed=5)) for _ in range(2)]
    tf.random.set_seed(1)
    assert first == [float(tf.random.uniform([], seed=5)) for _ in range(2)]
    assert first[0] != first[1]


def test_draws_have_the_distribution_that_was_asked_for():
    tf.random.set_seed(0)
    assert abs(float(tf.reduce_mean(tf.random.normal([4000], mean=3.0))) - 3) < 0.1
    counts = tf.random.poisson([4000], [1.0, 6.0]).numpy()
    np.testing.assert_allclose(counts.mean(0), [1, 6], atol=0.2)
    drawn = tf.random.uniform([1000], 2, 5, dtype=tf.int32).numpy()
    assert set(drawn.tolist()) == {2, 3, 4}
    with pytest.raises(ValueError, match="maxval"):
        tf.random.uniform([2], dtype=tf.int32)


def test_printing_works_out_of_compiled_code():
    out = io.StringIO()

    @tf.function
    def shown(x):
        tf.print("x is", x, output_stream=out)
        return x

    shown(tf.constant([1, 2])).numpy()
    import jax

    jax.effects_barrier()
    assert out.getvalue() == "x is [1 2]\n"
    with contextlib.redirect_stderr(io.StringIO()) as errors:
        tf.print(tf.constant(3), "a")
    assert errors.getvalue() == "3 a\n"
    assert sys.stderr is not errors


def test_a_python_function_is_refused_in_compiled_code():
    with pytest.raises(TypeError, match=r"py_function.*input pipeline"):
        tf.function(lambda x: tf.py_function(lambda a: a, [x], tf.float32))(tf.zeros(2))


def test_functions_run_as_python_when_asked_to():
    calls = []
    double = tf.function(lambda x: (calls.append(1), x * 2)[1])
    tf.config.run_functions_eagerly(True)
    try:
        for _ in range(3):
            double(tf.constant(1.0))
    finally:
        tf.config.run_functions_eagerly(False)
    assert len(calls) == 3
    assert not tf.config.functions_run_eagerly()


def test_devices_are_named_as_tensorflow_names_them():
    assert tf.config.list_physical_devices("CPU")[0].name == "/physical_device:CPU:0"
    assert tf.config.list_logical_devices("CPU")[0].name == "/device:CPU:0"
    for name in ("/CPU:0", "cpu", "/job:localhost/replica:0/task:0/device:CPU:0", "/GPU:7"):
        with tf.device(name):
            assert tf.zeros(2).numpy().tolist() == [0, 0]


def test_gradients_go_through_the_functions():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.square(x)) + tf.nn.l2_loss(x)
    assert tape.gradient(y, x).numpy().tolist() == [3.0, 6.0]


def test_specs_compare_and_describe():
    spec = tf.TensorSpec([None, 2], tf.float32)
    assert spec == tf.TensorSpec((None, 2), "float32")
    assert spec.is_compatible_with(tf.zeros((3, 2)))
    assert not spec.is_compatible_with(tf.zeros((3, 2), tf.int32))
    assert tf.TensorSpec.from_tensor(tf.zeros(3)).shape == (3,)
    total = tf.function(tf.reduce_sum, input_signature=[spec])
    assert float(total(tf.ones((4, 2)))) == 8
    with pytest.raises(TypeError, match="input_signature"):
        total(tf.ones((4, 3)))


def test_dtypes_are_their_names_and_numpys():
    assert tf.float32 == "float32"
    assert tf.float32 == np.float32
    assert tf.as_dtype(np.int64) is tf.int64
    assert tf.half is tf.float16
    assert tf.string == "string"


def test_eager_conditions_of_scopes():
    assert tf.executing_eagerly()
    assert not tf.function(lambda x: (x, tf.constant(tf.executing_eagerly())))(tf.zeros(1))[1]
    with tf.init_scope(), tf.control_dependencies([tf.zeros(1)]), tf.name_scope("a"):
        assert tf.Variable(0.0, name="v").path == "a/v"
