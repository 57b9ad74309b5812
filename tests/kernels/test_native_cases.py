"""Every native kernel against its reference, values and gradients, over generated shapes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import ml_dtypes  # noqa: F401  (NumPy learns bfloat16)
import numpy as np
import pytest

from nyala import kernels
from tests.kernels.native_cases import cases

CASES = cases()

pytestmark = pytest.mark.skipif(
    kernels.native_state().startswith("none"), reason=kernels.native_state()
)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_agrees_with_the_reference(case):
    def run(mode):
        kernels.set_kernels(mode)

        @jax.jit
        def value_and_gradients(*arrays):
            if not case.gradients:
                return case.run(*arrays)
            outputs, pullback = jax.vjp(case.run, *arrays)
            return outputs, pullback(jax.tree.map(_varied, outputs))

        lowered = value_and_gradients.lower(*case.arrays)
        native = f"@nyala_{case.targets}" in lowered.as_text()
        assert native == (mode == "native")
        return jax.tree.leaves(lowered.compile()(*case.arrays))

    for found, expected in zip(run("native"), run("reference"), strict=True):
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        if found.dtype == jax.dtypes.float0:
            continue
        _close(np.asarray(found, np.float64), np.asarray(expected, np.float64), case.tolerance)


def _close(found: np.ndarray, expected: np.ndarray, tolerance: float) -> None:
    """Equal NaN and infinity; the rest relative to the largest finite number."""
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(found[~finite], expected[~finite])
    size = max(np.abs(expected[finite]).max(initial=0.0), 1e-3)
    np.testing.assert_allclose(found[finite], expected[finite], rtol=0, atol=tolerance * size)


def _varied(output: jax.Array) -> jax.Array:
    """A cotangent without symmetry."""
    flat = jnp.cos(jnp.arange(output.size, dtype=jnp.float32))
    return flat.reshape(output.shape).astype(output.dtype)
