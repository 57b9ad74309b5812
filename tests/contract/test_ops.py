"""The contract of differentiable operations: recorded, at once and compiled, they are one function.

For each row of the table: the value is the same recorded, in immediate mode and under `jax.jit`;
the tape's gradient is `jax.grad`'s, inside compiled code as well, and agrees with differences.
"""

from __future__ import annotations

import zlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nyala
from nyala import ops
from nyala.eager import immediate_mode

_RANDOM = np.random.default_rng(7)


def _signed(*shape):
    """Values away from zero, where absolute values, signs and ReLUs have a kink."""
    x = _RANDOM.uniform(0.3, 1.5, shape) * _RANDOM.choice([-1.0, 1.0], shape)
    return x.astype("float32")


def _positive(*shape):
    return _RANDOM.uniform(0.3, 1.5, shape).astype("float32")


def _unit(*shape):
    return (_signed(*shape) / 2.0).astype("float32")


_UNARY = {
    _signed: """abs arctan arcsinh cos cosh exp expm1 negative sin sinh square tanh erf relu relu6
        elu selu gelu silu softplus softsign sigmoid log_sigmoid leaky_relu tan hard_silu celu
        tanh_shrink squareplus""",
    _positive: "log log1p log2 log10 sqrt rsqrt reciprocal",
    _unit: "arcsin arccos arctanh",
}
_BINARY = """add subtract multiply divide true_divide maximum minimum arctan2 logaddexp matmul dot
    hypot"""
_REDUCTIONS = """sum mean max min prod std var logsumexp norm cumsum cumprod softmax log_softmax"""


def _along(name, axis):
    return lambda x: getattr(ops, name)(x, axis=axis)


def _invertible():
    return _signed(3, 3) + 3 * np.eye(3, dtype="float32")


_SPECIAL = {
    "power": (ops.power, (_positive(2, 3), _signed(2, 3))),
    "broadcasting": (ops.multiply, (_signed(2, 1, 3), _signed(4, 1))),
    "where": (lambda x, y: ops.where(x > y, x * 2.0, y), (_signed(2, 3), _signed(2, 3))),
    "clip": (lambda x: ops.clip(x, -0.7, 0.7), (_signed(2, 3),)),
    "concatenate": (lambda x, y: ops.concatenate([x, y], axis=1), (_signed(2, 3), _signed(2, 2))),
    "stack": (lambda x, y: ops.stack([x, y], axis=1), (_signed(2, 3), _signed(2, 3))),
    "split": (lambda x: ops.multiply(*ops.split(x, 2, axis=1)), (_signed(2, 4),)),
    "einsum": (lambda x, y: ops.einsum("ij,kj->ik", x, y), (_signed(2, 3), _signed(4, 3))),
    "tensordot": (lambda x, y: ops.tensordot(x, y, axes=1), (_signed(2, 3), _signed(3, 2))),
    "transpose": (lambda x: ops.transpose(x) * 2.0, (_signed(2, 3),)),
    "take": (lambda x: ops.take(x, [2, 0, 2], axis=1), (_signed(2, 3),)),
    "get_item": (lambda x: x[:, ::-1][0], (_signed(2, 3),)),
    "slice_update": (lambda x, y: ops.slice_update(x, (0, 1), y), (_signed(3, 3), _signed(2, 1))),
    "pad": (lambda x: ops.pad(x, ((1, 0), (0, 2))), (_signed(2, 3),)),
    "sort": (lambda x: ops.sort(x, axis=-1), (_signed(2, 3),)),
    "solve": (ops.solve, (_invertible(), _signed(3, 1))),
    "inv": (ops.inv, (_invertible(),)),
    "det": (ops.det, (_invertible(),)),
}


def _rows():
    for make, names in _UNARY.items():
        for name in names.split():
            yield name, (getattr(ops, name), (make(2, 3),))
    for name in _BINARY.split():
        yield f"{name}(x, y)", (getattr(ops, name), (_signed(3, 3), _signed(3, 3) * 1.3))
    for name in _REDUCTIONS.split():
        for axis in (0, -1):
            yield f"{name}(axis={axis})", (_along(name, axis), (_positive(2, 3),))
    yield from _SPECIAL.items()


_ROWS = dict(_rows())


def _by_tape(f, arrays, seed):
    tensors = [ops.convert_to_tensor(a) for a in arrays]
    with nyala.GradientTape() as tape:
        tape.watch(tensors)
        y = f(*tensors)
    return tape.gradient(y, tensors, output_gradients=seed)


def _raw(x):
    return x._value if isinstance(x, nyala.Tensor) else x


@pytest.mark.parametrize("name", _ROWS)
def test_values_are_the_same_recorded_at_once_and_compiled(name):
    f, arrays = _ROWS[name]
    tensors = [ops.convert_to_tensor(a) for a in arrays]
    recorded = f(*tensors)
    assert recorded.shape == recorded.numpy().shape
    with immediate_mode():
        at_once = f(*tensors)
    compiled = jax.jit(lambda *xs: _raw(f(*xs)))(*arrays)
    for other in (at_once, compiled):
        assert str(other.dtype) == recorded.dtype
        np.testing.assert_allclose(recorded, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", _ROWS)
def test_gradients_are_jaxs_and_those_of_differences(name):
    f, arrays = _ROWS[name]
    value = np.asarray(f(*(ops.convert_to_tensor(a) for a in arrays)))
    seed = np.linspace(0.5, 1.5, value.size, dtype="float32").reshape(value.shape)

    def loss(*xs):
        return jnp.sum(_raw(f(*xs)) * seed)

    gradients = _by_tape(f, arrays, seed)
    expected = jax.jit(jax.grad(loss, argnums=tuple(range(len(arrays)))))(*arrays)
    for gradient, one in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(gradient, one, rtol=2e-5, atol=2e-6)

    random = np.random.default_rng(zlib.crc32(name.encode()))  # whatever ran before
    direction = [random.uniform(-1, 1, a.shape).astype("float32") for a in arrays]
    step = 2e-3  # smaller than the distance between the greatest values of a row
    ahead, behind = (
        float(jax.jit(loss)(*(a + s * d for a, d in zip(arrays, direction, strict=True))))
        for s in (step, -step)
    )
    slope = sum(float(np.sum(np.asarray(g) * d)) for g, d in zip(gradients, direction, strict=True))
    # float32 and a small step: two digits, of the larger of the slope and the value.
    assert slope == pytest.approx((ahead - behind) / (2 * step), rel=2e-2, abs=2e-2)


@pytest.mark.parametrize("name", ["matmul(x, y)", "softmax(axis=-1)", "einsum", "get_item", "gelu"])
def test_gradients_inside_compiled_code_are_the_same(name):
    f, arrays = _ROWS[name]
    value = np.asarray(f(*(ops.convert_to_tensor(a) for a in arrays)))
    seed = np.ones_like(value)
    eager = _by_tape(f, arrays, seed)

    @nyala.function
    def compiled(*xs):
        with nyala.GradientTape() as tape:
            tape.watch(xs)
            y = f(*xs)
        return tape.gradient(y, list(xs), output_gradients=seed)

    inside = compiled(*(ops.convert_to_tensor(a) for a in arrays))
    for one, other in zip(inside, eager, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
