"""Datasets from folders: images, texts, sounds, each file an example."""
