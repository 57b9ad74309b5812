"""`tf.test`: what scripts ask about the machine."""

from __future__ import annotations

import unittest
from typing import Any

import numpy as np

from nyala.tf._absent import refuse_others
from nyala.tf._devices import list_physical_devices


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Whether there is a GPU."""
    return bool(list_physical_devices("GPU"))


def gpu_device_name() -> str:
    """Return the first GPU's name, or nothing."""
    return "/device:GPU:0" if is_gpu_available() else ""


def is_built_with_cuda() -> bool:
    """Whether there is a GPU of Nvidia's that JAX can use."""
    return is_gpu_available()


class TestCase(unittest.TestCase):
    """A test case with comparisons of tensors."""

    def assertAllClose(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: Any = None
    ) -> None:
        """Fail unless all elements are near each other."""
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol, atol, err_msg=msg or "")

    def assertAllEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        """Fail unless all elements are equal."""
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b), err_msg=msg or "")


def main(argv: Any = None) -> None:
    """Run the tests of the script."""
    unittest.main(argv=argv)


__all__ = ["TestCase", "gpu_device_name", "is_built_with_cuda", "is_gpu_available", "main"]

__getattr__ = refuse_others("tf.test", __all__)
