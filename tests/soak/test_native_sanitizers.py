"""The native calls of all kernel cases, replayed without XLA under sanitizers (`make soak`).

Also without any: every result has the same bits with 1, 2, 3 and 8 threads.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import jax
import numpy as np
import pytest

from nyala import kernels
from nyala.kernels import _native_build
from tests.kernels.native_cases import cases

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(_native_build.missing() is not None, reason=str(_native_build.missing())),
]

_DRIVER = Path(__file__).parents[1] / "kernels" / "replay.cc"
_FLAGS = {
    "none": ["-O2"],
    "address": ["-fsanitize=address", "-g", "-O1"],
    "undefined": ["-fsanitize=undefined", "-fno-sanitize-recover=all", "-g", "-O1"],
    "thread": ["-fsanitize=thread", "-g", "-O1"],
}


@pytest.fixture(scope="module")
def calls() -> str:
    """What the native handlers are called with in values and gradients of all cases."""
    found: set[str] = set()
    make_rule = jax.ffi.ffi_lowering

    def recording(target, **options):
        def rule(ctx, *operands, **attributes):
            found.add(_described(target, ctx, attributes))
            return make_rule(target, **options)(ctx, *operands, **attributes)

        return rule

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jax.ffi, "ffi_lowering", recording)
        kernels.set_kernels("native")
        for case in cases().values():
            jax.jit(lambda *arrays, run=case.run: _with_gradients(run, arrays)).lower(*case.arrays)
        kernels.set_kernels("auto")
    return "".join(sorted(found))


def _with_gradients(run, arrays):
    outputs, pullback = jax.vjp(run, *arrays)
    return outputs, pullback(outputs)


def _described(target, ctx, attributes) -> str:
    lines = [f"call {target}"]
    for word, avals in (("arg", ctx.avals_in), ("ret", ctx.avals_out)):
        lines += [f"{word} {a.dtype} {a.ndim} {' '.join(map(str, a.shape))}" for a in avals]
    lines += [_attribute(name, value) for name, value in sorted(attributes.items())]
    return "\n".join([*lines, "end\n"])


def _attribute(name, value) -> str:
    if isinstance(value, np.ndarray):
        return f"ints {name} {value.size} {' '.join(map(str, value))}"
    kinds = {bool: "bool", str: "string", np.int64: "int", np.float32: "float"}
    shown = int(value) if isinstance(value, bool) else value
    return f"{kinds[type(value)]} {name} {shown}"


@pytest.mark.parametrize("sanitizer", _FLAGS)
def test_replayed_calls(sanitizer, calls, tmp_path):
    assert len(re.findall("^call", calls, re.MULTILINE)) > 100
    library, driver = tmp_path / "library.so", tmp_path / "replay"
    _native_build.build(library, _FLAGS[sanitizer])
    subprocess.run(
        [_native_build.find_compiler(), "-std=c++17", *_FLAGS[sanitizer],
         f"-I{_native_build.jaxlib_headers()}", _DRIVER, "-o", driver, "-ldl", "-lpthread"],
        check=True,
    )  # fmt: skip
    command = [str(driver), str(library)]
    if shutil.which("setarch"):  # the thread sanitizer wants memory where it expects it
        command = ["setarch", "--addr-no-randomize", *command]
    for isa in ("avx512", "avx2", "baseline"):
        environment = os.environ | {"NYALA_NATIVE_ISA": isa}
        done = subprocess.run(
            command, input=calls, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr[-4000:]
        assert done.stdout.endswith(" 0 failures\n")
