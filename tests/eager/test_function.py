"""`function`: when it compiles, what it carries along, and what it refuses."""

from __future__ import annotations

import copy
import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

import nyala
from nyala import Variable, function, ops
from nyala.tf import TensorSpec

tensor = ops.convert_to_tensor


def test_compiles_once_for_each_shape_and_dtype():
    @function
    def double(x):
        return x * 2

    for _ in range(3):
        np.testing.assert_array_equal(double(tensor([1.0, 2.0])), [2.0, 4.0])
    assert double.experimental_get_tracing_count() == 1
    double(tensor([1.0, 2.0, 3.0]))
    double(tensor([1, 2]))
    assert double.experimental_get_tracing_count() == 3


def test_python_values_are_constants():
    calls = []

    @function
    def power(x, n):
        calls.append(n)
        return x**n

    assert [float(power(tensor(3.0), n)) for n in (2, 2, 3)] == [9.0, 9.0, 27.0]
    assert calls == [2, 3]
    assert float(power(tensor(3.0), n=2)) == 9.0
    assert calls == [2, 3]


def test_defaults_and_keywords():
    @function
    def scaled(x, by=2.0, *, plus=0.0):
        return x * by + plus

    assert float(scaled(tensor(3.0))) == 6.0
    assert float(scaled(tensor(3.0), plus=1.0)) == 7.0
    assert float(scaled(x=tensor(3.0), by=tensor(5.0))) == 15.0


def test_side_effects_take_place_while_compiling():
    seen = []

    @function
    def note(x):
        seen.append("compiled")
        return x

    note(tensor(1.0))
    note(tensor(2.0))
    assert seen == ["compiled"]


def test_code_that_names_its_state_is_traced_once():
    traced = []
    model = nyala.Sequential([nyala.Input((2,)), nyala.layers.Dense(1)])
    optimizer = nyala.optimizers.SGD(0.1)
    optimizer.build(model.trainable_variables)
    total = [nyala.Variable(0.0)]

    class Trainer:
        def __init__(self):
            self.inner = model

        @nyala.function
        def step(self, x):
            traced.append("step")
            with nyala.GradientTape() as tape:
                loss = nyala.ops.sum(self.inner(x))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
            total[0].assign_add(loss)

    trainer = Trainer()
    for _ in range(3):
        trainer.step(nyala.ops.ones((1, 2)))
    assert traced == ["step"]
    assert int(optimizer.iterations) == 3


def test_variables_are_read_and_assigned():
    v, w = Variable(1.0), Variable(10.0)

    @function
    def step(x):
        v.assign_add(x)
        w.assign(v * 2)
        return v + w

    assert float(step(tensor(2.0))) == 9.0
    assert float(step(tensor(1.0))) == 12.0
    assert (float(v), float(w)) == (4.0, 8.0)
    v.assign(0.0)
    assert float(step(tensor(1.0))) == 3.0


def test_a_tensor_assigned_to_a_variable_outlives_it():
    """The variable's buffer is given away, not the tensor's that it was assigned."""
    x, v = tensor([1.0, 2.0]), Variable([0.0, 0.0])
    step = function(lambda: v.assign_add([1.0, 1.0]).value)
    v.assign(x)
    held = v.value
    step()
    step()
    np.testing.assert_array_equal(x, [1.0, 2.0])
    np.testing.assert_array_equal(held, [1.0, 2.0])
    np.testing.assert_array_equal(v, [3.0, 4.0])


def test_variables_as_arguments():
    @function
    def bump(variable, by):
        variable.assign_add(by)
        return variable * 1.0

    v, w = Variable(1.0), Variable(5.0)
    assert float(bump(v, tensor(1.0))) == 2.0
    assert float(bump(w, tensor(1.0))) == 6.0
    assert (float(v), float(w)) == (2.0, 6.0)


def test_structures_in_and_out():
    @function
    def f(batch):
        return {"sum": batch["a"] + batch["b"][0], "none": None, "pair": (batch["a"], 3)}

    result = f({"a": tensor(1.0), "b": [np.float32(2.0)]})
    assert float(result["sum"]) == 3.0
    assert result["none"] is None
    assert isinstance(result["pair"], tuple)
    assert int(result["pair"][1]) == 3


def test_nothing_returned():
    v = Variable(0.0)

    @function
    def f():
        v.assign_add(1.0)

    assert f() is None
    assert float(v) == 1.0


def test_nested_functions():
    v = Variable(1.0)

    @function
    def inner(x):
        v.assign_add(x)
        return v * 2

    @function
    def outer(x):
        return inner(x) + inner(x)

    assert float(outer(tensor(1.0))) == 4.0 + 6.0
    assert float(v) == 3.0


def test_methods_belong_to_their_object():
    class Counter:
        def __init__(self, start):
            self.total = Variable(start)

        @function
        def add(self, x):
            self.total.assign_add(x)
            return self.total * 1.0

    a, b = Counter(0.0), Counter(100.0)
    assert [float(a.add(tensor(1.0))), float(b.add(tensor(1.0)))] == [1.0, 101.0]
    assert a.add is a.add
    c = copy.deepcopy(a)
    assert float(c.add(tensor(5.0))) == 6.0
    assert float(a.total) == 1.0


def test_variables_made_on_the_first_call_only():
    class Model:
        weight = None

        @function
        def __call__(self, x):
            if self.weight is None:
                self.weight = Variable(3.0)
            return self.weight * x

    model = Model()
    assert float(model(tensor(2.0))) == 6.0
    assert float(model(tensor(4.0))) == 12.0

    @function
    def careless(x):
        return Variable(3.0) * x

    with pytest.raises(ValueError, match=r"careless\(\) made a variable again"):
        careless(tensor(1.0))

    made = []

    @function
    def late(x, again):
        if again or not made:
            made.append(Variable(3.0))
        return made[-1] * x

    assert float(late(tensor(1.0), False)) == 3.0
    with pytest.raises(ValueError, match=r"late\(\) made a variable again when it was compiled"):
        late(tensor(1.0), True)


def test_input_signature():
    @function(input_signature=[TensorSpec((None, 2), "float32")])
    def total(x):
        return ops.sum(x)

    assert float(total(np.ones((3, 2), "float32"))) == 6.0
    with pytest.raises(TypeError, match=r"shape \(None, 2\).*got shape \(3, 1\)"):
        total(np.ones((3, 1), "float32"))
    with pytest.raises(TypeError, match="dtype int32"):
        total(np.ones((3, 2), "int32"))
    with pytest.raises(TypeError, match="1 tensors; got 2"):
        total(np.ones((3, 2)), 1.0)


def test_many_compilations_are_reported():
    @function
    def scaled(x, by):
        return x * by

    for i in range(9):
        scaled(tensor(1.0), float(i))
    with pytest.warns(UserWarning, match=r"scaled\(\) was compiled 10 times: pass tensors") as seen:
        scaled(tensor(1.0), 9.0)
    assert [w.filename for w in seen] == [__file__]
    scaled(tensor(1.0), 10.0)  # said once


def _line_of(marker):
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return next(i for i, line in enumerate(lines, 1) if line.endswith("# " + marker))


def test_python_control_flow_on_tensors_is_refused_with_the_line_and_the_remedy():
    @function
    def signed(x):
        if x > 0:  # control flow
            return x
        return -x

    with pytest.raises(TypeError, match=r"if/while") as error:
        signed(tensor(1.0))
    assert f"test_function.py:{_line_of('control flow')}" in str(error.value)
    assert "ops.cond" in str(error.value)


def test_an_error_leaves_everything_as_it_was():
    v = Variable(1.0)
    fail = [True]

    @function
    def step(x):
        v.assign_add(x)
        if fail[0]:
            raise RuntimeError("mine")
        return v * 1.0

    with pytest.raises(RuntimeError, match="mine"):
        step(tensor(1.0))
    assert float(v) == 1.0
    assert step.experimental_get_tracing_count() == 0
    fail[0] = False
    assert float(step(tensor(1.0))) == 2.0


@pytest.mark.parametrize(
    "use",
    [lambda x: x + 1.0, float, lambda x: x.numpy(), bool, lambda x: ops.sum(x)],
    ids=["add", "float", "numpy", "bool", "sum"],
)
def test_a_tensor_that_escaped_says_from_where(use):
    kept = []

    @function
    def leaky(x):
        kept.append(x * 2.0)
        return x

    leaky(tensor(1.0))
    with pytest.raises(TypeError, match=r"a tensor escaped from leaky\(\).*Return it"):
        use(kept[-1])


def test_arguments_are_not_kept():
    @function
    def total(x):
        return ops.sum(x)

    x = tensor(np.ones(1000, "float32"))
    total(x)
    alive = weakref.ref(x)
    del x
    gc.collect()
    assert alive() is None


def test_eager_and_compiled_agree_on_random_numbers_and_loops():
    @function
    def f(x):
        return ops.while_loop(lambda i, a: i < 5, lambda i, a: (i + 1, a * x), (0, x))[1]

    assert float(f(tensor(2.0))) == 64.0
