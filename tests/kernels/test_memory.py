"""A program's buffers are not fetched anew from the system at every call."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

_PROGRAM = """
import resource
import jax, jax.numpy as jnp
from nyala import kernels
run = jax.jit(lambda x: x + 1)
x = jnp.zeros(1 << 24)
for _ in range(20):  # until blocks lie so that one fits where another was
    run(x).block_until_ready()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
run(x).block_until_ready()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_calls_fault_in_no_memory_after_the_first_ones():
    def faults(keep: str) -> int:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "GLIBC_"))}
        environment = inherited | {"NYALA_KEEP_MEMORY": keep, "JAX_PLATFORMS": "cpu"}
        run = [sys.executable, "-c", _PROGRAM]
        done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert faults(keep="0") > 10_000  # 64 MiB of pages
    assert faults(keep="1") < 1_000
