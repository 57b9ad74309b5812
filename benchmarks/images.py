"""A folder of photographs, as the loaders of images are measured on it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.peers import Framework
from benchmarks.timing import stopwatch

_SHAPE = (375, 500, 3)  # of a usual photograph in a usual collection


def folder(framework: Framework, tiny: bool):
    """Read all images of two classes, resized to 200×200, in batches of 32: once through."""
    count = 4 if tiny else 192
    directory = tempfile.TemporaryDirectory()  # lives as long as the measurement
    _write_photographs(Path(directory.name), count)
    dataset = framework.keras.utils.image_dataset_from_directory(
        directory.name, image_size=(200, 200), verbose=False
    )

    def call():
        seen = sum(len(images) for images, _ in dataset)
        assert seen == count, directory.name
        return seen

    return stopwatch(call, count, tiny)


def _write_photographs(directory: Path, count: int) -> None:
    """Write smooth shapes with the noise of a camera: files of 44 kB, like photographs."""
    from PIL import Image

    random = np.random.default_rng(0)
    for number in range(count):
        rough = Image.fromarray(random.integers(0, 256, (24, 32, 3), "uint8"))
        smooth = np.asarray(rough.resize(_SHAPE[1::-1], Image.Resampling.BICUBIC)).astype(float)
        pixels = np.clip(smooth + random.normal(0, 6, _SHAPE), 0, 255).astype("uint8")
        path = directory / f"class_{number % 2}" / f"{number:04}.jpg"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(path, quality=85)
