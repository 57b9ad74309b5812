"""Datasets from folders: images, texts, sounds, each file an example."""

from nyala.data.loaders._directory_index import files_below, say
from nyala.data.loaders._audio_folder import audio_dataset_from_directory
from nyala.data.loaders._image_folder import image_dataset_from_directory

__all__ = [
    "audio_dataset_from_directory",
    "files_below",
    "image_dataset_from_directory",
    "say",
    "text_dataset_from_directory",
]
