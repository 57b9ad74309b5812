"""LearningRateScheduler and ReduceLROnPlateau."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

import nyala
from nyala.callbacks import LearningRateScheduler, ReduceLROnPlateau


class Model:
    stop_training = False

    def __init__(self, optimizer=None):
        self.optimizer = optimizer or nyala.optimizers.SGD(1.0)

    def rate(self):
        return float(self.optimizer.learning_rate)


def two_optimizers():
    by_path = nyala.optimizers.OptimizerMap(nyala.optimizers.SGD(1.0, name="slow"))
    by_path["bias"] = nyala.optimizers.SGD(2.0, name="fast")
    return nyala.optimizers.MultiOptimizer(by_path)


def on(model, callback):
    callback.set_model(model)
    callback.on_train_begin()
    return callback


# -- LearningRateScheduler ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "schedule",
    [
        lambda epoch, rate: rate / 2,
        lambda epoch: 0.5 ** (epoch + 1),
        lambda epoch, rate=1.0: 0.5 ** (epoch + 1),
        lambda epoch, rate: np.float32(rate / 2),
        lambda epoch, rate: jnp.asarray(rate / 2),
        lambda epoch, rate: nyala.ops.convert_to_tensor(rate / 2),
        lambda epoch, rate: np.array([rate / 2]),
    ],
)
def test_a_schedule_sets_the_rate_of_every_epoch(schedule):
    scheduler = on(Model(), LearningRateScheduler(schedule))
    rates = []
    for epoch in range(3):
        scheduler.on_epoch_begin(epoch)
        rates.append(scheduler.model.rate())
    assert rates == [0.5, 0.25, 0.125]


def test_an_integer_is_a_rate():
    scheduler = on(Model(), LearningRateScheduler(lambda epoch: 2))
    scheduler.on_epoch_begin(0)
    assert scheduler.model.rate() == 2.0


def test_a_schedule_object_is_a_function_of_the_epoch():
    decay = nyala.optimizers.schedules.ExponentialDecay(1.0, decay_steps=1, decay_rate=0.5)
    scheduler = on(Model(), LearningRateScheduler(decay))
    scheduler.on_epoch_begin(2)
    assert scheduler.model.rate() == pytest.approx(0.25)


def test_an_error_inside_a_schedule_comes_through():
    def schedule(epoch, rate):
        return "a" + 1

    with pytest.raises(TypeError, match="can only concatenate"):
        on(Model(), LearningRateScheduler(schedule)).on_epoch_begin(0)


@pytest.mark.parametrize("wrong", [None, "0.1", True, [0.1, 0.2]])
def test_a_schedule_must_return_a_number(wrong):
    scheduler = on(Model(), LearningRateScheduler(lambda epoch: wrong))
    with pytest.raises(ValueError, match="as a float; for epoch 3 it returned"):
        scheduler.on_epoch_begin(3)


def test_an_optimizer_without_a_rate_is_named():
    with pytest.raises(ValueError, match="has no attribute 'learning_rate'"):
        on(Model(object()), LearningRateScheduler(lambda epoch: 1.0)).on_epoch_begin(0)


def test_a_rate_that_is_a_schedule_cannot_be_set():
    decay = nyala.optimizers.schedules.ExponentialDecay(1.0, decay_steps=1, decay_rate=0.5)
    model = Model(nyala.optimizers.SGD(decay))
    with pytest.raises(TypeError, match="a number cannot be assigned"):
        on(model, LearningRateScheduler(lambda epoch: 1.0)).on_epoch_begin(0)


def test_the_rate_is_logged_and_printed(capsys):
    scheduler = on(Model(), LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1))
    scheduler.on_epoch_begin(0)
    logs = {"loss": 1.0}
    scheduler.on_epoch_end(0, logs)
    assert logs == {"loss": 1.0, "learning_rate": 0.5}
    assert capsys.readouterr().out == (
        "Epoch 1: LearningRateScheduler sets the learning rate to 0.5.\n"
    )


def test_every_optimizer_of_several_is_scheduled(capsys):
    scheduler = on(
        Model(two_optimizers()), LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1)
    )
    scheduler.on_epoch_begin(0)
    logs = {}
    scheduler.on_epoch_end(0, logs)
    assert logs == {"learning_rate_slow": 0.5, "learning_rate_fast": 1.0}
    assert "the learning rate of fast to 1.0." in capsys.readouterr().out


# -- ReduceLROnPlateau ----------------------------------------------------------------------------


def rates_after(callback, losses, model=None):
    on(model or Model(), callback)
    rates = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {callback.monitor: loss})
        rates.append(callback.model.rate())
    return rates


@pytest.mark.parametrize(
    ("arguments", "losses", "rates"),
    [
        ({"patience": 1}, [3, 2, 2, 2], [1, 1, 0.5, 0.25]),
        ({"patience": 2}, [3, 3, 3, 3, 3], [1, 1, 0.5, 0.5, 0.25]),
        ({"patience": 1, "cooldown": 2}, [3, 3, 3, 3, 3], [1, 0.5, 0.5, 0.25, 0.25]),
        ({"patience": 1, "min_lr": 0.4}, [3, 3, 3, 3], [1, 0.5, 0.4, 0.4]),
        ({"patience": 1, "min_delta": 1.0}, [3, 2.5, 2], [1, 0.5, 0.25]),
        ({"patience": 1, "epsilon": 1.0}, [3, 2.5, 2], [1, 0.5, 0.25]),
        ({"patience": 1, "mode": "max"}, [1, 2, 3, 2], [1, 1, 1, 0.5]),
        ({"patience": 1}, [float("nan"), 3, 2, float("nan")], [1, 1, 1, 0.5]),
    ],
)
def test_when_the_rate_falls(arguments, losses, rates):
    callback = ReduceLROnPlateau("loss", factor=0.5, **arguments)
    np.testing.assert_allclose(rates_after(callback, losses), rates, rtol=1e-6)


def test_a_second_fit_counts_anew():
    callback = ReduceLROnPlateau("loss", factor=0.5, patience=2)
    assert rates_after(callback, [3, 3]) == [1, 1]
    assert rates_after(callback, [3, 3]) == [1, 1]


def test_what_reduce_logs_and_prints(capsys):
    callback = on(Model(), ReduceLROnPlateau("loss", factor=0.5, patience=1, verbose=1))
    logs = {"loss": 1.0}
    callback.on_epoch_end(0, {"loss": 1.0})
    callback.on_epoch_end(1, logs)
    assert logs == {"loss": 1.0, "learning_rate": 1.0}  # that of the epoch, not of the next
    assert capsys.readouterr().out == (
        "Epoch 2: loss is on a plateau; ReduceLROnPlateau lowers the learning rate from 1 to 0.5.\n"
    )


def test_every_optimizer_of_several_is_reduced():
    model = Model(two_optimizers())
    callback = on(model, ReduceLROnPlateau("loss", factor=0.5, patience=1, min_lr=1.0))
    for epoch in range(2):
        logs = {"loss": 1.0}
        callback.on_epoch_end(epoch, logs)
    assert logs == {"loss": 1.0, "learning_rate_slow": 1.0, "learning_rate_fast": 2.0}
    assert [float(o.learning_rate) for o in model.optimizer.optimizers] == [1.0, 1.0]


def test_a_missing_value_warns():
    callback = on(Model(), ReduceLROnPlateau())
    with pytest.warns(
        UserWarning, match="ReduceLROnPlateau watches 'val_loss'.*Available: loss, le"
    ):
        callback.on_epoch_end(0, {"loss": 1.0})


def test_a_factor_of_one_is_refused():
    with pytest.raises(ValueError, match=r"below 1.*got 1.5"):
        ReduceLROnPlateau(factor=1.5)


def test_unknown_arguments_are_named():
    with pytest.warns(UserWarning, match=r"ignores, the arguments \['patiens'\]"):
        ReduceLROnPlateau(patiens=3)


def test_an_interrupted_run_goes_on_where_it_was():
    losses = [3, 3, 3, 3, 3, 3, 2, 2, 2]
    make = lambda: ReduceLROnPlateau("loss", factor=0.5, patience=2, cooldown=1)  # noqa: E731
    whole = rates_after(make(), losses)
    before = make()
    model = Model()
    rates = rates_after(before, losses[:4], model)
    after = on(model, make())
    after.set_state(before.get_state())
    for epoch in range(4, len(losses)):
        after.on_epoch_end(epoch, {"loss": losses[epoch]})
        rates.append(model.rate())
    assert rates == whole
