"""Values and dtypes of `nyala.ops` next to those of real `keras.ops` on its JAX backend.

Values agree to 2e-6 relative and absolute: both run the same XLA, but may order a sum differently.
Result dtypes agree exactly, for every pair of dtypes in `DTYPES`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import jax
import numpy as np
import pytest

import nyala.ops as ops
from nyala.core import numpy_dtype

keras = pytest.importorskip("keras")

TOLERANCE = 2e-6
DTYPES = ("float32", "int32", "bool", "bfloat16")


@dataclass
class Case:
    """One call: arrays first, then options, written once for both libraries."""

    name: str
    arrays: tuple
    options: dict = field(default_factory=dict)
    dtypes: tuple | None = DTYPES  # of the arrays; None where only their own make sense

    def call(self, library, arrays):
        function = library
        for part in self.name.split("."):
            function = getattr(function, part)
        return function(*arrays, **self.options)

    def __str__(self):
        given = ",".join(f"{key}={value}" for key, value in self.options.items())
        shapes = "x".join(str(np.shape(a)) for a in self.arrays)
        return f"{self.name}{shapes}{given}".replace(" ", "")


def floats(*shape, low=-2.0, high=2.0, seed=0):
    return np.random.default_rng(seed).uniform(low, high, shape).astype("float32")


def ints(*shape, low=0, high=5, seed=0):
    return np.random.default_rng(seed).integers(low, high, shape).astype("int32")


def bools(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 2, shape).astype(bool)


def with_nan(*shape):
    x = floats(*shape)
    x.flat[1] = np.nan
    return x


def words(text):
    return text.split()


X, Y = floats(2, 3), floats(2, 3, seed=1)
POSITIVE, UNIT = floats(2, 3, low=0.5, high=2.0), floats(2, 3, low=-0.9, high=0.9)
COUNTS, DIVISORS = ints(2, 3), ints(2, 3, low=1, seed=1)
SQUARE = floats(3, 3) + 3 * np.eye(3, dtype="float32")
SYMMETRIC = SQUARE @ SQUARE.T
SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.5], "float32")

UNARY = words(
    """abs absolute arcsinh arctan ceil conj conjugate copy cos cosh deg2rad exp exp2 expm1
    fabs floor imag isreal logical_not nan_to_num negative rad2deg ravel real round sign
    signbit sin sinc sinh square tan tanh trunc angle erf erfc i0 cbrt"""
)
POSITIVE_ONLY = words("log log10 log2 sqrt rsqrt reciprocal")
UNIT_ONLY = words("arccos arcsin arctanh log1p erfinv")
BINARY = words(
    """add subtract multiply divide true_divide divide_no_nan arctan2 equal not_equal greater
    greater_equal less less_equal logaddexp logaddexp2 logical_and logical_or logical_xor maximum
    minimum fmax fmin hypot heaviside isclose allclose outer inner vdot"""
)
REDUCTIONS = words(
    """sum prod mean var std max min amax amin ptp all any count_nonzero logsumexp argmax argmin
    median nansum nanprod nanmean nanvar nanstd nanmax nanmin nanargmax nanargmin nanmedian
    cumsum cumprod nancumsum nancumprod average"""
)
NO_KEEPDIMS = ("count_nonzero", "cumsum", "cumprod", "nancumsum", "nancumprod", "average")
# NumPy's remainders and powers of negative or zero integers are not defined alike everywhere.
INTEGERS = ("int32",)


def elementwise():
    # Keras hands these to XLA as they come, which refuses integers; nyala takes them as floats.
    float_only = {"rsqrt", "erf", "erfc", "erfinv", "sinc"}
    for names, x in ((UNARY, X), (POSITIVE_ONLY, POSITIVE), (UNIT_ONLY, UNIT)):
        for name in names:
            dtypes = ("float32", "bfloat16") if name in float_only else DTYPES
            yield Case(name, (x,), dtypes=dtypes)
    for name in BINARY:
        yield Case(name, (X, Y))
    for name in ("floor_divide", "mod", "fmod", "power"):
        yield Case(name, (POSITIVE, POSITIVE + 0.5), dtypes=("float32", "int32", "bfloat16"))
    for name in ("isnan", "isfinite", "isinf", "isposinf", "isneginf", "nan_to_num", "signbit"):
        yield Case(name, (SPECIAL,), dtypes=("float32", "bfloat16"))
    for name in words("bitwise_and bitwise_or bitwise_xor gcd lcm"):
        yield Case(name, (COUNTS, DIVISORS), dtypes=INTEGERS)
    for name in words("left_shift right_shift bitwise_left_shift bitwise_right_shift"):
        yield Case(name, (COUNTS, DIVISORS), dtypes=INTEGERS)
    for name in ("bitwise_not", "bitwise_invert"):
        yield Case(name, (COUNTS,), dtypes=("int32", "bool"))
    yield Case("arccosh", (POSITIVE + 1,))
    yield Case("nextafter", (X, Y), dtypes=None)
    yield Case("ldexp", (X, COUNTS), dtypes=None)
    yield Case("clip", (X,), {"x_min": -1, "x_max": 1})
    yield Case("round", (X,), {"decimals": 1}, dtypes=("float32",))
    yield Case("round", (ints(5, low=-200, high=200),), {"decimals": -1}, dtypes=INTEGERS)
    yield Case("isclose", (SPECIAL, SPECIAL), {"equal_nan": True}, dtypes=None)
    yield Case("view", (X,), {"dtype": "int32"}, dtypes=None)
    yield Case("cast", (X,), {"dtype": "int32"})
    yield Case("cast", (X,), {"dtype": "float16"})
    yield Case("saturate_cast", (X * 200,), {"dtype": "uint8"}, dtypes=("float32", "int32"))
    yield Case("saturate_cast", (X * 1e12,), {"dtype": "int32"}, dtypes=("float32",))


def reductions():
    for name in REDUCTIONS:
        x = with_nan(2, 3) if name.startswith("nan") else X
        yield Case(name, (x,))
        yield Case(name, (x,), {"axis": 1})
        if name not in NO_KEEPDIMS:
            yield Case(name, (x,), {"axis": -2, "keepdims": True})
    yield Case("max", (X,), {"initial": 1.5}, dtypes=None)
    yield Case("min", (X,), {"axis": (0, 1), "initial": 0.5}, dtypes=None)
    yield Case("prod", (X,), {"dtype": "float16"})
    yield Case("average", (X,), {"axis": 1, "weights": np.array([1.0, 2.0, 3.0], "float32")})
    for name in ("quantile", "percentile", "nanquantile", "nanpercentile"):
        for method in ("linear", "lower", "nearest", "midpoint", "higher"):
            options = {"q": np.array([0.25, 0.5], "float32"), "axis": 1, "method": method}
            yield Case(name, (X,), options, dtypes=None)
        yield Case(name, (X,), {"q": np.float32(0.3), "keepdims": True}, dtypes=("float32",))
    yield Case("diff", (X,), {"n": 2}, dtypes=("float32", "int32", "bfloat16"))
    yield Case("trapezoid", (X,), {"dx": 0.5}, dtypes=("float32", "int32"))
    yield Case("trapezoid", (X, Y), {}, dtypes=None)
    yield Case("corrcoef", (X,), dtypes=("float32", "int32"))
    for mode in ("valid", "same", "full"):
        yield Case("correlate", (floats(5), floats(3, seed=1)), {"mode": mode})
    yield Case("histogram", (floats(10),), {"bins": 4}, dtypes=None)
    yield Case("histogram", (floats(10),), {"bins": 4, "range": (-1, 1)}, dtypes=None)
    yield Case("bincount", (ints(6),), {"minlength": 7}, dtypes=None)
    yield Case("bincount", (ints(6),), {"weights": floats(6)}, dtypes=None)
    yield Case("bincount", (ints(2, 6),), {"minlength": 6}, dtypes=None)


def shapes():
    z = floats(2, 3, 4)
    yield Case("reshape", (X,), {"newshape": (3, -1)})
    yield Case("transpose", (z,), {"axes": (2, 0, 1)})
    yield Case("transpose", (z,))
    yield Case("expand_dims", (X,), {"axis": (0, -1)})
    yield Case("squeeze", (X[:, None],))
    yield Case("squeeze", (X[:, None],), {"axis": 1})
    yield Case("swapaxes", (z,), {"axis1": 0, "axis2": -1})
    yield Case("moveaxis", (z,), {"source": (0, 1), "destination": (-1, 0)})
    yield Case("flip", (z,), {"axis": (0, 2)})
    yield Case("flip", (z,))
    yield Case("fliplr", (z,))
    yield Case("flipud", (z,))
    yield Case("rot90", (z,), {"k": 3, "axes": (1, 2)})
    yield Case("roll", (z,), {"shift": 2})
    yield Case("roll", (z,), {"shift": (1, 2), "axis": (0, 2)})
    yield Case("broadcast_to", (X,), {"shape": (4, 2, 3)})
    yield Case("tile", (X,), {"repeats": (2, 1, 3)})
    yield Case("repeat", (X,), {"repeats": 2})
    yield Case("repeat", (X,), {"repeats": np.array([1, 0, 2]), "axis": 1})
    yield Case("pad", (X,), {"pad_width": ((1, 2), (0, 1)), "constant_values": 7})
    yield Case("pad", (X,), {"pad_width": 1, "mode": "reflect"})
    yield Case("pad", (X,), {"pad_width": ((1, 0), (2, 1)), "mode": "symmetric"})
    yield Case("unstack", (z,), {"axis": 1})
    for name, parts in (("split", 2), ("array_split", 3), ("vsplit", 2)):
        yield Case(name, (floats(4, 2, 2),), {"indices_or_sections": parts})
    for name in ("hsplit", "dsplit"):
        yield Case(name, (floats(4, 2, 2),), {"indices_or_sections": 2})
    yield Case("split", (z,), {"indices_or_sections": [1, 3], "axis": -1})
    yield Case("append", (X, Y))
    yield Case("append", (X, Y), {"axis": 1})
    yield Case("rearrange", (z,), {"pattern": "a (b c) d -> c (a d) b", "b": 3}, dtypes=None)
    yield Case("diag", (X,), {"k": 1})
    yield Case("diag", (floats(3),), {"k": -1})
    yield Case("diagflat", (X,), {"k": 1})
    yield Case("diagonal", (z,), {"offset": 1, "axis1": 1, "axis2": 2})
    yield Case("trace", (z,), {"axis1": 1, "axis2": 2})
    yield Case("tril", (z,), {"k": 1})
    yield Case("triu", (z,), {"k": -1})
    yield Case("vander", (floats(3),), {"N": 4, "increasing": True}, dtypes=None)
    for name in ("zeros_like", "ones_like"):
        yield Case(name, (X,))
        yield Case(name, (X,), {"dtype": "int32"})
    yield Case("full_like", (X,), {"fill_value": 3})


def indices():
    yield Case("take", (X,), {"indices": np.array([[5, 0], [-1, 2]])})
    yield Case("take", (X,), {"indices": np.array([2, 0]), "axis": 1})
    yield Case("take", (X,), {"indices": np.array([7]), "axis": 1}, dtypes=None)
    yield Case("take_along_axis", (X,), {"indices": np.array([[2], [0]]), "axis": 1})
    yield Case("get_item", (X,), {"key": (slice(None, None, -1), None, 1)})
    yield Case("slice", (X,), {"start_indices": (0, 1), "shape": (2, 2)})
    box = {"start_indices": (0, 1), "updates": floats(1, 2)}
    yield Case("slice_update", (X,), box, dtypes=None)
    where = np.array([[0, 1], [1, 2], [0, 1]])
    yield Case("scatter", (where, floats(3)), {"shape": (2, 3)}, dtypes=None)
    for reduction in (None, "add", "max", "min", "mul"):
        updates = np.array([1.0, 2.0], "float32")
        options = {"indices": where[:2], "updates": updates, "reduction": reduction}
        yield Case("scatter_update", (X,), options, dtypes=None)
    yield Case("where", (bools(2, 3), X, Y), dtypes=None)
    yield Case("where", (bools(2, 3), X, 0), dtypes=None)
    yield Case("nonzero", (COUNTS,), dtypes=None)
    yield Case("searchsorted", (np.sort(floats(5)), X), {"side": "right"}, dtypes=None)
    yield Case("digitize", (X,), {"bins": np.array([-1.0, 0.0, 1.0])}, dtypes=None)
    yield Case("sort", (X,), {"axis": 0})
    yield Case("argsort", (X,))
    yield Case("argpartition", (X,), {"kth": 1}, dtypes=None)
    yield Case("top_k", (X,), {"k": 2}, dtypes=("float32", "int32", "bfloat16"))
    yield Case("in_top_k", (np.array([0, 2]), X), {"k": 2}, dtypes=None)
    yield Case("unravel_index", (ints(4, high=6),), {"shape": (2, 3)}, dtypes=None)
    yield Case("isin", (COUNTS, DIVISORS), {"invert": True}, dtypes=None)
    wanted = {"return_index": True, "return_inverse": True, "return_counts": True}
    yield Case("unique", (COUNTS,), wanted, dtypes=None)
    yield Case("unique", (COUNTS,), {"axis": 1}, dtypes=None)
    yield Case("unique", (COUNTS,), {"size": 3}, dtypes=None)
    ids = np.array([0, 2, 0, 1])
    for name in ("segment_sum", "segment_max", "segment_min", "segment_prod"):
        yield Case(name, (floats(4, 2), ids), {"num_segments": 4}, dtypes=None)


def products():
    a, b = floats(2, 3, 4), floats(4, 5, seed=1)
    yield Case("matmul", (a, b))
    yield Case("matmul", (np.ones((2, 2), "int8"), np.ones((2, 2), "int8")), dtypes=("int8",))
    yield Case("dot", (a, b))
    yield Case("tensordot", (a, floats(3, 4, 2)), {"axes": 2})
    yield Case("tensordot", (a, floats(3, 4, 2)), {"axes": ([1], [0])})
    yield Case("cross", (X, Y))
    yield Case("cross", (X[:, :2], Y[:, :2]), dtypes=None)
    yield Case("kron", (X, Y))
    yield Case("linalg.solve", (SQUARE, floats(3, 2)), dtypes=None)
    yield Case("linalg.solve_triangular", (SQUARE, floats(3, 2)), {"lower": True}, dtypes=None)
    yield Case("linalg.lstsq", (floats(4, 2), floats(4)), dtypes=None)
    yield Case("linalg.cholesky_inverse", (np.tril(SQUARE),), dtypes=None)
    for name in ("inv", "det", "pinv", "lu_factor", "matrix_rank"):
        yield Case(f"linalg.{name}", (SQUARE,), dtypes=None)
    for upper in (False, True):
        yield Case("linalg.cholesky", (SYMMETRIC,), {"upper": upper}, dtypes=None)
    yield Case("linalg.eigh", (SYMMETRIC,), dtypes=None)
    yield Case("linalg.eig", (SQUARE,), dtypes=None)
    yield Case("linalg.svd", (X,), {"full_matrices": False}, dtypes=None)
    yield Case("linalg.svd", (X,), {"compute_uv": False}, dtypes=None)
    yield Case("linalg.qr", (X.T,), dtypes=None)
    yield Case("linalg.qr", (X.T,), {"mode": "complete"}, dtypes=None)
    yield Case("linalg.matrix_rank", (np.diag([1.0, 1e-3]).astype("float32"),), {"tol": 0.1},
               dtypes=None)  # fmt: skip
    for order in (None, 1, np.inf, "fro", "nuc"):
        yield Case("norm", (X,), {"ord": order}, dtypes=None)
    yield Case("norm", (X,), {"ord": 3, "axis": 1, "keepdims": True}, dtypes=("float32", "int32"))
    yield Case("slogdet", (SQUARE,), dtypes=None)
    yield Case("logdet", (SYMMETRIC,), dtypes=None)
    yield Case("cdist", (floats(2, 3, 4), floats(2, 5, 4)), dtypes=None)


def signals():
    x = floats(2, 12)
    yield Case("extract_sequences", (x,), {"sequence_length": 5, "sequence_stride": 2})
    yield Case("rfft", (x,), {"fft_length": 8}, dtypes=None)
    for window in ("hann", "hamming", None, np.linspace(0.1, 1, 6).astype("float32")):
        for center in (True, False):
            options = {"sequence_length": 6, "sequence_stride": 2, "fft_length": 8}
            options.update(window=window, center=center)
            yield Case("stft", (x,), options, dtypes=None)


CASES = [*elementwise(), *reductions(), *shapes(), *indices(), *products(), *signals()]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_value(case):
    wanted = case.call(keras.ops, [keras.ops.convert_to_tensor(a) for a in case.arrays])
    assert_same(case.call(ops, case.arrays), wanted)


@pytest.mark.parametrize("case", [case for case in CASES if case.dtypes], ids=str)
def test_dtype(case):
    """Abstract evaluation compiles nothing, so that every mixture of dtypes can be tried."""
    compared = 0
    for mixture in itertools.product(case.dtypes, repeat=len(case.arrays)):
        structs = [
            jax.ShapeDtypeStruct(np.shape(a), numpy_dtype(dtype))
            for a, dtype in zip(case.arrays, mixture, strict=True)
        ]
        try:
            wanted = jax.eval_shape(lambda *a: case.call(keras.ops, a), *structs)
        except (TypeError, ValueError, NotImplementedError):
            continue  # where Keras refuses, nyala may be more lenient
        found = jax.eval_shape(lambda *a: case.call(ops, a), *structs)
        assert described(found) == described(wanted), mixture
        compared += 1
    assert compared


def described(structs):
    return [(leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(structs)]


def assert_same(found, wanted):
    found, wanted = jax.tree.leaves(found), jax.tree.leaves(wanted)
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(
            ours.astype("complex64"), theirs.astype("complex64"), TOLERANCE, TOLERANCE
        )
