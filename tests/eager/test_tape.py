"""`GradientTape`: what it gives, where derivatives end, and what it says when there is none."""

from __future__ import annotations

import gc
import warnings
import weakref
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nyala
from nyala import GradientTape, Variable, function, ops
from nyala.eager import StatelessScope, StateScope, count_traces, flush_recorded

tensor = ops.convert_to_tensor


def test_gradient_of_a_variable():
    v = Variable(3.0)
    with GradientTape() as tape:
        y = v * v
    assert float(tape.gradient(y, v)) == 6.0


def test_structures_of_sources_keep_their_structure():
    v = {"a": Variable(2.0), "b": [Variable(3.0), (Variable(4.0),)]}
    with GradientTape() as tape:
        y = v["a"] * v["b"][0] * v["b"][1][0]
    gradient = tape.gradient(y, v)
    assert float(gradient["a"]) == 12.0
    assert float(gradient["b"][0]) == 8.0
    assert isinstance(gradient["b"][1], tuple)
    assert float(gradient["b"][1][0]) == 6.0


def test_gradient_of_several_targets_is_of_their_sum():
    v = Variable(3.0)
    with GradientTape() as tape:
        y = {"square": v * v, "double": v * 2.0}
    assert float(tape.gradient(y, v)) == 8.0


@pytest.mark.parametrize("looked", [False, True], ids=["pending", "looked_at"])
def test_values_may_be_looked_at_on_the_way(looked):
    v = Variable(3.0)
    with GradientTape() as tape:
        y = v * v
        if looked:
            float(y)
        z = ops.exp(y)
    if looked:
        float(z)
    np.testing.assert_allclose(tape.gradient(z, v), 6.0 * np.exp(9.0), rtol=1e-6)


def test_tensors_are_followed_when_watched():
    x, other = tensor(3.0), tensor(4.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x * other
    assert float(tape.gradient(y, x)) == 24.0
    assert tape.gradient(y, other) is None


def test_the_example_of_public_guides_on_what_is_watched():
    trainable = Variable(3.0)
    frozen = Variable(3.0, trainable=False)
    computed = Variable(2.0) + 1.0
    constant = tensor(3.0)
    with GradientTape() as tape:
        y = trainable**2 + frozen**2 + computed**2 + constant**2
    gradients = tape.gradient(y, [trainable, frozen, computed, constant])
    assert float(gradients[0]) == 6.0
    assert gradients[1:] == [None, None, None]
    assert tape.watched_variables() == (trainable,)


def test_variables_are_not_watched_unless_asked_for():
    v, w = Variable(2.0), Variable(3.0)
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(v)
        y = v * w
    gradients = tape.gradient(y, [v, w])
    assert float(gradients[0]) == 3.0
    assert gradients[1] is None


def test_intermediate_values_are_sources_too():
    x = tensor(2.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    assert float(tape.gradient(z, y)) == 8.0
    total, partial = tape.gradient(z, [x, y])
    assert (float(total), float(partial)) == (32.0, 8.0)


def test_target_as_its_own_source():
    v = Variable(2.0)
    with GradientTape() as tape:
        y = v * v
    assert float(tape.gradient(y, y)) == 1.0


@pytest.mark.parametrize("looked", [False, True], ids=["pending", "looked_at"])
def test_a_variable_assigned_under_the_tape_sums_over_what_was_read(looked):
    v = Variable(2.0)
    with GradientTape() as tape:
        y = v * v
        v.assign(5.0)
        z = v * 2.0
        if looked:
            float(z)
        total = y + z
    assert float(tape.gradient(total, v)) == 6.0


@pytest.mark.parametrize("looked", [False, True], ids=["pending", "looked_at"])
def test_derivatives_end_where_a_watched_variable_is_read(looked):
    x, v = tensor(2.0), Variable(0.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * 3.0
        if looked:
            flush_recorded()
        v.assign(y)
        z = v * v
    assert tape.gradient(z, x) is None
    assert float(tape.gradient(z, v)) == 12.0


def test_output_gradients():
    x = tensor([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
    gradient = tape.gradient(y, x, output_gradients=tensor([1.0, 10.0]))
    np.testing.assert_array_equal(gradient, [2.0, 40.0])
    with pytest.raises(ValueError, match=r"target's shape, here \(2,\); got \(3,\)"):
        tape.gradient(y, x, output_gradients=tensor([1.0, 2.0, 3.0]))
    with pytest.raises(ValueError, match="one tensor for each of 1 targets; got 2"):
        tape.gradient(y, x, output_gradients=[y, y])


def test_unconnected_gradients():
    v, w = Variable([1.0, 2.0]), Variable([[3.0]])
    with GradientTape(persistent=True) as tape:
        y = ops.sum(v)
    assert tape.gradient(y, w) is None
    np.testing.assert_array_equal(tape.gradient(y, w, unconnected_gradients="zero"), [[0.0]])
    jacobian = tape.jacobian(v * 1.0, w, unconnected_gradients="zero")
    assert jacobian.shape == (2, 1, 1)
    with pytest.raises(ValueError, match="'none' or 'zero'; got 'nothing'"):
        tape.gradient(y, w, unconnected_gradients="nothing")


def test_jacobian_equals_jax():
    x = np.arange(6, dtype="float32").reshape(2, 3) / 5

    def f(x):
        return jnp.sin(x) @ x.T

    t = tensor(x)
    with GradientTape() as tape:
        tape.watch(t)
        y = ops.sin(t) @ ops.transpose(t)
    np.testing.assert_allclose(tape.jacobian(y, t), jax.jacrev(f)(x), rtol=1e-6, atol=1e-7)


def test_jacobian_of_a_scalar_and_of_several_sources():
    v, w = Variable([1.0, 2.0]), Variable(3.0)
    with GradientTape() as tape:
        y = ops.sum(v * v) * w
    by_v, by_w = tape.jacobian(y, [v, w])
    np.testing.assert_array_equal(by_v, [6.0, 12.0])
    assert float(by_w) == 5.0


def test_batch_jacobian():
    x = tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        flat = ops.sum(y, axis=1)
    expected = [[[2.0, 0.0], [0.0, 4.0]], [[6.0, 0.0], [0.0, 8.0]], [[10.0, 0.0], [0.0, 12.0]]]
    np.testing.assert_array_equal(tape.batch_jacobian(y, x), expected)
    assert tape.batch_jacobian(flat, x).shape == (3, 2)
    with pytest.raises(ValueError, match=r"same number of rows; got shapes \(3, 2\) and \(\)"):
        tape.batch_jacobian(y, Variable(1.0))


def test_stop_recording():
    v = Variable(3.0)
    with GradientTape(persistent=True) as tape:
        y = v * v
        with tape.stop_recording():
            hidden = v * 10.0
        z = y * hidden
    assert float(tape.gradient(z, v)) == 6.0 * 30.0
    assert tape.gradient(hidden, v) is None
    with tape.stop_recording():  # not recording anyway
        pass


def test_stop_recording_of_an_outer_tape():
    v = Variable(3.0)
    with GradientTape() as outer:
        y = v * v
        with GradientTape() as inner, outer.stop_recording():
            z = v * 5.0
        assert float(inner.gradient(z, v)) == 5.0
        total = y + z
    assert float(outer.gradient(total, v)) == 6.0


def test_reset_forgets():
    v = Variable(3.0)
    with GradientTape(persistent=True) as tape:
        y = v * v
        tape.reset()
        z = v * 2.0
    assert tape.gradient(y, v) is None
    assert float(tape.gradient(z, v)) == 2.0


def test_third_derivative():
    v = Variable(2.0)
    with GradientTape() as third:
        with GradientTape() as second:
            with GradientTape() as first:
                y = v**4
            dy = first.gradient(y, v)
        ddy = second.gradient(dy, v)
    assert [float(dy), float(ddy), float(third.gradient(ddy, v))] == [32.0, 48.0, 48.0]


def test_second_derivative_by_one_persistent_tape():
    x = tensor(2.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x**3
        dy = tape.gradient(y, x)
    assert float(tape.gradient(dy, x)) == 12.0


def test_gradient_penalty():
    """The loss of WGAN-GP: a gradient inside the loss."""
    w, x = Variable([1.0, 2.0]), tensor([3.0, 4.0])
    with GradientTape() as outer:
        with GradientTape() as inner:
            inner.watch(x)
            y = ops.sum(ops.square(x * w))
        penalty = ops.square(ops.norm(inner.gradient(y, x)) - 1.0)
    expected = jax.grad(
        lambda w: (jnp.linalg.norm(jax.grad(lambda x: jnp.sum((x * w) ** 2))(x._value)) - 1) ** 2
    )(jnp.array([1.0, 2.0]))
    np.testing.assert_allclose(outer.gradient(penalty, w), expected, rtol=1e-5)


# -- inside compiled code --------------------------------------------------------------------------


def test_inside_function():
    v = Variable(2.0)

    @function
    def step(x):
        with GradientTape() as tape:
            y = v * v * x
        gradient = tape.gradient(y, v)
        v.assign_sub(gradient * 0.1)
        return y, gradient

    y, gradient = step(tensor(3.0))
    assert (float(y), float(gradient)) == (12.0, 12.0)
    assert float(v) == pytest.approx(0.8)


def test_inside_jit_with_a_scope():
    v = Variable(2.0)

    @jax.jit
    def pure(value, x):
        with StatelessScope([(v, value)]), GradientTape() as tape:
            y = v * v * x
        return tape.gradient(y, v)._value

    assert float(pure(3.0, 5.0)) == 30.0


def test_a_scope_opened_under_the_tape_is_followed():
    v, x = Variable(2.0), tensor(4.0)
    with GradientTape() as tape:
        tape.watch(x)
        with StateScope([(v, x * 1.0)]):
            y = v * v
    assert float(tape.gradient(y, x)) == 8.0


def test_compiled_code_called_under_the_tape_is_none_of_its_business():
    model = nyala.Sequential([nyala.layers.Dense(1, use_bias=False)])
    x = np.ones((1, 2), "float32")
    model(x)
    with GradientTape() as tape:
        loss = ops.sum(model(x))
        model.predict(x, verbose=0)
    (gradient,) = tape.gradient(loss, model.trainable_variables)
    np.testing.assert_array_equal(gradient, [[1.0], [1.0]])


def test_jax_transformations_under_the_tape():
    v = Variable(2.0)
    with GradientTape() as tape:
        y = v * v
        raw = jax.grad(lambda a: ops.sum(ops.sin(a)))(jnp.zeros(2))
    assert float(tape.gradient(y, v)) == 4.0
    np.testing.assert_array_equal(raw, [1.0, 1.0])


# -- paths that break ------------------------------------------------------------------------------


def _line_of(marker):
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return next(i for i, line in enumerate(lines, 1) if line.endswith("# " + marker))


@pytest.mark.parametrize(
    ("marker", "leave"),
    [
        ("by numpy()", lambda v: np.sin(v.numpy())),  # by numpy()
        ("by a NumPy function", lambda v: np.sin(v)),  # by a NumPy function
        ("by jax.numpy", lambda v: jnp.sin(v.value)),  # by jax.numpy
        ("by float()", lambda v: float(v) * 2),  # by float()
        ("by item()", lambda v: v.value.item() * 2),  # by item()
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_a_path_that_breaks_is_none_and_says_where(marker, leave):
    v = Variable(2.0)
    with GradientTape() as tape:
        y = tensor(leave(v)) * 3.0
    with pytest.warns(UserWarning, match=rf"test_tape.py:{_line_of(marker)} ") as caught:
        assert tape.gradient(y, v) is None
    assert caught[0].filename == __file__


def test_looking_at_a_value_is_no_break():
    v, unused = Variable(2.0), Variable(1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with GradientTape() as tape:
            y = v * v
            print(float(y))
        assert tape.gradient(y, [v, unused])[1] is None


def test_stop_gradient_is_followed_no_further():
    v = Variable(2.0)
    with GradientTape(persistent=True) as tape:
        y = ops.stop_gradient(v * v)
        z = y * v
    assert tape.gradient(y, v) is None
    assert float(tape.gradient(z, v)) == 4.0


# -- wrong use -------------------------------------------------------------------------------------


def test_a_second_question_needs_a_persistent_tape():
    v = Variable(2.0)
    with GradientTape() as tape:
        y = v * v
    tape.gradient(y, v)
    with pytest.raises(RuntimeError, match=r"used already.*persistent=True"):
        tape.gradient(y, v)


def test_integers_have_no_derivative():
    x, whole = tensor(2.0), tensor(3)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * 2.0
        with pytest.raises(ValueError, match=r"GradientTape.watch: .* by floats; .* dtype int32"):
            tape.watch(whole)
    with pytest.raises(ValueError, match=r"target: derivatives are taken of floats.*int32.*Cast"):
        tape.gradient(ops.cast(y, "int32"), x)
    with pytest.raises(ValueError, match=r"source: derivatives are taken by floats.*int32"):
        tape.gradient(y, whole)


def test_an_integer_variable_among_the_sources_is_none():
    v, steps = Variable(2.0), Variable(3)
    with GradientTape() as tape:
        y = v * ops.cast(steps, "float32")
    gradients = tape.gradient(y, [v, steps])
    assert float(gradients[0]) == 3.0
    assert gradients[1] is None


@pytest.mark.parametrize("where", ["target", "source"])
def test_what_is_no_tensor(where):
    v = Variable(2.0)
    with GradientTape() as tape:
        y = v * v
    arguments = (1.0, v) if where == "target" else (y, np.ones(2))
    with pytest.raises(TypeError, match=f"{where} must be a tensor"):
        tape.gradient(*arguments)


def test_a_tape_records_once_at_a_time():
    with GradientTape() as tape, pytest.raises(ValueError, match="recording already"), tape:
        pass


def test_an_exception_under_the_tape_closes_it():
    v = Variable(2.0)
    with pytest.raises(ZeroDivisionError), GradientTape():
        1 / 0  # noqa: B018
    with GradientTape() as tape:
        y = v * v
    assert float(tape.gradient(y, v)) == 4.0


# -- values and cost -------------------------------------------------------------------------------

_COMPOSED = {
    "mlp": lambda n, x: n.sum(n.tanh(n.matmul(x, n.transpose(x))) ** 2),
    "softplus of a norm": lambda n, x: n.log(1.0 + n.exp(n.sqrt(n.sum(n.square(x)) + 0.1))),
    "indexing": lambda n, x: n.sum(x[0] * x[1, ::-1]) * n.max(x),
    "broadcasting": lambda n, x: n.mean(x[:, None, :] / (1.0 + n.abs(x[None, :, :]))),
    "where": lambda n, x: n.sum(n.where(x > 0.0, n.sin(x), x**3)),
    "reduction": lambda n, x: n.sum(n.std(x, axis=0) * n.prod(x + 2.0, axis=0)),
    "concatenation": lambda n, x: n.sum(n.cumsum(n.concatenate([x, x * x], axis=0), axis=0) * 0.1),
}


@pytest.mark.parametrize("name", _COMPOSED)
def test_equals_jax_and_finite_differences(name):
    f = _COMPOSED[name]
    x = np.random.default_rng(0).normal(size=(2, 3)).astype("float32")
    v = Variable(x)
    with GradientTape() as tape:
        y = f(ops, v.value)
    gradient = tape.gradient(y, v).numpy()
    np.testing.assert_allclose(gradient, jax.grad(lambda a: f(jnp, a))(x), rtol=2e-6, atol=1e-6)
    step, slopes = 1e-2, np.zeros_like(x)
    for at in np.ndindex(x.shape):
        moved = np.zeros_like(x)
        moved[at] = step
        slopes[at] = (float(f(jnp, x + moved)) - float(f(jnp, x - moved))) / (2 * step)
    np.testing.assert_allclose(gradient, slopes, rtol=2e-2, atol=5e-3)


def test_the_forward_pass_runs_once():
    runs = []

    def host_sin(a):
        runs.append(1)
        return np.sin(a)

    @jax.custom_vjp
    def counted(a):
        return jax.pure_callback(host_sin, jax.ShapeDtypeStruct(a.shape, a.dtype), a)

    counted.defvjp(lambda a: (counted(a), a), lambda a, g: (g * jnp.cos(a),))

    from nyala.eager import Array, op

    namespace = {"Array": Array, "counted": counted}
    exec(  # an operation of the test's own
        "from __future__ import annotations\ndef _counted(x: Array) -> Array: return counted(x)",
        namespace,
    )
    operation = op(namespace["_counted"], name="_counted_in_a_test")
    v = Variable(2.0)
    with GradientTape() as tape:
        loss = operation(v) * 3.0
    gradient = tape.gradient(loss, v)
    assert float(loss) == pytest.approx(3 * np.sin(2.0))
    assert float(gradient) == pytest.approx(3 * np.cos(2.0))
    assert len(runs) == 1


def test_a_dropped_tape_keeps_nothing():
    v = Variable(np.ones(100, "float32"))
    with GradientTape(persistent=True) as tape:
        y = v * 2.0
        loss = ops.sum(y)
    tape.gradient(loss, v)
    node = weakref.ref(tape.nodes[0])
    del tape, y, loss
    flush_recorded()
    gc.collect()
    assert node() is None


def test_training_steps_keep_no_arrays():
    v = Variable(np.ones(10, "float32"))

    def step():
        with GradientTape() as tape:
            loss = ops.sum(v * v)
        v.assign_sub(tape.gradient(loss, v) * 0.01)

    for _ in range(5):
        step()
    gc.collect()
    before = len(jax.live_arrays())
    for _ in range(200):
        step()
    gc.collect()
    assert len(jax.live_arrays()) <= before + 5


def test_a_loop_compiles_once():
    v = Variable(np.ones(3, "float32"))
    sizes = []
    with count_traces() as traced:
        for _ in range(6):
            with GradientTape() as tape:
                loss = ops.sum(v * v)
            v.assign_sub(tape.gradient(loss, v) * 0.01)
            float(loss)
            sizes.append(len(nyala.eager._graph._programs))
    assert sizes[-1] == sizes[1]
    assert traced() == 0
