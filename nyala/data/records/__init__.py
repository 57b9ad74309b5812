"""TFRecord files and the examples in them, as TensorFlow reads and writes them."""

from nyala.data.records._datasets import FixedLengthRecordDataset, TFRecordDataset
from nyala.data.records._example import (
    BytesList,
    Example,
    Feature,
    Features,
    FloatList,
    Int64List,
)
from nyala.data.records._features import (
    FixedLenFeature,
    RaggedFeature,
    VarLenFeature,
    parse_example,
    parse_single_example,
)
from nyala.data.records._stage import DataLossError
from nyala.data.records._tensors import parse_tensor, serialize_tensor
from nyala.data.records._writer import TFRecordOptions, TFRecordWriter

__all__ = [
    "BytesList",
    "DataLossError",
    "Example",
    "Feature",
    "Features",
    "FixedLenFeature",
    "FixedLengthRecordDataset",
    "FloatList",
    "Int64List",
    "RaggedFeature",
    "TFRecordDataset",
    "TFRecordOptions",
    "TFRecordWriter",
    "VarLenFeature",
    "parse_example",
    "parse_single_example",
    "parse_tensor",
    "serialize_tensor",
]
