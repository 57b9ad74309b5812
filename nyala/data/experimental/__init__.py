"""TensorFlow's `tf.data.experimental`: tables, and older names of what has another place by now."""

from nyala.data.csv import CsvDataset, make_csv_dataset
from nyala.data.experimental._older_names import (
    AUTOTUNE,
    INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY,
    assert_cardinality,
    bucket_by_sequence_length,
    cardinality,
    choose_from_datasets,
    enumerate_dataset,
    get_single_element,
    sample_from_datasets,
    scan,
    shuffle_and_repeat,
    take_while,
    unbatch,
)
from nyala.data.parquet import ParquetDataset, make_parquet_dataset

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "CsvDataset",
    "ParquetDataset",
    "assert_cardinality",
    "bucket_by_sequence_length",
    "cardinality",
    "choose_from_datasets",
    "enumerate_dataset",
    "get_single_element",
    "make_csv_dataset",
    "make_parquet_dataset",
    "sample_from_datasets",
    "scan",
    "shuffle_and_repeat",
    "take_while",
    "unbatch",
]
