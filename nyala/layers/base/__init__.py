"""What every layer is made of: `Layer`, `InputSpec`, tracking, calling, and common arguments."""

from nyala.layers.base._call import learning_phase
from nyala.layers.base._checks import positive_integer
from nyala.layers.base._input_spec import InputSpec
from nyala.layers.base._layer import Layer
from nyala.layers.base._spatial import (
    channel_axis,
    check_window_fits,
    spatial_axes,
    spatial_pairs,
    spatial_tuple,
    standardize_padding,
)
from nyala.layers.base._tracking import TrackedDict, TrackedList, Tracker
from nyala.layers.base._weight_options import (
    set_weight_options,
    weight_options,
    weight_options_config,
)

__all__ = [
    "InputSpec",
    "Layer",
    "TrackedDict",
    "TrackedList",
    "Tracker",
    "channel_axis",
    "check_window_fits",
    "learning_phase",
    "positive_integer",
    "set_weight_options",
    "spatial_axes",
    "spatial_pairs",
    "spatial_tuple",
    "standardize_padding",
    "weight_options",
    "weight_options_config",
]
