"""Datasets from folders: images, texts, sounds, each file an example."""

from nyala.data.loaders._image_folder import image_dataset_from_directory

__all__ = ["image_dataset_from_directory"]
