"""Data on its way to a model: arrays, streams of batches, the (x, y, sample_weight) convention."""

from nyala.data._convert import as_array, as_arrays
from nyala.data._in_memory import InMemoryData, check_batch_size
from nyala.data._streams import StreamData, is_stream
from nyala.data._structures import (
    combined_weights,
    pack_x_y_sample_weight,
    train_validation_split,
    unpack_x_y_sample_weight,
    weights_of_classes,
)

__all__ = [
    "InMemoryData",
    "StreamData",
    "as_array",
    "as_arrays",
    "check_batch_size",
    "combined_weights",
    "is_stream",
    "pack_x_y_sample_weight",
    "train_validation_split",
    "unpack_x_y_sample_weight",
    "weights_of_classes",
]
