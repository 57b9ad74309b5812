"""The recorder: values, errors and side effects are those of code that runs line by line."""

from __future__ import annotations

import gc
import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nyala
from nyala import Variable, config, ops
from nyala.eager import Tensor, _graph, flush_recorded, forget_recorded, immediate_mode

tensor = ops.convert_to_tensor


def _pending(x):
    return x._data is None


def test_values_are_computed_when_looked_at():
    a = tensor([1.0, 2.0]) * 3.0
    b = a + 1.0
    assert _pending(a)
    assert _pending(b)
    assert b.shape == (2,)
    assert _pending(b)  # shapes are known without it
    np.testing.assert_array_equal(b, [4.0, 7.0])
    assert not _pending(a)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_values_looked_at_in_any_order(order):
    x = tensor(2.0)
    a = x * 3.0
    values = [a, a + x, (a - x) ** 2]
    expected = [6.0, 8.0, 16.0]
    for i in order:
        assert float(values[i]) == expected[i]
        values.append(values[i] * 2.0)
    assert [float(v) for v in values[3:]] == [expected[i] * 2 for i in order]


def test_side_effects_stay_where_they_are_written():
    seen = []
    v = Variable(1.0)
    seen.append(float(v))
    w = v * 2.0
    v.assign(10.0)
    seen.extend([float(w), float(v)])
    v.assign_add(w)
    seen.append(float(v))
    assert seen == [1.0, 2.0, 10.0, 12.0]


def test_generators_interleave():
    def halves(x):
        while True:
            x = x / 2.0
            yield x

    a, b = halves(tensor(16.0)), halves(tensor(100.0))
    drawn = [next(a), next(b), next(a), next(b)]
    assert [float(d) for d in drawn] == [8.0, 50.0, 4.0, 25.0]


def test_an_error_is_raised_at_the_operation_with_both_shapes():
    a, b = ops.ones((2, 3)), ops.ones((4,))
    with pytest.raises(ValueError, match=r"ops.add\(float32\[2, 3\], float32\[4\]\)") as error:
        a + b
    assert error.traceback[0].path.name == "test_recorder.py"
    with pytest.raises(ValueError, match=r"ops.matmul\(float32\[2, 3\], float32\[2, 3\]\)"):
        ops.matmul(a, a)


def test_an_error_leaves_what_was_recorded():
    x = tensor(2.0) * 3.0
    with pytest.raises(ValueError, match=r"ops\.add"):
        ops.ones((2,)) + ops.ones((3,))
    assert float(x + 1.0) == 7.0


def test_an_interrupted_program_is_computed_when_looked_at_again(monkeypatch):
    x = tensor(2.0) * 3.0
    y = x + 1.0

    def interrupted(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_graph, "_run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            y.numpy()
    assert float(y * 2.0) == 14.0
    assert (float(x), float(y)) == (6.0, 7.0)


# -- variables -------------------------------------------------------------------------------------


def test_a_held_tensor_keeps_its_value():
    v = Variable([1.0, 2.0])
    old = v.value
    sums = [v * 1.0]
    for _ in range(3):
        v.assign_add([1.0, 1.0])
        sums.append(v * 1.0)
    np.testing.assert_array_equal(old, [1.0, 2.0])
    np.testing.assert_array_equal(np.stack(sums)[:, 0], [1.0, 2.0, 3.0, 4.0])


def test_swapping_two_variables():
    a, b = Variable(1.0), Variable(2.0)
    for _ in range(3):
        held = a.value
        a.assign(b)
        b.assign(held)
    assert (float(a), float(b)) == (2.0, 1.0)
    a.assign(a + b), b.assign(a - b)
    assert (float(a), float(b)) == (3.0, 2.0)


def test_assigning_twice():
    v = Variable(0.0)
    v.assign(tensor(1.0) + 1.0)
    v.assign(v * 5.0)
    assert float(v) == 10.0


# -- bounds ----------------------------------------------------------------------------------------


def _programs():
    return len(_graph._programs)


def test_a_loop_that_nobody_looks_at_stays_small():
    forget_recorded()
    x, most = tensor(np.ones(10, "float32")), 0
    for _ in range(10_000):
        x = x + 1.0
        most = max(most, len(_graph.local.graph.nodes))
    assert most <= 2 * _graph._MOST_PENDING
    assert _programs() <= 2
    gc.collect()
    arrays = len(jax.live_arrays())
    for _ in range(2_000):
        x = x + 1.0
    gc.collect()
    assert len(jax.live_arrays()) <= arrays + 2
    assert float(x[0]) == 12_001.0


def test_a_loop_of_any_length_is_cut_at_the_same_place():
    forget_recorded()
    x = tensor(1.0)
    for _ in range(400):
        x = ops.maximum(x * 0.5, 0.1) + ops.square(x) * 0.25 - x * 0.125  # seven operations
    flush_recorded()
    assert _programs() <= 3
    assert np.isfinite(float(x))


def test_a_loop_over_a_variable_compiles_a_fixed_number_of_programs():
    forget_recorded()
    v = Variable(0.0)
    counts = []
    for i in range(8):
        v.assign_add(tensor(float(i)) * 2.0)
        counts.append(_programs())
    assert counts[-1] == counts[2]
    assert float(v) == 56.0


def test_numbers_that_change_compile_nothing():
    forget_recorded()
    x = tensor([1.0, 2.0])
    counts = []
    for i in range(5):
        np.testing.assert_allclose(x * (i + 0.25), [i + 0.25, 2 * i + 0.5])
        counts.append(_programs())
    assert counts[0] == counts[-1]


def test_programs_may_be_forgotten_in_a_loop():
    x = tensor(1.0)
    for i in range(6):
        x = x * 2.0
        if i == 2:
            forget_recorded()
        if i == 4:
            nyala.utils.clear_session()
    assert float(x) == 64.0


@pytest.mark.parametrize("value", [0.0, -0.0, 1, 1.0, True, 2, float("inf")], ids=repr)
def test_constants_keep_their_type_and_sign(value):
    x = tensor([1.0, -1.0])
    np.testing.assert_array_equal(np.signbit(x * value), np.signbit(x.numpy() * value))
    assert (tensor([1, 2]) * value).dtype == (jnp.array([1, 2]) * value).dtype


# -- settings --------------------------------------------------------------------------------------


def test_settings_take_effect_at_once():
    x = ops.ones((1, 2, 3, 4))
    shapes = []
    outer = config.image_data_format()
    try:
        for data_format in ("channels_last", "channels_first", "channels_last"):
            config.set_image_data_format(data_format)
            shapes.append(tuple(ops.max_pool(x, 2).shape))
    finally:
        config.set_image_data_format(outer)
    assert shapes[0] == shapes[2] == (1, 1, 1, 4)
    assert shapes[1] == (1, 2, 1, 2)


def test_floatx_takes_effect_at_once():
    outer = config.floatx()
    try:
        types = []
        for floatx in ("float32", "float16", "float32"):
            config.set_floatx(floatx)
            types.append(str((tensor([1, 2]) / 3).dtype))
    finally:
        config.set_floatx(outer)
    assert types == ["float32", "float16", "float32"]


def test_immediate_mode():
    with immediate_mode():
        x = tensor(2.0) * 3.0
        assert not _pending(x)
        with nyala.GradientTape() as tape:
            tape.watch(x)
            y = x * x
            assert not _pending(y)
        assert float(tape.gradient(y, x)) == 12.0
    assert _pending(tensor(2.0) * 3.0)


def test_text_is_never_recorded():
    words = tensor(["a", "b"])
    assert words.dtype == "string"
    assert words[1].numpy() == b"b"
    assert (words == "a").numpy().tolist() == [True, False]


# -- threads ---------------------------------------------------------------------------------------


def _in_thread(function):
    results = []

    def run():
        try:
            results.append(function())
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0]


def test_a_value_pending_in_one_thread_is_looked_at_in_another():
    x = tensor([1.0, 2.0]) * 3.0
    y = x + 1.0
    assert _in_thread(lambda: y.numpy().tolist()) == [4.0, 7.0]
    assert float(x[0]) == 3.0


def test_a_value_pending_in_one_thread_is_used_in_another():
    y = tensor([1.0, 2.0]) * 3.0 + 1.0

    def use():
        unrelated = ops.exp(tensor(0.0))
        return ops.sum(y) + unrelated

    total = _in_thread(use)
    assert float(total) == 12.0  # pending in a thread that has ended
    np.testing.assert_array_equal(y, [4.0, 7.0])


def test_threads_do_the_same_work_at_the_same_time():
    v = Variable(np.ones(4, "float32"))

    def work():
        x = v * 2.0
        for _ in range(50):
            x = ops.tanh(x) + 1.0
            float(x[0])
        return x.numpy()

    results = []
    threads = [threading.Thread(target=lambda: results.append(work())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for result in results:
        np.testing.assert_array_equal(result, results[0])


def test_a_tape_records_its_own_thread_only():
    v = Variable(2.0)
    with nyala.GradientTape() as tape:
        _in_thread(lambda: float(v * 10.0))
        y = v * v
    assert float(tape.gradient(y, v)) == 4.0
    assert len(tape.watched_variables()) == 1


# -- JAX around it ---------------------------------------------------------------------------------


def test_jitted_code_may_close_over_pending_values():
    pending = tensor([1.0, 2.0]) * 3.0

    @jax.jit
    def f(a):
        return ops.sum(a * pending)

    with jax.checking_leaks():
        assert float(f(jnp.ones(2))) == 9.0
    after = pending + 1.0
    np.testing.assert_array_equal(after, [4.0, 7.0])


def test_jax_differentiates_code_that_closes_over_tensors():
    c, v = tensor([1.0, 2.0]) * 3.0, Variable([1.0, 1.0])
    gradient = jax.grad(lambda a: ops.sum(ops.square(a) * c + a * v))(jnp.ones(2))
    np.testing.assert_array_equal(gradient, [7.0, 13.0])
    assert isinstance(gradient, jax.Array)


def test_tensors_in_and_out_of_jit():
    x = tensor([1.0, 2.0]) * 1.0
    y = jax.jit(lambda a: ops.relu(a) + 1.0)(x)
    np.testing.assert_array_equal(y, [2.0, 3.0])
    gradient = jax.grad(lambda a: ops.sum(a * a))(x)
    assert isinstance(gradient, Tensor)
    np.testing.assert_array_equal(jax.vmap(lambda a: ops.exp(a) * 0 + a)(x), [1.0, 2.0])
