"""Parquet files: `ParquetDataset` for rows as dicts, `make_parquet_dataset` for batches."""

from nyala.data.parquet._parquet_dataset import ParquetDataset, make_parquet_dataset

__all__ = ["ParquetDataset", "make_parquet_dataset"]
