"""`tf.sysconfig`: how it was built."""

from __future__ import annotations

from collections import OrderedDict

from nyala.tf._absent import refuse_others
from nyala.tf.test import is_built_with_cuda


def get_build_info() -> OrderedDict:
    """Return what is known of the build."""
    return OrderedDict(
        is_cuda_build=is_built_with_cuda(), is_rocm_build=False, is_tensorrt_build=False
    )


__all__ = ["get_build_info"]

__getattr__ = refuse_others("tf.sysconfig", __all__)
