"""`LossScaleOptimizer` and `MultiOptimizer`."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import ops, optimizers


def scaled(**arguments):
    return optimizers.LossScaleOptimizer(
        optimizers.SGD(1.0), initial_scale=4.0, dynamic_growth_steps=2, **arguments
    )


def test_the_scale_grows_and_shrinks():
    weight = nyala.Variable(0.0)
    optimizer = scaled()
    seen = []
    for gradient in [4.0, 4.0, 8.0, np.nan, 4.0]:
        optimizer.apply([gradient], [weight])
        seen.append((float(weight), float(optimizer.loss_scale), int(optimizer.dynamic_counter)))
    assert seen == [(-1.0, 4.0, 1), (-2.0, 8.0, 0), (-3.0, 8.0, 1), (-3.0, 4.0, 0), (-4.0, 4.0, 1)]
    assert int(optimizer.iterations) == 4


def test_one_bad_gradient_stops_the_whole_update():
    variables = [nyala.Variable(np.zeros(2, "float32")), nyala.Variable(0.0)]
    optimizer = optimizers.LossScaleOptimizer(optimizers.Adam())
    optimizer.apply([[1.0, np.inf], 1.0], variables)
    assert all(np.all(v.numpy() == 0) for v in variables)
    assert all(np.all(v.numpy() == 0) for v in optimizer.inner_optimizer.variables[2:])


def test_the_loss_is_scaled_before_and_after_building():
    optimizer = scaled()
    assert float(optimizer.scale_loss(ops.convert_to_tensor(2.0))) == 8.0
    assert float(optimizer.loss_scale) == 4.0
    optimizer.build([nyala.Variable(0.0)])
    optimizer.dynamic_scale.assign(16.0)
    assert float(optimizer.get_scaled_loss(ops.convert_to_tensor(2.0))) == 32.0
    assert optimizer.dynamic


def test_keras_2_unscales_by_hand():
    weight = nyala.Variable(0.0)
    optimizer = scaled()
    for _ in range(2):
        grads = optimizer.get_unscaled_gradients([ops.convert_to_tensor(4.0), None])
        assert grads[1] is None
        optimizer.apply_gradients([(grads[0], weight)])
    assert float(weight) == -2.0
    optimizer.apply([8.0], [weight])  # the scale has doubled by now
    assert float(weight) == -3.0


def test_the_inner_optimizer_is_reached_through():
    optimizer = scaled()
    optimizer.learning_rate = 0.25
    weight = nyala.Variable(0.0)
    optimizer.apply([4.0], [weight])
    assert float(weight) == -0.25
    assert float(optimizer.inner_optimizer.lr) == float(optimizer.lr) == 0.25
    with pytest.raises(ValueError, match=r"give clipnorm=1\.0 to the optimizer inside"):
        scaled(clipnorm=1.0)
    with pytest.raises(ValueError, match="fixed scale"):
        scaled(dynamic=False)
    assert scaled(clipnorm=None).inner_optimizer.clipnorm is None


def test_settings_of_the_inner_optimizer_hold():
    weight = nyala.Variable(0.0)
    inner = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5, gradient_accumulation_steps=2)
    optimizer = optimizers.LossScaleOptimizer(inner, initial_scale=2.0)
    for gradient in [2.0, 6.0]:
        optimizer.apply([gradient], [weight])
    assert float(weight) == -2.0
    optimizer.finalize_variable_values([weight])
    assert float(weight) == -2.0  # the first round counts as the first step of the average


def two_rates():
    by_path = optimizers.OptimizerMap(optimizers.SGD(1.0))
    by_path[".*bias"] = optimizers.SGD(0.5)
    return by_path


def named(*names):
    return [nyala.Variable(0.0, name=name) for name in names]


def test_each_variable_gets_its_optimizer():
    kernel, bias = named("kernel", "bias")
    optimizer = optimizers.MultiOptimizer(two_rates())
    for _ in range(2):
        optimizer.apply([1.0, 1.0], [kernel, bias])
    assert (float(kernel), float(bias), int(optimizer.iterations)) == (-2.0, -1.0, 2)
    assert len(optimizer.optimizers) == 2
    assert len(optimizer.variables) == 2 + 2 * 2


def test_an_inner_rate_may_change():
    kernel, bias = named("kernel", "bias")
    optimizer = optimizers.MultiOptimizer(two_rates())
    optimizer.apply([1.0, 1.0], [kernel, bias])
    optimizer.optimizers[0].learning_rate = 0.0
    optimizer.apply([1.0, 1.0], [kernel, bias])
    assert (float(kernel), float(bias)) == (-2.0, -0.5)
    with pytest.raises(AttributeError, match="no learning rate"):
        optimizer.learning_rate  # noqa: B018
    with pytest.raises(AttributeError, match="no learning rate"):
        optimizer.learning_rate = 1.0


def test_a_function_may_choose():
    first, second = optimizers.SGD(1.0), optimizers.SGD(2.0)
    optimizer = optimizers.MultiOptimizer(lambda v: first if v.name == "a" else second)
    a, b = named("a", "b")
    optimizer.apply([1.0, 1.0], [a, b])
    assert (float(a), float(b)) == (-1.0, -2.0)
    optimizer.loss_scale_factor = 2.0
    assert second.loss_scale_factor == 2.0


def test_what_a_map_refuses():
    by_path = two_rates()
    by_path["last/.*"] = optimizers.Adam()
    assert len(by_path) == 2
    with pytest.raises(ValueError, match="'last/bias' matches 2 keys"):
        by_path["last/bias"]
    with pytest.raises(ValueError, match="has an optimizer already"):
        by_path["last/.*"] = optimizers.Adam()
    del by_path["last/.*"]
    assert list(by_path) == [".*bias"]
    with pytest.raises(ValueError, match="needs an optimizer with an update rule"):
        by_path["x"] = scaled()
    with pytest.raises(TypeError, match="expects an optimizer"):
        optimizers.OptimizerMap("adam")
    with pytest.raises(TypeError, match="expects a dict"):
        optimizers.OptimizerMap(optimizers.SGD(), [1])
