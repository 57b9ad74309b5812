"""`apply`: one compiled call, equal in every way of calling it, and what it refuses."""

from __future__ import annotations

import copy
import gc
import pickle
import re
import weakref

import jax
import numpy as np
import pytest

import nyala
from nyala import ops, optimizers
from nyala.eager import StateScope, wrap


class Counting(optimizers.Optimizer):
    """Gradient descent written as a user would; counts how often its Python code runs."""

    runs = 0

    def build(self, variables):
        super().build(variables)
        self.seen = self.add_optimizer_variables(variables, "seen")

    def update_step(self, gradient, variable, learning_rate):
        type(self).runs += 1
        seen = self.seen[self._get_variable_index(variable)]
        self.assign_add(seen, gradient)
        self.assign_sub(variable, ops.multiply(gradient, ops.cast(learning_rate, variable.dtype)))


@pytest.fixture(autouse=True)
def _reset_counter():
    Counting.runs = 0


def two_variables():
    return [
        nyala.Variable(np.arange(6, dtype="float32").reshape(3, 2), name="kernel"),
        nyala.Variable(np.ones(2, "float32"), name="bias"),
    ]


def two_gradients(scale=1.0):
    return [np.full((3, 2), 0.5 * scale, "float32"), np.full((2,), -1.0 * scale, "float32")]


# -- one compiled call ---------------------------------------------------------------------------


def test_second_call_compiles_nothing():
    variables = two_variables()
    optimizer = Counting(learning_rate=0.5)
    optimizer.apply(two_gradients(), variables)
    first = Counting.runs
    for _ in range(2):
        optimizer.apply(two_gradients(), variables)
    assert Counting.runs == first == 4  # for each variable: once for the shapes, once to compile
    np.testing.assert_allclose(variables[1].numpy(), [2.5, 2.5])


def test_a_changed_learning_rate_compiles_nothing_and_is_used():
    variables = two_variables()
    optimizer = Counting(learning_rate=0.5)
    optimizer.apply(two_gradients(), variables)
    first = Counting.runs
    optimizer.learning_rate = 2.0
    optimizer.apply(two_gradients(), variables)
    optimizer.lr.assign(0.0)
    optimizer.apply(two_gradients(), variables)
    assert Counting.runs == first
    np.testing.assert_allclose(variables[1].numpy(), [3.5, 3.5])


def test_a_changed_setting_is_used():
    variables = two_variables()
    optimizer = optimizers.SGD(1.0, momentum=0.5)
    optimizer.apply(two_gradients(), variables)
    optimizer.momentum = 0.0
    optimizer.clipvalue = 0.25
    optimizer.apply(two_gradients(), variables)
    np.testing.assert_allclose(variables[1].numpy(), [2.25, 2.25])


def test_a_variable_outside_the_optimizer_is_read_anew_at_each_step():
    factor = nyala.Variable(1.0)

    class Scaled(optimizers.Optimizer):
        def update_step(self, gradient, variable, learning_rate):
            self.assign_sub(variable, gradient * factor)

    weight = nyala.Variable(0.0)
    optimizer = Scaled(learning_rate=1.0)
    optimizer.apply([1.0], [weight])
    factor.assign(10.0)
    optimizer.apply([1.0], [weight])
    assert float(weight) == -11.0


@pytest.mark.parametrize(
    "optimizer",
    [
        optimizers.Adam(0.1, weight_decay=0.1, clipnorm=1.0),
        optimizers.SGD(0.1, momentum=0.9, use_ema=True, ema_overwrite_frequency=2),
        optimizers.AdamW(0.1, gradient_accumulation_steps=2),
        optimizers.LossScaleOptimizer(optimizers.Nadam(0.1)),
        optimizers.RMSprop(optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)),
    ],
    ids=lambda optimizer: optimizer.name,
)
def test_live_scoped_stateless_and_immediate_updates_are_the_same(optimizer):
    def trained(run):
        own = copy.deepcopy(optimizer)
        variables = two_variables()
        own.build(variables)
        for i in range(5):
            run(own, [wrap(jax.numpy.asarray(g)) for g in two_gradients(i)], variables)
        return [v.numpy() for v in (*variables, *own.variables)]

    expected = trained(lambda own, grads, variables: own.apply(grads, variables))
    for run in (_in_scope, _stateless, _immediate):
        for value, other in zip(trained(run), expected, strict=True):
            np.testing.assert_allclose(value, other, rtol=1e-6, atol=1e-7)


def _in_scope(optimizer, grads, variables):
    state = [*variables, *optimizer.variables]

    @jax.jit
    def step(values, grads):
        with StateScope(zip(state, values, strict=True)) as scope:
            optimizer.apply(grads)
        return [scope.value(v) for v in state]

    for variable, value in zip(state, step([v.value._value for v in state], grads), strict=True):
        variable.assign(wrap(value))


def _stateless(optimizer, grads, variables):
    state = optimizer.variables
    new_values, new_state = optimizer.stateless_apply(
        [v.value for v in state], grads, [v.value for v in variables]
    )
    for variable, value in zip([*variables, *state], [*new_values, *new_state], strict=True):
        variable.assign(value)


def _immediate(optimizer, grads, variables):
    before = nyala.config.eager_mode()
    nyala.config.set_eager_mode("immediate")
    try:
        optimizer.apply_gradients(zip(grads, variables, strict=True))
    finally:
        nyala.config.set_eager_mode(before)


def test_stateless_apply_changes_nothing_live():
    variables = two_variables()
    optimizer = optimizers.Adam()
    optimizer.build(variables)
    before = [v.numpy() for v in (*variables, *optimizer.variables)]
    optimizer.stateless_apply(
        [v.value for v in optimizer.variables], two_gradients(), [v.value for v in variables]
    )
    for variable, value in zip((*variables, *optimizer.variables), before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_an_optimizer_is_freed_with_its_programs():
    optimizer = optimizers.SGD()
    optimizer.apply(two_gradients(), two_variables())
    gone = weakref.ref(optimizer)
    del optimizer
    gc.collect()
    assert gone() is None


# -- gradients -----------------------------------------------------------------------------------


def test_variables_without_gradient_stay_with_a_warning():
    variables = two_variables()
    optimizer = optimizers.SGD(1.0)
    with pytest.warns(UserWarning, match=r"no gradient for \['kernel'\]"):
        optimizer.apply([None, np.ones(2)], variables)
    np.testing.assert_array_equal(variables[0].numpy(), two_variables()[0].numpy())
    np.testing.assert_array_equal(variables[1].numpy(), [0.0, 0.0])


def test_no_gradient_at_all_names_the_variables():
    with pytest.raises(ValueError, match=r"no gradient for any variable \(kernel, bias\)"):
        optimizers.SGD().apply([None, None], two_variables())


def test_a_gradient_of_another_shape_names_both_shapes():
    with pytest.raises(ValueError, match=r"'kernel' has shape \(3, 2\), its gradient.*\(2,\)"):
        optimizers.SGD().apply(two_gradients()[::-1], two_variables())


def test_an_unknown_variable_is_named():
    optimizer = optimizers.SGD()
    optimizer.build(two_variables())
    with pytest.raises(ValueError, match="built for other variables than 'late'"):
        optimizer.apply([1.0], [nyala.Variable(1.0, name="late")])


def test_wrong_number_of_gradients():
    with pytest.raises(ValueError, match="got 1 gradients for 2 variables"):
        optimizers.SGD().apply([1.0], two_variables())
    with pytest.raises(ValueError, match="needs a built optimizer"):
        optimizers.SGD().apply([1.0])


def test_no_gradients_is_no_update():
    optimizer = optimizers.SGD()
    optimizer.apply([])
    optimizer.apply_gradients([])
    assert int(optimizer.iterations) == 0


def test_clipping_is_exact():
    gradient = np.array([3.0, 4.0], "float32")

    def moved(**arguments):
        weight = nyala.Variable(np.zeros(2, "float32"))
        other = nyala.Variable(np.zeros(1, "float32"))
        optimizers.SGD(1.0, **arguments).apply([gradient, np.array([12.0])], [weight, other])
        return [*-weight.numpy(), *-other.numpy()]

    np.testing.assert_allclose(moved(clipnorm=1.0), [0.6, 0.8, 1.0], rtol=1e-6)
    np.testing.assert_allclose(moved(clipnorm=100.0), [3.0, 4.0, 12.0], rtol=1e-6)
    np.testing.assert_allclose(moved(clipvalue=3.5), [3.0, 3.5, 3.5])
    np.testing.assert_allclose(moved(global_clipnorm=6.5), [1.5, 2.0, 6.0], rtol=1e-6)


def test_a_norm_that_is_not_finite_shows():
    weight, other = nyala.Variable(1.0), nyala.Variable(1.0)
    optimizers.SGD(1.0, global_clipnorm=1.0).apply([np.inf, 1.0], [weight, other])
    assert np.isnan(float(other))


# -- around the rule -----------------------------------------------------------------------------


def test_accumulation_updates_with_the_mean_of_each_round():
    weight = nyala.Variable(0.0)
    optimizer = optimizers.SGD(1.0, gradient_accumulation_steps=3)
    seen = []
    for gradient in [1.0, 2.0, 6.0, 10.0, 20.0, 0.0]:
        optimizer.apply([gradient], [weight])
        seen.append(float(weight))
    assert seen == [0.0, 0.0, -3.0, -3.0, -3.0, -13.0]
    assert int(optimizer.iterations) == 2


def test_constraints_are_applied_after_the_update():
    weight = nyala.Variable([1.0, -1.0], constraint=ops.relu)
    optimizers.SGD(1.0).apply([[-1.0, 1.0]], [weight])
    np.testing.assert_array_equal(weight.numpy(), [2.0, 0.0])


def test_a_variable_may_be_overwritten_with_its_gradient():
    scale = nyala.Variable(1.0, name="scale")
    scale.overwrite_with_gradient = True
    weight = nyala.Variable(1.0, name="weight")
    optimizer = optimizers.Adam(0.1, clipvalue=0.1)
    optimizer.apply([7.0, 1.0], [scale, weight])
    assert float(scale) == 7.0
    assert [v.name for v in optimizer.variables[2:]] == ["weight_momentum", "weight_velocity"]


def test_weight_decay_passes_over_what_is_excluded():
    kernel, bias = two_variables()
    optimizer = optimizers.SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.apply([np.zeros((3, 2)), np.zeros(2)], [kernel, bias])
    np.testing.assert_allclose(kernel.numpy(), two_variables()[0].numpy() * 0.75)
    np.testing.assert_array_equal(bias.numpy(), [1.0, 1.0])

    kernel, bias = two_variables()
    optimizer = optimizers.SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[kernel])
    optimizer.apply([np.zeros((3, 2)), np.zeros(2)], [kernel, bias])
    np.testing.assert_array_equal(kernel.numpy(), two_variables()[0].numpy())
    np.testing.assert_array_equal(bias.numpy(), [0.75, 0.75])


def test_a_name_that_is_part_of_a_path_excludes_as_in_keras_2():
    with nyala.name_scope("layer_norm"):
        gamma = nyala.Variable(1.0, name="gamma")
    with nyala.name_scope("dense"):
        kernel = nyala.Variable(1.0, name="kernel")
    optimizer = optimizers.SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["layer_norm"])
    optimizer.apply([0.0, 0.0], [gamma, kernel])
    assert (float(gamma), float(kernel)) == (1.0, 0.75)


def test_moving_average_takes_the_place_of_the_variables_at_the_end():
    weight = nyala.Variable(0.0)
    optimizer = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    for _ in range(3):
        optimizer.apply([-1.0], [weight])
    assert float(weight) == 3.0
    optimizer.finalize_variable_values([weight])
    assert float(weight) == 0.5 * (0.5 * 1.0 + 0.5 * 2.0) + 0.5 * 3.0


def test_loss_scale_factor_cancels_out():
    weight = nyala.Variable(1.0)
    optimizer = optimizers.SGD(0.5, loss_scale_factor=8.0)
    assert float(optimizer.scale_loss(ops.convert_to_tensor(2.0))) == 16.0
    optimizer.apply([8.0], [weight])
    assert float(weight) == 0.5


# -- copies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_a_copy_goes_on_where_the_optimizer_was(duplicate):
    variables = two_variables()
    optimizer = optimizers.Adam(0.1)
    optimizer.apply(two_gradients(), variables)
    other_optimizer, other_variables = duplicate((optimizer, variables))
    for _ in range(2):
        optimizer.apply(two_gradients(), variables)
        other_optimizer.apply(two_gradients(), other_variables)
    for variable, other in zip(
        [*variables, *optimizer.variables],
        [*other_variables, *other_optimizer.variables],
        strict=True,
    ):
        np.testing.assert_array_equal(variable.numpy(), other.numpy())


def test_weights_go_out_and_in():
    optimizer, other = optimizers.Adam(), optimizers.Adam()
    optimizer.apply(two_gradients(), two_variables())
    with pytest.raises(ValueError, match=re.escape("optimizer.build(model.trainable_variables)")):
        other.set_weights(optimizer.get_weights())
    other.build(two_variables())
    other.set_weights(optimizer.get_weights())
    for value, expected in zip(other.get_weights(), optimizer.get_weights(), strict=True):
        np.testing.assert_array_equal(value, expected)
    assert len(other.variables()) == len(other.weights) == 6


def test_the_state_of_another_optimizer_is_skipped_with_a_warning():
    store: dict = {}
    optimizers.SGD().save_own_variables(store)
    optimizer = optimizers.Adam()
    optimizer.build(two_variables())
    with pytest.warns(UserWarning, match="has 2 variables, this optimizer has 6"):
        optimizer.load_own_variables(store)
