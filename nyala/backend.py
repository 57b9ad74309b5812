"""The engine's few facts: Keras' `keras.backend`."""

from nyala.core import get_uid, is_float_dtype, is_int_dtype, standardize_dtype
from nyala.core._settings import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from nyala.ops import result_type
from nyala.symbolic import is_keras_tensor
from nyala.utils import clear_session

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "get_uid",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]
