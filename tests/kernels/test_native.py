"""What surrounds native kernels: where they are chosen, and what happens without them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nyala import kernels
from nyala.kernels import _native_build, _native_library

TARGET = "nyala_depthwise_forward"
NATIVE = not kernels.native_state().startswith("none")
needs_native = pytest.mark.skipif(not NATIVE, reason=kernels.native_state())


@pytest.fixture
def library_forgotten():
    """Loads the library anew in the test, and again after it."""
    caches = (_native_library._load, _native_library.register)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def images_and_window(normal):
    kernels.set_kernels("native")
    return normal(4, 5, 6, 9), normal(3, 3, 9, 1)


convolve = partial(kernels.depthwise_conv, padding="same")


def is_native(function, *arguments) -> bool:
    # A new function: `jax.jit` would find the trace that another mode made of the same one.
    return TARGET in jax.jit(lambda *a: function(*a)).lower(*arguments).as_text()


def test_the_library_is_there_where_a_compiler_is():
    assert NATIVE or _native_build.missing(), kernels.native_state()


@needs_native
def test_compiled_and_eager_calls_have_the_same_bits(normal):
    x, window = images_and_window(normal)
    assert is_native(convolve, x, window)
    np.testing.assert_array_equal(convolve(x, window), jax.jit(convolve)(x, window))


@needs_native
def test_a_scan_holds_the_native_call(normal):
    x, window = images_and_window(normal)

    def twice(x, window):
        return jax.lax.scan(lambda c, _: (convolve(c, window), None), x, length=2)[0]

    assert is_native(twice, x, window)
    expected = convolve(convolve(x, window), window)
    np.testing.assert_array_equal(jax.jit(twice)(x, window), expected)


@needs_native
def test_under_vmap_the_lowering_runs(normal):
    x, window = images_and_window(normal)
    windows = jnp.stack([window, 2 * window])
    mapped = jax.vmap(convolve, (None, 0))
    assert not is_native(mapped, x, windows)
    expected = convolve(x, window)
    np.testing.assert_allclose(mapped(x, windows), [expected, 2 * expected], rtol=1e-5, atol=1e-5)


@needs_native
def test_gradients_of_gradients(normal):
    x, window = images_and_window(normal)

    def curvature(x):
        slope = jax.grad(lambda x: jnp.sum(jnp.sin(convolve(x, window))))
        return jax.grad(lambda x: jnp.sum(slope(x) ** 2))(x)

    found = curvature(x)
    kernels.set_kernels("reference")
    np.testing.assert_allclose(found, curvature(x), rtol=1e-4, atol=1e-4)


@needs_native
def test_forward_mode_follows_the_lowering(normal):
    x, window = images_and_window(normal)
    from nyala.kernels._depthwise import _forward

    attributes = {"sizes": (3, 4), "strides": (1, 1), "low": (0, 0), "dilation": (1, 1)}
    run = partial(_forward, **attributes)
    operands = (x, window[..., 0])
    found = jax.jvp(run, operands, operands)
    expected = jax.jvp(partial(_forward.lowering, **attributes), operands, operands)
    for f, e in zip(found, expected, strict=True):
        np.testing.assert_allclose(f, e, rtol=1e-5, atol=1e-5)


@needs_native
def test_an_exported_program_needs_no_library(normal):
    x, window = images_and_window(normal)
    exported = jax.export.export(jax.jit(convolve))(x, window)
    assert TARGET not in exported.mlir_module()
    np.testing.assert_allclose(exported.call(x, window), convolve(x, window), rtol=1e-5, atol=1e-5)


@needs_native
def test_a_wrong_shape_raises_before_memory_is_touched(normal):
    x, window = images_and_window(normal)
    two = lambda *numbers: np.array(numbers, np.int64)  # noqa: E731
    jax.block_until_ready(convolve(x, window))  # registers the target
    call = jax.ffi.ffi_call(TARGET, jax.ShapeDtypeStruct((4, 5, 6, 8), "float32"))
    with pytest.raises(jax.errors.JaxRuntimeError, match=r"nyala kernel: expected in\[0\]"):
        jax.block_until_ready(
            call(x, window[..., 0], sizes=two(5, 6), strides=two(1, 1), low=two(1, 1),
                 dilation=two(1, 1))
        )  # fmt: skip


_SHARDED = """
import jax, numpy as np
from functools import partial
from nyala import kernels
kernels.set_kernels("native")
generator = np.random.default_rng(0)
x = generator.standard_normal((4, 5, 6, 9)).astype("float32")
window = generator.standard_normal((3, 3, 9, 1)).astype("float32")
convolve = partial(kernels.depthwise_conv, padding="same")
expected = convolve(x, window)
mesh = jax.make_mesh((2,), ("data",))
split, whole = jax.P("data"), jax.P()
sharded = jax.device_put(x, jax.NamedSharding(mesh, split))
everywhere = jax.device_put(window, jax.NamedSharding(mesh, whole))
mapped = jax.shard_map(convolve, mesh=mesh, in_specs=(split, whole), out_specs=split)
for function in (convolve, mapped):
    y = jax.jit(function)(sharded, everywhere)
    assert y.sharding.spec[0] == "data", y.sharding
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)
second = jax.device_put((x, window), jax.devices()[1])
np.testing.assert_array_equal(jax.jit(convolve)(*second), expected)
"""


@needs_native
def test_several_devices():
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    run = [sys.executable, "-W", "error", "-c", _SHARDED]
    done = subprocess.run(run, env=os.environ | flags, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# -- without a library that fits -----------------------------------------------------------------


def test_modes_choose(normal):
    kernels.set_kernels("xla")
    assert not is_native(convolve, normal(2, 5, 6, 16), normal(3, 3, 16, 1))
    kernels.set_kernels("auto")
    assert is_native(convolve, normal(2, 5, 6, 16), normal(3, 3, 16, 1)) == NATIVE


@pytest.mark.usefixtures("library_forgotten")
@pytest.mark.parametrize(
    ("contents", "reason"),
    [(None, "does not exist.*compiler"), (b"no library", "cannot be loaded")],
    ids=["missing", "broken"],
)
def test_without_a_library_kernels_run_on_xla(contents, reason, normal, tmp_path, monkeypatch):
    path = tmp_path / "library.so"
    if contents is not None:
        path.write_bytes(contents)
    monkeypatch.setenv("NYALA_NATIVE_LIBRARY", str(path))
    x, window = images_and_window(normal)
    assert not is_native(convolve, x, window)
    assert re.search(reason, kernels.native_state())


@needs_native
@pytest.mark.usefixtures("library_forgotten")
def test_a_library_for_another_interface_is_not_used(monkeypatch):
    monkeypatch.setattr(_native_library, "_running_version", lambda: (0, 0))
    assert "jaxlib has 0.0. Build it again" in kernels.native_state()


@needs_native
@pytest.mark.usefixtures("library_forgotten")
def test_a_library_from_other_sources_is_not_used(monkeypatch):
    monkeypatch.delenv("NYALA_NATIVE_LIBRARY", raising=False)
    monkeypatch.setattr(_native_library, "source_hash", lambda: "other")
    assert "built from other sources" in kernels.native_state()
