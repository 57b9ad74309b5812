"""State scopes stand in for live variables; autocast changes how variables are read."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from nyala import StatelessScope, Variable, ops
from nyala.eager import AutocastOff, AutocastScope, StateScope, current_scope, flush_recorded

tensor = ops.convert_to_tensor


def test_reads_and_writes_stay_in_the_scope():
    v, w = Variable(1.0), Variable(2.0)
    with StatelessScope([(v, tensor(10.0))]) as scope:
        v.assign_add(w)
        assert float(v) == 12.0
        assert current_scope() is scope
    assert current_scope() is None
    assert (float(v), float(w)) == (1.0, 2.0)
    assert float(scope.get_current_value(v)) == 12.0


def test_the_scope_notes_what_it_was_not_given():
    v, w, unused = Variable(1.0), Variable(2.0), Variable(3.0)
    with StateScope([(v, tensor(10.0))]) as scope:
        w.assign(v + w)
    assert scope.missing == [w]
    assert list(scope.written.values()) == [w]
    assert scope.variables == [v, w]
    assert float(scope.value(w)) == 12.0
    assert scope.get_current_value(unused) is None


def test_nested_scopes_see_through():
    v = Variable(1.0)
    with StateScope() as outer:
        v.assign(5.0)
        with StateScope() as inner:
            v.assign(v + 1.0)
            assert float(v) == 6.0
        assert float(v) == 5.0
    assert float(inner.value(v)) == 6.0
    assert float(outer.value(v)) == 5.0
    assert float(v) == 1.0


def test_an_exception_closes_the_scope():
    v = Variable(1.0)

    def fail():
        with StateScope():
            v.assign(2.0)
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fail()
    assert current_scope() is None
    assert float(v) == 1.0


def test_values_pending_outside_are_used_inside():
    v = Variable(2.0)
    pending = v * 3.0
    with StateScope([(v, tensor(10.0))]):
        inside = pending + v
    assert float(inside) == 16.0
    assert float(pending) == 6.0


def test_values_of_a_scope_are_used_outside():
    v = Variable(2.0)
    with StateScope():
        inside = v * 3.0
    assert float(inside + v) == 8.0


def test_pure_functions_of_variables():
    v = Variable([1.0, 2.0])

    def pure(value, x):
        with StatelessScope([(v, value)]) as scope:
            v.assign_add(x)
            return ops.sum(v)._value, scope.value(v)

    total, value = jax.jit(pure)(
        np.array([10.0, 20.0], "float32"), np.float32(1.0) * np.ones(2, "f")
    )
    assert float(total) == 32.0
    np.testing.assert_array_equal(value, [11.0, 21.0])
    np.testing.assert_array_equal(v, [1.0, 2.0])


def test_state_keeps_its_dtype():
    v = Variable(1.0)
    with StateScope() as scope:
        v.assign(3)
        assert scope.value(v).dtype == "float32"
        assert not scope.value(v).weak_type


def test_add_update():
    v = Variable(1.0)
    with StatelessScope() as scope:
        scope.add_update((v, tensor(4.0)))
        assert float(v) == 4.0
    assert float(v) == 1.0


def test_autocast():
    v, whole, fixed = Variable(1.5), Variable(3), Variable(1.5, autocast=False)
    with AutocastScope("bfloat16"):
        assert v.value.dtype == "bfloat16"
        assert v.dtype == "bfloat16"
        assert (v * 2.0).dtype == "bfloat16"
        assert whole.value.dtype == "int32"
        assert fixed.value.dtype == "float32"
        with AutocastOff():
            assert v.value.dtype == "float32"
        with AutocastScope(None):
            assert v.value.dtype == "float32"
        v.assign(v * 2.0)  # kept in full
    assert v.value.dtype == "float32"
    assert float(v) == 3.0


def test_autocast_keeps_gradients_in_full():
    from nyala import GradientTape

    v = Variable(1.5)
    with GradientTape() as tape, AutocastScope("float16"):
        y = v * v
    assert y.dtype == "float16"
    gradient = tape.gradient(y, v)
    assert gradient.dtype == "float32"
    assert float(gradient) == 3.0
    flush_recorded()
