"""`nyala.ops.core`: conversion, control flow and updates by index."""

from nyala.ops._control_flow import cond, switch
from nyala.ops._conversion import (
    cast,
    convert_to_numpy,
    convert_to_tensor,
    dtype,
    is_tensor,
    saturate_cast,
    shape,
)
from nyala.ops._gathering import scatter, scatter_update, slice, slice_update
from nyala.ops._gradients import custom_gradient, stop_gradient
from nyala.ops._loops import associative_scan, fori_loop, map, scan, vectorized_map, while_loop
from nyala.ops._splitting import unstack

__all__ = [
    "associative_scan",
    "cast",
    "cond",
    "convert_to_numpy",
    "convert_to_tensor",
    "custom_gradient",
    "dtype",
    "fori_loop",
    "is_tensor",
    "map",
    "saturate_cast",
    "scan",
    "scatter",
    "scatter_update",
    "shape",
    "slice",
    "slice_update",
    "stop_gradient",
    "switch",
    "unstack",
    "vectorized_map",
    "while_loop",
]
