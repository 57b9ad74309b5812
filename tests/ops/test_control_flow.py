"""Branches and loops over users' functions, which may read and assign variables."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import nyala
from nyala import ops
from nyala.eager import GradientTape, SeedGenerator, StateScope, wrap


def compiled(function, variable, *args):
    """Call a function of tensors in compiled code; return its result and the variable's value."""

    @jax.jit
    def pure(value, *args):
        with StateScope([(variable, value)]) as scope:
            result = function(*map(wrap, args))
            return jax.tree.map(lambda t: t, result), scope.value(variable)

    return pure(variable.numpy(), *args)


def loops(v):
    """Each way to add 1 to a variable three times."""

    def step(*args):
        v.assign_add(1.0)
        return args

    return {
        "while_loop": lambda: ops.while_loop(lambda i: i < 3, lambda i: step(i + 1)[0], 0),
        "fori_loop": lambda: ops.fori_loop(0, 3, lambda i, x: step(x)[0], 0.0),
        "scan": lambda: ops.scan(lambda c, x: (c, step(x)[0]), 0.0, ops.ones(3)),
        "map": lambda: ops.map(lambda x: step(x)[0], ops.ones(3)),
        "nested": lambda: ops.fori_loop(
            0, 3, lambda i, x: ops.cond(i < 5, lambda: step(x)[0], lambda: x), 0.0
        ),
    }


@pytest.mark.parametrize("name", ["while_loop", "fori_loop", "scan", "map", "nested"])
def test_loops_assign_variables(name):
    v = nyala.Variable(0.0)
    loops(v)[name]()
    assert float(v) == 3.0
    _, value = compiled(lambda: loops(v)[name](), v)
    assert value == 6.0
    assert float(v) == 3.0


@pytest.mark.parametrize("flag", [True, False])
def test_cond_assigns_in_the_branch_taken(flag):
    v = nyala.Variable(1.0)

    def run(pred):
        return ops.cond(pred, lambda: v.assign_add(5.0) * 1.0, lambda: v * 2.0)

    wanted = (6.0, 6.0) if flag else (2.0, 1.0)
    assert tuple(map(float, compiled(run, v, flag))) == wanted
    assert (float(run(ops.array(flag))), float(v)) == wanted


def test_live_cond_calls_one_branch_only():
    called = []
    ops.cond(True, lambda: called.append(1), lambda: called.append(2))
    assert called == [1]


def test_cond_of_a_graph_chooses_from_both():
    x = nyala.KerasTensor((None, 2))
    flag = nyala.KerasTensor((), "bool")
    assert ops.cond(flag, lambda: x + 1, lambda: x * 0).shape == (None, 2)
    function = nyala.Function([flag, x], ops.cond(flag, lambda: x + 1, lambda: x * 0))
    assert function([ops.array(True), ops.ones((1, 2))]).tolist() == [[2.0, 2.0]]


def test_loops_in_a_graph():
    x = nyala.KerasTensor((None, 2))
    assert ops.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2), (0, x))[1].shape == (
        None,
        2,
    )
    assert ops.map(lambda row: ops.sum(row), x).shape == (None,)
    assert ops.vectorized_map(lambda row: row * 2, x).shape == (None, 2)
    last, outputs = ops.scan(lambda c, row: (c + ops.sum(row), row), 0.0, x)
    assert (last.shape, outputs.shape) == ((), (None, 2))
    assert ops.switch(1, [lambda y: y, lambda y: y * 2], x).shape == (None, 2)


def test_switch_clamps_its_index():
    branches = [lambda: "first", lambda: "last"]
    assert ops.switch(-5, branches) == "first"
    assert ops.switch(5, branches) == "last"
    traced = jax.jit(lambda i: ops.switch(wrap(i), [lambda: 1.0, lambda: 2.0])._value)
    assert [float(traced(i)) for i in (-5, 0, 1, 5)] == [1.0, 1.0, 2.0, 2.0]


def test_while_loop_structures_and_limit():
    state = ops.while_loop(
        lambda s: s["i"] < 9, lambda s: {"i": s["i"] + 1}, {"i": 0}, maximum_iterations=4
    )
    assert int(state["i"]) == 4


def test_random_numbers_inside_a_loop_differ():
    seeds = SeedGenerator(1)
    drawn = ops.map(lambda x: seeds.next()[1], ops.zeros(4))
    assert len(set(drawn.tolist())) == 4
    assert int(seeds.state[1]) == 4


def test_scan_without_elements():
    last, outputs = ops.scan(lambda c, _: (c * 2, None), 1, None, length=5)
    assert int(last) == 32
    assert outputs is None


@pytest.mark.parametrize("unroll", [0, -1, 2.0])
def test_scan_refuses_unroll(unroll):
    with pytest.raises(ValueError, match="unroll"):
        ops.scan(lambda c, x: (c, x), 0.0, ops.ones(2), unroll=unroll)


def test_a_symbolic_result_is_refused():
    x = nyala.KerasTensor((2,))
    with pytest.raises(ValueError, match="symbolic tensor"):
        ops.map(lambda row: x, ops.ones(2))


def test_gradient_goes_through_scan_and_fori_loop():
    def power(x):
        return ops.fori_loop(0, 3, lambda i, y: y * wrap(x), 1.0)._value

    assert float(jax.grad(power)(2.0)) == pytest.approx(12.0)


def test_vectorize_keeps_excluded_arguments():
    scaled = ops.vectorize(lambda a, b: a * b.sum(), excluded={1})
    assert scaled([1.0, 2.0], [1.0, 1.0, 1.0]).tolist() == [3.0, 6.0]
    with pytest.raises(ValueError, match="function"):
        ops.vectorize(3)


def test_custom_gradient_replaces_the_rule():
    @ops.custom_gradient
    def doubled(x, count, y):
        return {"sum": x + y}, lambda upstream: (2 * upstream["sum"], None, None)

    def loss(x, y):
        return doubled(wrap(x), ops.array(3), wrap(y))["sum"]._value

    assert [float(g) for g in jax.grad(loss, (0, 1))(1.0, 2.0)] == [2.0, 0.0]


def test_custom_gradient_counts_gradients():
    @ops.custom_gradient
    def wrong(x, y):
        return x + y, lambda upstream: upstream

    with pytest.raises(ValueError, match="1 gradients for 2 arguments"):
        jax.grad(lambda x: wrong(wrap(x), wrap(x))._value)(1.0)


def test_stop_gradient():
    assert float(jax.grad(lambda x: (ops.stop_gradient(wrap(x)) * wrap(x))._value)(3.0)) == 3.0


def test_divide_no_nan_has_a_finite_gradient():
    gradient = jax.grad(lambda y: ops.divide_no_nan(1.0, wrap(y))._value)(0.0)
    assert np.isfinite(gradient)


def test_jvp_with_something_more():
    y, dy, aux = ops.linalg.jvp(lambda x: (x * x, x + 1), (3.0,), (1.0,), has_aux=True)
    assert (float(y), float(dy), float(aux)) == (9.0, 6.0, 4.0)


def taped(function, *sources):
    with GradientTape() as tape:
        for source in sources:
            tape.watch(source)
        result = function()
    return [float(g) for g in tape.gradient(result, sources)]


@pytest.mark.parametrize("name", ["scan", "map", "vectorized_map", "fori_loop", "jvp", "switch"])
def test_gradient_tape_sees_arguments_and_variables(name):
    """Each computes 12·w·x, by the sum over 4 rows of 3·w·x or by 3·(4·w·x)."""
    w, x = nyala.Variable(5.0), ops.array(2.0)
    rows = ops.ones(4)

    def grow(_, carry):
        return carry[0] + w * carry[1], carry[1]

    calls = {
        "scan": lambda: ops.scan(lambda c, r: (c + 3 * w * r, None), 0.0, rows * x)[0],
        "map": lambda: ops.sum(ops.map(lambda r: 3 * w * r, rows * x)),
        "vectorized_map": lambda: ops.sum(ops.vectorized_map(lambda r: 3 * w * r, rows * x)),
        "fori_loop": lambda: ops.fori_loop(0, 12, lambda i, c: (c[0] + w * c[1], c[1]), (0.0, x))[
            0
        ],
        "jvp": lambda: ops.linalg.jvp(lambda y: 6 * w * y * y, (x,), (1.0,))[1],
        "switch": lambda: ops.switch(ops.array(1), [lambda y: y, lambda y: 12 * w * y], x),
    }
    assert taped(calls[name], w, x) == [24.0, 60.0]


def test_assignments_under_a_tape():
    w, count = nyala.Variable(3.0), nyala.Variable(0.0, trainable=False)

    def step(total, row):
        count.assign_add(1.0)
        return total + w * row, None

    assert taped(lambda: ops.scan(step, 0.0, ops.array([1.0, 2.0]))[0], w) == [3.0]
    assert float(count) == 2.0


def test_tape_follows_a_custom_gradient():
    @ops.custom_gradient
    def reversed_gradient(x):
        return x * 1.0, lambda upstream: -upstream

    x = ops.array(2.0)
    assert taped(lambda: reversed_gradient(x) * 3.0, x) == [-3.0]


def test_a_custom_gradient_reads_variables_anew():
    scale = nyala.Variable(2.0)
    scaled = ops.custom_gradient(lambda x: (x * scale, lambda upstream: upstream))
    assert float(scaled(ops.array(1.0))) == 2.0
    scale.assign(5.0)
    assert float(scaled(ops.array(1.0))) == 5.0


def test_a_function_is_not_recorded_with_what_it_read():
    scale = nyala.Variable(2.0)

    def times(x):
        return x * scale

    assert ops.map(times, ops.ones(2)).tolist() == [2.0, 2.0]
    scale.assign(5.0)
    assert ops.map(times, ops.ones(2)).tolist() == [5.0, 5.0]
