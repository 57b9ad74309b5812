"""`Tensor` as a value: operators, indexing, conversions, printing, other libraries."""

from __future__ import annotations

import copy
import operator
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nyala import Tensor, Variable, function, ops

tensor = ops.convert_to_tensor

_X = np.array([[1.0, 2.0], [3.0, 4.0]], "float32")
_OTHERS = {
    "number": 2.0,
    "whole number": 2,
    "numpy": _X + 1,
    "numpy scalar": np.float32(2.0),
    "list": [[1.0, 2.0], [3.0, 4.0]],
    "tensor": "tensor",
    "variable": "variable",
    "jax": "jax",
}


def _other(name):
    kinds = {"tensor": lambda: tensor(_X) * 2.0, "variable": lambda: Variable(_X),
             "jax": lambda: jnp.asarray(_X)}  # fmt: skip
    return kinds[name]() if name in kinds else _OTHERS[name]


_BINARY = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lt", "ge", "eq", "ne"]


@pytest.mark.parametrize("kind", ["tensor", "variable"])
@pytest.mark.parametrize("other", _OTHERS)
def test_operators_on_both_sides(kind, other):
    x = tensor(_X) if kind == "tensor" else Variable(_X)
    y = _other(other)
    plain = np.asarray(y, "float32")
    for name in _BINARY:
        f = getattr(operator, name)
        left = f(x, y)
        assert isinstance(left, Tensor), name
        np.testing.assert_allclose(left, f(_X, plain), rtol=1e-6, err_msg=name)
        if not (other == "jax" and name in ("lt", "ge", "eq", "ne")):
            np.testing.assert_allclose(f(y, x), f(plain, _X), rtol=1e-6, err_msg=name)


def test_matrix_products_on_both_sides():
    x = tensor(_X)
    for product in (x @ _X, _X @ x, x @ x, x @ Variable(_X), Variable(_X) @ x):
        assert isinstance(product, Tensor)
        np.testing.assert_allclose(product, _X @ _X)


def test_whole_number_operators():
    x = tensor([5, 6])
    assert (x & 4).numpy().tolist() == [4, 4]
    assert (3 | x).numpy().tolist() == [7, 7]
    assert (x ^ 1).numpy().tolist() == [4, 7]
    assert (x << 1).numpy().tolist() == [10, 12]
    assert (1 << tensor([1, 2])).numpy().tolist() == [2, 4]
    assert [p.numpy().tolist() for p in divmod(x, 2)] == [[2, 3], [1, 0]]
    assert [int(p) for p in divmod(17, tensor(5))] == [3, 2]
    assert (~tensor([True, False])).numpy().tolist() == [False, True]


def test_unary_operators():
    x = tensor([-1.25, 2.5])
    assert (-x).numpy().tolist() == [1.25, -2.5]
    assert (+x).numpy().tolist() == [-1.25, 2.5]
    assert abs(x).numpy().tolist() == [1.25, 2.5]
    assert round(x, 1).numpy().tolist() == pytest.approx([-1.2, 2.5])


class _Knowing:
    def __radd__(self, other):
        return "mine"

    def __eq__(self, other):
        return "equal"

    __hash__ = None


def test_operators_leave_strangers_their_say():
    x = tensor(1.0)
    assert x + _Knowing() == "mine"
    assert (x == _Knowing()) == "equal"
    assert (x == object()) is False
    assert (x != object()) is True
    assert (x == None) is False  # noqa: E711
    for stranger in (object(), None):
        with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \*: 'Tensor'"):
            x * stranger


_KEYS = {
    "int": 1, "negative": -1, "slice": slice(0, 1), "step": slice(None, None, -1),
    "pair": (0, 1), "ellipsis": (Ellipsis, 0), "new axis": (None, slice(None), 1),
    "list": [1, 0, 1], "mask": np.array([True, False]), "numpy int": np.int64(1),
    "two arrays": ([0, 1], [1, 0]),
}  # fmt: skip


@pytest.mark.parametrize("name", _KEYS)
def test_indexing_as_in_numpy(name):
    key = _KEYS[name]
    for x in (tensor(_X), tensor(_X) * 1.0, Variable(_X)):
        np.testing.assert_array_equal(x[key], _X[key])


def test_indexing_by_tensors():
    x = tensor(_X)
    np.testing.assert_array_equal(x[tensor(1)], _X[1])
    np.testing.assert_array_equal(x[tensor([1, 1])], _X[[1, 1]])
    np.testing.assert_array_equal(x[x > 1.5], [2.0, 3.0, 4.0])
    np.testing.assert_array_equal(x[tensor(1) :], _X[1:])
    np.testing.assert_array_equal(x[Variable(1)], _X[1])


def test_wrong_indices():
    x = tensor(_X)
    with pytest.raises(IndexError, match=r"index 2 is out of range for axis 0 .* \(2, 2\)"):
        x[2]
    with pytest.raises(IndexError, match="3 indices for a tensor"):
        x[0, 0, 0]


def test_iteration_over_the_first_axis():
    a, b = tensor(_X)
    assert a.numpy().tolist() == [1.0, 2.0]
    assert [row.numpy().tolist() for row in tensor(_X) * 1.0] == _X.tolist()
    assert len(tensor(_X)) == 2
    assert float(b[0]) in tensor(_X)[1]
    with pytest.raises(TypeError, match="scalar tensor cannot be iterated"):
        iter(tensor(1.0))
    with pytest.raises(TypeError, match="scalar tensor has no length"):
        len(tensor(1.0))


def test_items_cannot_be_assigned():
    with pytest.raises(TypeError, match=r"cannot be changed in place.*slice_update"):
        tensor(_X)[0] = 1.0
    with pytest.raises(TypeError, match=r"Variable 'weight' cannot be changed.*assign"):
        Variable(_X, name="weight")[0] = 1.0


# -- conversions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "to_numpy", [lambda x: x.numpy(), np.array, lambda x: np.array(x, copy=True)]
)
def test_a_numpy_copy_can_be_changed(to_numpy):
    x = tensor(_X)
    array = to_numpy(x)
    array[0, 0] = 100.0
    assert float(x[0, 0]) == 1.0


def test_numpy_arrays_given_may_be_changed_afterwards():
    array = _X.copy()
    x, v = tensor(array), Variable(array)
    array[:] = 0.0
    np.testing.assert_array_equal(x, _X)
    np.testing.assert_array_equal(v, _X)


def test_python_numbers():
    assert float(tensor(2.5)) == 2.5
    assert int(tensor(2.7)) == 2
    assert complex(tensor(1.0)) == 1 + 0j
    assert tensor([[3]]).item() == 3
    assert tensor([1.0, 2.0]).item(1) == 2.0
    assert tensor(_X).tolist() == _X.tolist()
    assert ["a", "b", "c"][tensor(1)] == "b"
    assert list(range(tensor(3))) == [0, 1, 2]
    assert bool(tensor(True))
    assert not tensor([0.0])
    with pytest.raises(TypeError, match="scalar integer tensor"):
        [1][tensor(0.0)]
    with pytest.raises(ValueError, match=r"one element is a Python number; got shape \(2, 2\)"):
        float(tensor(_X))
    with pytest.raises(ValueError, match=r"shape \(2, 2\) is ambiguous"):
        bool(tensor(_X))


def test_shape():
    shape = tensor(_X).shape
    assert shape == (2, 2)
    assert isinstance(shape, tuple)
    assert shape.as_list() == [2, 2]
    assert (shape.rank, shape.ndims, shape.num_elements()) == (2, 2, 4)
    assert shape[1:] == (2,)
    assert (tensor(_X).ndim, tensor(_X).size) == (2, 4)


def test_dtype_is_its_name_and_numpys():
    dtype = tensor(_X).dtype
    for same in ("float32", np.float32, np.dtype("float32"), jnp.float32):
        assert dtype == same
    assert dtype != "float16"
    assert dtype.name == "float32"
    assert {dtype: 1}["float32"] == 1
    assert np.zeros(2, dtype).dtype == np.float32


def test_device():
    assert (tensor(_X) * 1.0).device == f"{jax.default_backend()}:0"


def test_pickle_and_copies():
    for x in (tensor(_X) * 1.0, tensor(_X).astype("bfloat16"), tensor(["a", "b"])):
        again = pickle.loads(pickle.dumps(x))
        assert again.dtype == x.dtype
        assert again.numpy().tolist() == x.numpy().tolist()
        assert copy.deepcopy(x).numpy().tolist() == x.numpy().tolist()
    v = Variable(_X, name="weight")
    again = pickle.loads(pickle.dumps(v))
    other = copy.deepcopy(v)
    v.assign(_X * 0)
    np.testing.assert_array_equal(again, _X)
    np.testing.assert_array_equal(other, _X)
    assert again.name == "weight"


def test_hashing_is_by_identity():
    x, y = tensor(1.0), tensor(1.0)
    assert {x: "x", y: "y"}[x] == "x"


# -- printing --------------------------------------------------------------------------------------


def test_printing():
    assert repr(tensor(2.6)) == "<nyala.Tensor: shape=(), dtype=float32, numpy=2.6>"
    assert repr(tensor(3)) == "<nyala.Tensor: shape=(), dtype=int32, numpy=3>"
    assert str(tensor(2.6)) == "nyala.Tensor(2.6, shape=(), dtype=float32)"
    assert str(tensor([1, 2])) == "nyala.Tensor(\n[1 2], shape=(2,), dtype=int32)"
    assert repr(tensor(_X)).endswith("numpy=\narray([[1., 2.],\n       [3., 4.]], dtype=float32)>")


def test_format():
    x = tensor(2.6)
    assert f"{x:.3f}" == "2.600"
    assert f"{x}" == "2.6"
    assert f"{tensor([1, 2])}" == "[1 2]"
    assert f"{tensor(7):03d}" == "007"
    assert "%.1f %d" % (x, tensor(3)) == "2.6 3"  # noqa: UP031


# -- other libraries -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "kwargs"),
    [
        (np.mean, {}), (np.sum, {"axis": 0}), (np.std, {"ddof": 1}), (np.var, {"ddof": 1}),
        (np.max, {"keepdims": True}), (np.argmax, {"axis": 1}), (np.sin, {}), (np.sort, {}),
        (np.transpose, {}), (np.clip, {"a_min": 2, "a_max": 3}), (np.cumsum, {"axis": 0}),
        (np.sum, {"where": np.array([[True, False], [True, True]])}), (np.expand_dims, {"axis": 0}),
        (np.linalg.norm, {}), (np.round, {"decimals": 0}), (np.any, {}), (np.ravel, {}),
    ],
    ids=lambda x: getattr(x, "__name__", "") or "-".join(x),
)  # fmt: skip
def test_numpy_functions(function, kwargs):
    for x in (tensor(_X), Variable(_X)):
        np.testing.assert_allclose(function(x, **kwargs), function(_X, **kwargs), rtol=1e-6)


@pytest.mark.parametrize("call", [np.squeeze, np.mean, np.sum, np.transpose, np.concatenate])
def test_numpy_functions_return_numpys_values(call):
    for x in (tensor(_X), Variable(_X)):
        assert type(call(x)) is type(call(_X))


def test_numpys_questions_about_shapes_compute_nothing():
    x = tensor(_X) * 2
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((2, 2), 2, 4)
    assert x._data is None  # still only recorded


def test_numpy_functions_inside_compiled_code_are_operations():
    assert function(lambda x: np.sum(np.squeeze(x)))(tensor([[1.0, 2.0]])).numpy() == 3.0


def test_a_boolean_index_is_a_new_axis():
    x = tensor(_X)
    assert x[True].shape == (1, 2, 2)
    assert x[False].shape == (0, 2, 2)
    assert x[True, 0].shape == (1, 2)


def test_numpy_functions_of_several():
    x = tensor(_X)
    assert np.concatenate([x, _X]).shape == (4, 2)
    assert np.stack([x, Variable(_X)]).shape == (2, 2, 2)
    np.testing.assert_array_equal(np.where(x > 2, x, 0), np.where(_X > 2, _X, 0))
    assert np.allclose(x, _X)
    total = np.zeros(2)
    np.sum(x, axis=0, out=total)
    assert total.tolist() == [4.0, 6.0]
    array = np.zeros((2, 2))
    array[:] = x
    assert array.tolist() == _X.tolist()


def test_dlpack_shares_memory():
    x = tensor(np.arange(64, dtype="float32")) * 1.0
    shared = np.from_dlpack(x)
    np.testing.assert_array_equal(shared, x)
    assert shared.ctypes.data == x._value.unsafe_buffer_pointer()
    memory = np.zeros(64 + 16, "float32")
    array = memory[-memory.ctypes.data % 64 // 4 :][:64]  # JAX takes memory aligned by 64 bytes
    array[:] = np.arange(64)
    back = Tensor.from_dlpack(array)
    assert back._value.unsafe_buffer_pointer() == array.ctypes.data
    np.testing.assert_array_equal(back, array)


def test_dlpack_with_pytorch():
    torch = pytest.importorskip("torch")
    x = tensor(_X) * 1.0
    shared = torch.from_dlpack(x)
    assert shared.data_ptr() == x._value.unsafe_buffer_pointer()
    np.testing.assert_array_equal(Tensor.from_dlpack(shared), _X)


def test_jax_functions():
    x = tensor(_X) * 1.0
    np.testing.assert_allclose(jnp.sin(x), np.sin(_X), rtol=1e-6)
    np.testing.assert_array_equal(jnp.concatenate([x, x]).shape, (4, 2))
    np.testing.assert_array_equal(jnp.ones(2) + x, _X + 1)
    doubled = jax.tree.map(lambda a: a * 2, {"a": x})
    np.testing.assert_array_equal(doubled["a"], _X * 2)
    value, gradient = jax.value_and_grad(lambda a: jnp.sum(a * a))(x)
    assert float(value) == 30.0
    np.testing.assert_array_equal(gradient, _X * 2)
    np.testing.assert_array_equal(jax.jit(lambda a, b: a @ b)(x, x), _X @ _X)
