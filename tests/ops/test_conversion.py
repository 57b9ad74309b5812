"""From Python, NumPy and JAX to tensors and back."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nyala
from nyala import ops


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, "int32"),
        (1.0, "float32"),
        (True, "bool"),
        (1j, "complex64"),
        ([1, 2], "int32"),
        ([1.0, 2.0], "float32"),
        ([[True]], "bool"),
        ([], "float32"),
        ("text", "string"),
        (["a", "b"], "string"),
        (np.zeros(2), "float32"),
        (np.zeros(2, "int64"), "int32"),
        (np.zeros(2, "float16"), "float16"),
        (np.float32(3), "float32"),
        (jnp.zeros(2, "bfloat16"), "bfloat16"),
        (np.array(["a"]), "string"),
    ],
    ids=repr,
)
def test_dtype_of_what_users_have(value, dtype):
    tensor = ops.convert_to_tensor(value)
    assert isinstance(tensor, nyala.Tensor)
    assert tensor.dtype == dtype


def test_floatx_is_the_dtype_of_python_floats():
    nyala.config.set_floatx("bfloat16")
    assert ops.convert_to_tensor(1.0).dtype == "bfloat16"
    assert ops.convert_to_tensor([1.0]).dtype == "bfloat16"
    assert ops.exp(2).dtype == "bfloat16"
    assert ops.zeros(2).dtype == "bfloat16"


@pytest.mark.parametrize(("asked", "got"), [("float64", "float32"), ("int64", "int32")])
def test_64_bits_are_narrowed_without_a_warning(asked, got):
    assert ops.zeros(2, asked).dtype == got
    assert ops.cast([1, 2], asked).dtype == got
    assert ops.convert_to_tensor([1, 2], asked).dtype == got
    assert ops.arange(3, dtype=asked).dtype == got
    assert ops.zeros_like([1.0], dtype=asked).dtype == got
    assert ops.cumsum([1.0], dtype=asked).dtype == got
    assert ops.linspace(0, 1, 3, dtype=asked).dtype == got


def test_a_number_takes_the_dtype_of_what_it_meets():
    half = ops.ones(2, "bfloat16")
    assert (half * 2.0).dtype == "bfloat16"
    assert (half * ops.convert_to_tensor(2.0)).dtype == "bfloat16"
    assert (half * ops.convert_to_tensor([2.0])).dtype == "float32"


def test_variable_gives_its_value():
    variable = nyala.Variable([1.0, 2.0])
    assert ops.convert_to_tensor(variable).tolist() == [1.0, 2.0]
    assert ops.convert_to_tensor(variable, "int32").tolist() == [1, 2]


def test_tensors_inside_lists_are_stacked():
    x = ops.convert_to_tensor([ops.array(1.0), 2.0, nyala.Variable(3.0)])
    assert x.tolist() == [1.0, 2.0, 3.0]


def test_symbolic_tensor_passes_or_is_cast():
    x = nyala.KerasTensor((None, 2))
    assert ops.convert_to_tensor(x) is x
    assert ops.convert_to_tensor(x, "int32").dtype == "int32"


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([[1], [1, 2]], ValueError, "same length along each axis"),
        (None, TypeError, "Expected an array"),
        pytest.param(object(), TypeError, "Expected numbers or strings", id="object"),
    ],
    ids=repr,
)
def test_refuses_what_is_no_array(value, error, message):
    with pytest.raises(error, match=message):
        ops.convert_to_tensor(value)


def test_refuses_ragged():
    with pytest.raises(ValueError, match="ragged"):
        ops.convert_to_tensor([1.0], ragged=True)


def test_to_numpy_is_a_copy():
    x = ops.ones(2)
    ops.convert_to_numpy(x)[0] = 5
    assert x.tolist() == [1.0, 1.0]
    assert ops.convert_to_numpy([ops.array(1), 2]).tolist() == [1, 2]


def test_to_numpy_in_compiled_code_says_what_to_do():
    with pytest.raises(TypeError, match="being compiled"):
        jax.jit(lambda x: ops.convert_to_numpy(ops.array(x)))(1.0)


def test_strings_stay_on_the_host():
    words = ops.convert_to_tensor([["a", "b"], ["c", "d"]])
    assert words[0, 1].numpy() == b"b"
    assert ops.reshape(words, (4,)).tolist() == [b"a", b"b", b"c", b"d"]
    assert ops.equal(words, "a").tolist() == [[True, False], [False, False]]
    assert ops.concatenate([words, words], axis=1).shape == (2, 4)
    assert ops.transpose(words).tolist() == [[b"a", b"c"], [b"b", b"d"]]
    assert ops.cast(["1.5", "2"], "float32").tolist() == [1.5, 2.0]
    assert ops.convert_to_tensor(ops.array([1, 2]), "string").tolist() == [b"1", b"2"]


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "float16"])
def test_saturate_cast_stays_in_range(dtype):
    x = ops.saturate_cast([-1e30, -5.0, 0.0, 5.0, 1e30], dtype).numpy()
    info = (np.finfo if dtype == "float16" else np.iinfo)(dtype)
    assert x[0] == info.min
    # float32 has no 2**31 - 1; the greatest that it has below it is reached.
    assert info.max - 128 <= x[-1] <= info.max
    assert x[2] == 0


def test_shape_and_size():
    x = nyala.KerasTensor((None, 3))
    assert ops.shape(x) == (None, 3)
    assert ops.ndim(x) == 2
    assert ops.size(x).shape == ()
    assert ops.size(nyala.KerasTensor((2, 3))) == 6
    assert ops.shape([[1, 2]]) == (1, 2)
    assert ops.dtype(2.0) == "float32"


def test_is_tensor():
    assert ops.is_tensor(ops.ones(1))
    assert ops.is_tensor(jnp.ones(1))
    assert not ops.is_tensor(np.ones(1))
    assert not ops.is_tensor(nyala.Variable(1.0))
