"""Data on its way to a model: pipelines, arrays, streams, the (x, y, sample_weight) convention."""

from nyala.data import experimental, records
from nyala.data._convert import as_array, as_arrays
from nyala.data._dataset import Dataset
from nyala.data._in_memory import InMemoryData, check_batch_size
from nyala.data._iterator import DatasetIterator, NumpyIterator
from nyala.data._options import Options
from nyala.data._placement import aligned_empty, on_device
from nyala.data._py_dataset import PyDataset
from nyala.data._py_dataset_data import PyDatasetData, with_workers
from nyala.data._specs import DatasetSpec, TensorSpec
from nyala.data._stage import INFINITE as INFINITE_CARDINALITY
from nyala.data._stage import UNKNOWN as UNKNOWN_CARDINALITY
from nyala.data._streams import StreamData, is_stream
from nyala.data._structures import (
    combined_weights,
    pack_x_y_sample_weight,
    train_validation_split,
    unpack_x_y_sample_weight,
    weights_of_classes,
)
from nyala.data._text_line_dataset import TextLineDataset
from nyala.data._training_data import make_dataset_data
from nyala.data.records import FixedLengthRecordDataset, TFRecordDataset

AUTOTUNE = experimental.AUTOTUNE
"""Where a number of parallel calls or of prefetched elements is asked for: choose one."""

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "Dataset",
    "DatasetIterator",
    "DatasetSpec",
    "FixedLengthRecordDataset",
    "InMemoryData",
    "NumpyIterator",
    "Options",
    "PyDataset",
    "PyDatasetData",
    "StreamData",
    "TFRecordDataset",
    "TensorSpec",
    "TextLineDataset",
    "aligned_empty",
    "as_array",
    "as_arrays",
    "check_batch_size",
    "combined_weights",
    "experimental",
    "is_stream",
    "make_dataset_data",
    "on_device",
    "pack_x_y_sample_weight",
    "records",
    "train_validation_split",
    "unpack_x_y_sample_weight",
    "weights_of_classes",
    "with_workers",
]
