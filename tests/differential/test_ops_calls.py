"""Calls of `nyala.ops` that take lists, functions or no array, next to real `keras.ops`.

Values agree to 2e-6 relative and absolute; dtypes agree exactly.
"""

from __future__ import annotations

import jax
import numpy as np
import pytest

import nyala.ops as ops

keras = pytest.importorskip("keras")

TOLERANCE = 2e-6
X = np.random.default_rng(0).normal(size=(2, 3)).astype("float32")
Y = np.random.default_rng(1).normal(size=(2, 3)).astype("float32")
COUNTS = np.arange(6, dtype="int32").reshape(2, 3)
SIGNAL = np.random.default_rng(2).normal(size=(2, 20)).astype("float32")


def istft(o, window, center, length):
    spectrum = o.stft(o.array(SIGNAL), 6, 2, 8, window=window, center=center)
    return o.istft(spectrum, 6, 2, 8, length=length, window=window, center=center)


def squared(o):
    @o.custom_gradient
    def function(x):
        return x * x, lambda upstream: upstream

    return function(o.array(X))


CALLS = {
    "zeros": lambda o: o.zeros((2, 3)),
    "ones": lambda o: o.ones(3, dtype="int32"),
    "empty": lambda o: o.shape(o.empty((2, 0))),
    "full": lambda o: o.full((2,), 3),
    "eye": lambda o: o.eye(2, 3, k=1),
    "identity": lambda o: o.identity(3, dtype="bfloat16"),
    "tri": lambda o: o.tri(3, 4, k=-1),
    "arange": lambda o: o.arange(5),
    "arange floats": lambda o: o.arange(0.5, 3.0),
    "arange step": lambda o: o.arange(10, 0, -3),
    "linspace": lambda o: o.linspace(0, 1, 5),
    "linspace open": lambda o: o.linspace(0.0, 1.0, 4, endpoint=False),
    "linspace step": lambda o: o.linspace(0.0, 1.0, 5, retstep=True),
    "linspace arrays": lambda o: o.linspace(X, Y, 3, axis=1),
    "linspace dtype": lambda o: o.linspace(0, 10, 5, dtype="int32"),
    "logspace": lambda o: o.logspace(0.0, 2.0, 4, base=2),
    "geomspace": lambda o: o.geomspace(1.0, 16.0, 5),
    "bartlett": lambda o: o.bartlett(7),
    "blackman": lambda o: o.blackman(7),
    "hamming": lambda o: o.hamming(7),
    "hanning": lambda o: o.hanning(7),
    "kaiser": lambda o: o.kaiser(7, 3.0),
    "array": lambda o: o.array([[1, 2], [3, 4]]),
    "array floats": lambda o: o.array([1.0, 2.0]),
    "array bool": lambda o: o.array([True, False]),
    "array mixed": lambda o: o.array([1, 2.5]),
    "array float64": lambda o: o.array(np.zeros(2)),
    "array uint8": lambda o: o.array(np.zeros(2, "uint8")),
    "convert dtype": lambda o: o.convert_to_tensor([1.5, 2.5], dtype="bfloat16"),
    "convert float8": lambda o: o.cast(o.convert_to_tensor([1.5]), "float8_e4m3fn").dtype.name,
    "weak number": lambda o: o.ones(2, "bfloat16") * o.convert_to_tensor(2.0),
    "number": lambda o: o.exp(2),
    "numbers": lambda o: o.add(1, 2.5),
    "complex": lambda o: o.abs(o.array([3 + 4j])),
    "view_as_complex": lambda o: o.view_as_complex(o.array([[1.0, 2.0]])),
    "view_as_real": lambda o: o.view_as_real(o.array([1 + 2j])),
    "angle complex": lambda o: o.angle(o.array([1j, -1])),
    "concatenate": lambda o: o.concatenate([X, COUNTS], axis=1),
    "stack": lambda o: o.stack([X, COUNTS], axis=1),
    "hstack": lambda o: o.hstack([X, Y]),
    "vstack": lambda o: o.vstack([X, Y]),
    "dstack": lambda o: o.dstack([X, Y]),
    "meshgrid": lambda o: o.meshgrid(o.arange(2), o.arange(3), indexing="ij"),
    "meshgrid xy": lambda o: o.meshgrid(o.arange(2), o.arange(3), o.arange(4)),
    "select": lambda o: o.select([o.array(X > 1), o.array(X > 0)], [o.array(X), o.array(Y)], 5),
    "einsum": lambda o: o.einsum("ij,kj->ik", X, Y),
    "einsum sum": lambda o: o.einsum("ij->j", COUNTS),
    "einsum int8": lambda o: o.einsum("i,i->", np.ones(2, "int8"), np.ones(2, "int8")),
    "get_item mask": lambda o: o.array(X)[o.array(X > 0)],
    "get_item arrays": lambda o: o.array(X)[np.array([0, 1]), np.array([2, 0])],
    "get_item newaxis": lambda o: o.array(X)[None, ..., 1:],
    "slice rest": lambda o: o.slice(o.array(X), (0, 1), (-1, -1)),
    "fft": lambda o: o.fft((X, Y)),
    "fft2": lambda o: o.fft2((X, Y)),
    "ifft2": lambda o: o.ifft2((X, Y)),
    "irfft": lambda o: o.irfft((X, Y), fft_length=5),
    "istft": lambda o: istft(o, "hann", True, None),
    "istft hamming": lambda o: istft(o, "hamming", False, None),
    "istft length": lambda o: istft(o, "hamming", True, 11),
    "cond": lambda o: o.cond(o.array(True), lambda: o.array(X), lambda: o.array(Y)),
    "switch": lambda o: o.switch(7, [lambda x: x, lambda x: 2 * x], o.array(X)),
    "while_loop": lambda o: o.while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s * 2), (0, 1.0)),
    "while_loop limit": lambda o: o.while_loop(lambda i: i < 9, lambda i: i + 1, 0, 5),
    "fori_loop": lambda o: o.fori_loop(1, 4, lambda i, s: s * i, 1),
    "scan": lambda o: o.scan(lambda c, x: (c + x, c * x), o.array(1.0), o.array(X[0])),
    "scan reverse": lambda o: o.scan(
        lambda c, x: (c + x, c), o.array(0.0), o.array(X[0]), reverse=True, unroll=2
    ),
    "map": lambda o: o.map(lambda x: x * 2, o.array(X)),
    "vectorized_map": lambda o: o.vectorized_map(lambda x: x[0] + x[1], [o.array(X), o.array(Y)]),
    "associative_scan": lambda o: o.associative_scan(lambda a, b: a * b, o.array(X), axis=1),
    "vectorize": lambda o: o.vectorize(lambda a, b: a * b)(o.array(X), o.array(2.0)),
    "custom_gradient": squared,
    "jvp": lambda o: o.linalg.jvp(lambda x: x * x, (o.array(X),), (o.array(Y),)),
    "nonzero": lambda o: o.where(o.array(X > 0)),
    "unstack": lambda o: o.unstack(o.array(X)),
    "repeat": lambda o: o.repeat(o.array(X), 2, axis=0),
}


@pytest.mark.parametrize("name", CALLS)
def test_same_as_keras(name):
    found = jax.tree.leaves(CALLS[name](ops))
    wanted = jax.tree.leaves(CALLS[name](keras.ops))
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        if isinstance(ours, str):
            assert ours == theirs
            continue
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(
            ours.astype("complex64"), theirs.astype("complex64"), TOLERANCE, TOLERANCE
        )


def test_istft_without_window_inverts_stft():
    # Keras scales this one by fft_length / sequence_stride, so that it is no inverse.
    assert_close(istft(ops, None, True, 20), SIGNAL)


def assert_close(found, wanted):
    np.testing.assert_allclose(found, wanted, TOLERANCE, TOLERANCE)


SIGNATURES = [
    ("float32", "int32"),
    ("bfloat16", "float32"),
    ("int8", "uint8"),
    ("int32", float),
    ("bool", int),
    ("bfloat16", float),
    (int,),
    (float, int),
    (None, "int32"),
    ("uint8", "bfloat16"),
    ("complex64", "float32"),
    (),
]


@pytest.mark.parametrize("dtypes", SIGNATURES, ids=str)
def test_result_type(dtypes):
    from nyala.ops._dtypes import result_type

    assert result_type(*dtypes) == keras.backend.result_type(*dtypes)
