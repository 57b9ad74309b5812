"""All stages in one native call agree with variable after variable."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import nyala
from nyala import kernels, optimizers

pytestmark = pytest.mark.skipif(
    kernels.native_state().startswith("none"), reason=kernels.native_state()
)

OPTIMIZERS = {
    "SGD, clipnorm": lambda: optimizers.SGD(0.1, nesterov=True, momentum=0.9, clipnorm=0.5),
    "RMSprop, clipvalue": lambda: optimizers.RMSprop(
        0.01, centered=True, momentum=0.5, clipvalue=0.2, loss_scale_factor=4.0
    ),
    "AdamW, averages": lambda: optimizers.AdamW(
        0.01, global_clipnorm=0.7, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=2
    ),
    "Adam, accumulation": lambda: optimizers.Adam(
        0.01, amsgrad=True, gradient_accumulation_steps=2, use_ema=True, weight_decay=0.1
    ),
    "Adagrad": lambda: optimizers.Adagrad(0.1),
}


@pytest.fixture(autouse=True)
def _mode_restored():
    yield
    kernels.set_kernels("auto")


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())
def test_agrees_with_variable_after_variable(make):
    def trained(mode):
        kernels.set_kernels(mode)
        generator = np.random.default_rng(0)
        normal = lambda *shape: generator.standard_normal(shape).astype("float32")  # noqa: E731
        variables = [nyala.Variable(normal(7, 5)), nyala.Variable(normal(3))]
        variables.append(nyala.Variable(normal(4), constraint=nyala.constraints.NonNeg()))
        optimizer = make()
        optimizer.exclude_from_weight_decay(var_list=[variables[1]])
        optimizer.build(variables)
        for step in range(4):
            own = variables if step % 2 else variables[1:]  # one is left out now and then
            optimizer.apply([normal(*v.shape) for v in own], own)
        return [variable.numpy() for variable in [*variables, *optimizer.variables]]

    for native, reference in zip(trained("auto"), trained("reference"), strict=True):
        np.testing.assert_allclose(native, reference, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_table_is_trained_without_its_gradient(optimizer):
    ids = np.array([[1, 2, 2], [8, 1, 0], [8, 8, 8], [3, 1, 2]])
    targets = np.arange(4.0).reshape(4, 1)

    def trained(mode):
        kernels.set_kernels(mode)
        nyala.utils.set_random_seed(0)
        layers = [nyala.layers.Embedding(9, 5), nyala.layers.Flatten(), nyala.layers.Dense(1)]
        model = nyala.Sequential([nyala.Input((3,), dtype="int32"), *layers])
        model.set_weights([np.cos(np.arange(w.size)).reshape(w.shape) for w in model.weights])
        model.compile(optimizer, "mse")
        model.fit(ids, targets, batch_size=2, epochs=2, shuffle=False, verbose=0)
        return model.get_weights()

    for native, reference in zip(trained("auto"), trained("reference"), strict=True):
        np.testing.assert_allclose(native, reference, rtol=1e-5, atol=1e-6)


def test_a_gradient_from_one_lookup_is_not_made():
    optimizer, table = optimizers.SGD(0.1), nyala.Variable(np.ones((50, 8), "float32"))
    optimizer.build([table])

    def step(value, ids):
        loss = lambda value: kernels.embedding_lookup(value, ids).sum()  # noqa: E731
        state = [variable.value._value for variable in optimizer.variables]
        return optimizer.stateless_apply(state, [jax.grad(loss)(value)], [value])[0][0]._value

    text = jax.jit(step).lower(table.numpy(), np.arange(4)).compile().as_text()
    assert "nyala_optimizer_update" in text
    assert "nyala_embedding_gradient" not in text
    assert "scatter" not in text


def test_an_update_of_the_users_own_is_not_passed_over():
    class Frozen(optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            """Leave everything as it is."""

    variable = nyala.Variable([1.0])
    Frozen().apply([[3.0]], [variable])
    assert variable.numpy() == 1.0


def test_a_variable_is_tracked_once():
    optimizer = optimizers.SGD(momentum=0.9)
    optimizer.build([nyala.Variable([0.0]) for _ in range(3)])
    again = optimizer.variables[3]
    optimizer._track_variable(again)
    assert len(optimizer.variables) == 5
    optimizer._untrack_variable(again)
    optimizer._track_variable(again)
    assert optimizer.variables[-1] is again
