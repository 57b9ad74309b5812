"""The learning rate as a number, a schedule, a function; Keras 2's `lr` and `decay`."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import ops, optimizers
from nyala.optimizers import schedules


def moves(optimizer, steps):
    """Return how far each of `steps` updates with gradient 1 moves a weight."""
    weight = nyala.Variable(0.0)
    moved = []
    for _ in range(steps):
        before = float(weight)
        optimizer.apply([1.0], [weight])
        moved.append(before - float(weight))
    return moved


@pytest.mark.parametrize("rate", [1, np.float32(1), np.array(1.0), 1.0])
def test_any_number_is_a_rate(rate):
    assert moves(optimizers.SGD(rate), 1) == [1.0]


@pytest.mark.parametrize("rate", ["fast", [0.1], True, nyala.losses])
def test_something_else_is_not(rate):
    with pytest.raises(ValueError, match="expects a number, a LearningRateSchedule"):
        optimizers.SGD(rate, name="s") if not isinstance(rate, str) else optimizers.SGD(lr=rate)


def test_a_schedule_is_a_function_of_the_step():
    optimizer = optimizers.SGD(schedules.PiecewiseConstantDecay([1], [1.0, 0.5]))
    assert moves(optimizer, 4) == [1.0, 1.0, 0.5, 0.5]
    assert float(optimizer.learning_rate) == 0.5
    assert [v.name for v in optimizer.variables] == ["iteration"]


def test_a_schedule_that_needs_the_step_as_a_number_works_in_a_custom_loop():
    class Halved(schedules.LearningRateSchedule):
        def __call__(self, step):
            return 1.0 if int(step) < 2 else 0.5

    assert moves(optimizers.SGD(Halved()), 4) == [1.0, 1.0, 0.5, 0.5]


def test_a_function_is_called_at_every_update():
    rates = iter([1.0, 0.5, 0.25])
    assert moves(optimizers.SGD(lambda: next(rates)), 3) == [1.0, 0.5, 0.25]


def test_a_schedule_may_take_the_place_of_a_number_but_not_the_reverse():
    optimizer = optimizers.SGD(1.0)
    weight = nyala.Variable(0.0)
    optimizer.apply([1.0], [weight])
    optimizer.learning_rate = schedules.InverseTimeDecay(1.0, 1, 1.0)
    optimizer.apply([1.0], [weight])
    assert float(weight) == -1.5
    assert [v.name for v in optimizer.variables] == ["iteration"]
    with pytest.raises(TypeError, match="Assign another schedule"):
        optimizer.learning_rate = 0.1


def test_keras_2_spellings():
    optimizer = optimizers.legacy.Adam(lr=0.5, decay=1.0)
    assert float(optimizer.lr) == float(optimizer.learning_rate) == 0.5
    optimizer.lr = 0.25
    assert float(optimizer.learning_rate) == 0.25
    assert optimizer.get_config()["decay"] == 1.0
    assert optimizers.Adam.from_config(optimizer.get_config())._decay == 1.0


def test_decay_is_inverse_time_decay():
    decayed = moves(optimizers.SGD(lr=1.0, decay=0.5), 4)
    np.testing.assert_allclose(
        decayed, moves(optimizers.SGD(schedules.InverseTimeDecay(1.0, 1, 0.5)), 4), rtol=1e-6
    )
    with pytest.raises(ValueError, match="must not be negative"):
        optimizers.SGD(decay=-1.0)


def test_schedules_run_on_tensors_and_in_compiled_code():
    import jax

    schedule = schedules.CosineDecay(1.0, 10)
    compiled = jax.jit(schedule)
    for step in (0, 5, 10, 11):
        expected = 0.5 * (1 + np.cos(np.pi * min(step, 10) / 10))
        for value in (schedule(ops.convert_to_tensor(step)), schedule(step), compiled(step)):
            np.testing.assert_allclose(float(value), expected, atol=1e-7)


def test_what_a_schedule_refuses():
    with pytest.raises(ValueError, match=r"ExponentialDecay\(decay_steps=.*got 0"):
        schedules.ExponentialDecay(0.1, 0, 0.5)
    with pytest.raises(ValueError, match="2 boundaries and 2 values"):
        schedules.PiecewiseConstantDecay([1, 2], [1.0, 0.5])
    with pytest.raises(NotImplementedError, match="must override __call__"):
        schedules.LearningRateSchedule()(0)


def test_legacy_format():
    config = schedules.serialize(schedules.ExponentialDecay(0.1, 5, 0.5), use_legacy_format=True)
    assert sorted(config) == ["class_name", "config"]
    assert schedules.deserialize(config).decay_steps == 5
