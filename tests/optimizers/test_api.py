"""Names, configs, wrong arguments, `minimize`, and optimizers that users write."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import ops, optimizers

ALL = (
    "SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Adafactor", "Nadam",
    "Ftrl", "Lion", "Lamb", "Muon", "ScheduleFreeAdamW",
)  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_every_optimizer_is_found_in_any_case(name):
    for spelling in (name, name.lower(), name.upper()):
        assert type(optimizers.get(spelling)) is getattr(optimizers, name)
    optimizer = getattr(optimizers, name)()
    assert optimizers.get(optimizer) is optimizer
    for config in (
        optimizers.serialize(optimizer),
        optimizers.serialize(optimizer, use_legacy_format=True),
    ):
        assert optimizers.get(config).get_config() == optimizer.get_config()


def test_an_unknown_name_gives_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'adam'"):
        optimizers.get("adan")
    with pytest.raises(ValueError, match="Cannot use"):
        optimizers.get(len)
    assert optimizers.get(None) is None


def test_an_unknown_argument_gives_the_nearest():
    with pytest.raises(ValueError, match=r"Adam has no argument 'beta1'. Did you mean 'beta_1'"):
        optimizers.Adam(beta1=0.5)
    with pytest.raises(ValueError, match="Did you mean 'clipnorm'"):
        optimizers.SGD(clip_norm=1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"clipnorm": 1.0, "clipvalue": 1.0}, "only one of clipnorm, clipvalue"),
        ({"gradient_accumulation_steps": 1}, "an integer of at least 2"),
        ({"use_ema": True, "ema_momentum": 1.5}, r"a number in \[0, 1\]"),
        ({"use_ema": True, "ema_overwrite_frequency": 0.5}, "an integer of at least 1"),
        ({"momentum": 2.0}, r"SGD\(momentum=...\) expects a number in \[0, 1\]"),
    ],
)
def test_arguments_out_of_range(arguments, message):
    with pytest.raises(ValueError, match=message):
        optimizers.SGD(**arguments)


def test_arguments_of_single_rules_out_of_range():
    with pytest.raises(ValueError, match=r"Lion\(beta_1=...\)"):
        optimizers.Lion(beta_1=0.0)
    with pytest.raises(ValueError, match="use Adam"):
        optimizers.AdamW(weight_decay=None)
    with pytest.raises(ValueError, match=r"Ftrl\(l1_regularization_strength=...\)"):
        optimizers.Ftrl(l1_regularization_strength=-1.0)


def test_configs_of_keras_2_are_read():
    legacy = {
        "class_name": "Adam",
        "config": {"name": "Adam", "lr": 0.5, "decay": 0.0, "epsilon": None, "amsgrad": False},
    }
    adam = optimizers.deserialize(legacy)
    assert float(adam.learning_rate) == 0.5
    assert adam.epsilon == 1e-7
    later = {
        "module": "keras.optimizers.legacy",
        "class_name": "SGD",
        "config": {"learning_rate": 0.5, "jit_compile": True, "is_legacy_optimizer": False},
        "registered_name": None,
    }
    assert isinstance(optimizers.deserialize(later), optimizers.SGD)


def test_users_classes_are_read():
    class Mine(optimizers.SGD):
        pass

    config = optimizers.serialize(Mine(0.5))
    assert isinstance(optimizers.deserialize(config, custom_objects={"Mine": Mine}), Mine)
    with pytest.raises(TypeError, match="Unknown class 'Mine'"):
        optimizers.deserialize(config)


# -- optimizers that users write -----------------------------------------------------------------


class Keras3Style(optimizers.Optimizer):
    def __init__(self, momentum=0.5, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum

    def build(self, variables):
        super().build(variables)
        self.momentums = []
        for variable in variables:
            self.momentums.append(
                self.add_variable_from_reference(reference_variable=variable, name="momentum")
            )

    def update_step(self, gradient, variable, learning_rate):
        learning_rate = ops.cast(learning_rate, variable.dtype)
        m = self.momentums[self._get_variable_index(variable)]
        self.assign(m, ops.subtract(ops.multiply(m, self.momentum), gradient * learning_rate))
        self.assign_add(variable, m)

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum}


class Keras2Style(optimizers.experimental.Optimizer):
    def __init__(self, learning_rate=0.1, momentum=0.5, name="Keras2Style", **kwargs):
        super().__init__(name=name, **kwargs)
        self._learning_rate = self._build_learning_rate(learning_rate)
        self.momentum = momentum

    def build(self, var_list):
        super().build(var_list)
        if hasattr(self, "_built") and self._built:
            return
        self._built = True
        self.momentums = [
            self.add_variable_from_reference(model_variable=v, variable_name="m") for v in var_list
        ]

    def update_step(self, gradient, variable):
        lr = ops.cast(self.learning_rate, variable.dtype)
        m = self.momentums[self._index_dict[self._var_key(variable)]]
        m.assign(m * self.momentum - gradient * lr)
        variable.assign_add(m)


@pytest.mark.parametrize("cls", [Keras3Style, Keras2Style])
def test_a_rule_of_the_user(cls):
    weight, other = nyala.Variable([1.0], name="w"), nyala.Variable([1.0], name="w")
    mine, ours = cls(learning_rate=0.5), optimizers.SGD(0.5, momentum=0.5)
    for gradient in ([1.0], [-2.0], [3.0]):
        mine.apply_gradients([(gradient, weight)])
        ours.apply_gradients([(gradient, other)])
    np.testing.assert_allclose(weight.numpy(), other.numpy(), rtol=1e-6)
    assert len(mine.variables) == 3
    assert mine.variables[2].path.startswith(mine.name + "/w_m")


def test_variables_that_a_user_makes_are_part_of_the_state():
    class Stateful(optimizers.Optimizer):
        def build(self, variables):
            super().build(variables)
            self.count = nyala.Variable(0.0, name="count", trainable=False)
            self.more = []
            self.more.append(nyala.Variable(0.0, name="first", trainable=False))
            self.more.extend([nyala.Variable(0.0, name="second", trainable=False)])

        def update_step(self, gradient, variable, learning_rate):
            self.assign_add(self.count, 1.0)
            self.assign_add(self.more[1], 2.0)

    optimizer = Stateful(learning_rate=0.1)
    optimizer.apply([1.0, 1.0], [nyala.Variable(0.0), nyala.Variable(0.0)])
    assert [v.name for v in optimizer.variables[2:]] == ["count", "first", "second"]
    assert (float(optimizer.count), float(optimizer.more[1])) == (2.0, 4.0)


def test_a_forgotten_super_call_is_named():
    class Forgetful(optimizers.Optimizer):
        def __init__(self):
            self.rate = 1.0

    with pytest.raises(RuntimeError, match=r"Forgetful.__init__ must call super\(\)"):
        Forgetful()


def test_a_rule_must_be_written():
    with pytest.raises(NotImplementedError, match="must override update_step"):
        optimizers.Optimizer(learning_rate=0.1).apply([1.0], [nyala.Variable(1.0)])


def test_initializers_by_name_list_and_object():
    variables = [nyala.Variable(np.ones((2, 2), "float32"), name="v")]
    optimizer = optimizers.SGD()
    ones, twos = optimizer.add_optimizer_variables(
        variables, ["a", "b"], ["ones", nyala.initializers.Constant(2.0)]
    )
    assert (float(ones[0].numpy().sum()), float(twos[0].numpy().sum())) == (4.0, 8.0)
    with pytest.raises(ValueError, match="2 names and 1 initializers"):
        optimizer.add_optimizer_variables(variables, ["a", "b"], ["ones"])


# -- minimize ------------------------------------------------------------------------------------


def test_minimize_a_function():
    x, y = nyala.Variable(3.0), nyala.Variable(1.0)
    calls = nyala.Variable(0.0, trainable=False)

    def loss():
        calls.assign_add(1.0)
        return x * x + y

    optimizer = optimizers.SGD(0.25)
    count = optimizer.minimize(loss, lambda: [x, y])
    assert (float(x), float(y), float(calls), int(count)) == (1.5, 0.75, 1.0, 1)


def test_minimize_a_tensor_needs_its_tape():
    x = nyala.Variable(3.0)
    with pytest.raises(ValueError, match="needs tape="):
        optimizers.SGD().minimize(x * x, [x])


def test_minimize_asks_the_tape():
    class Tape:
        def gradient(self, loss, variables):
            return [loss * 2.0 for _ in variables]

    x = nyala.Variable(3.0)
    optimizers.SGD(0.5).minimize(x * 1.0, [x], tape=Tape())
    assert float(x) == 0.0
