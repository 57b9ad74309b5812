"""Datasets from folders (images, texts, sounds: each file an example), from series, from others."""

from nyala.data.loaders._audio_folder import audio_dataset_from_directory
from nyala.data.loaders._directory_index import files_below, say
from nyala.data.loaders._image_folder import image_dataset_from_directory
from nyala.data.loaders._split_dataset import split_dataset
from nyala.data.loaders._text_folder import text_dataset_from_directory
from nyala.data.loaders._timeseries import timeseries_dataset_from_array

__all__ = [
    "audio_dataset_from_directory",
    "files_below",
    "image_dataset_from_directory",
    "say",
    "split_dataset",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]
