"""CSV files: `CsvDataset` for records as tuples, `make_csv_dataset` for batches by column name."""

from nyala.data.csv._csv_dataset import CsvDataset
from nyala.data.csv._make_csv_dataset import make_csv_dataset

__all__ = ["CsvDataset", "make_csv_dataset"]
