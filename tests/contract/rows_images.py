"""Layers that prepare images and sound."""

from __future__ import annotations

from typing import Any

import numpy as np

import nyala
from tests.contract.rows import Row

IMAGES = (2, 5, 6, 3)
RANGE = (-5.0, 5.0)


def labelled() -> dict[str, Any]:
    """Return images with all that may come with them."""
    generator = np.random.default_rng(7)
    return {
        "images": generator.normal(size=IMAGES).astype("float32"),
        "labels": np.eye(2, dtype="float32"),
        "bounding_boxes": {
            "boxes": np.array([[[0, 1, 4, 5], [2, 2, 3, 4]]] * 2, "float32"),
            "labels": np.array([[1, 2], [3, 4]], "int32"),
        },
        "segmentation_masks": generator.integers(0, 3, (2, 5, 6, 1)).astype("int32"),
    }


def moving(name: str, kwargs: dict, **more: Any) -> list[Row]:
    """Return a row for images, and one for all that comes with them."""
    kwargs = {"seed": 3, **kwargs}
    boxes = {**kwargs, "bounding_box_format": "xyxy"}
    return [
        Row(name, kwargs, IMAGES, **more),
        Row(name, boxes, variant="boxes", inputs=labelled, half=False, gradient=False),
    ]


def coloured(name: str, kwargs: dict, **more: Any) -> Row:
    """Return a row for images with values in a range around 0."""
    return Row(name, {"value_range": RANGE, **kwargs}, IMAGES, **more)


MOVING = [
    *moving("RandomFlip", {}),
    *moving("RandomRotation", {"factor": 0.2}),
    *moving("RandomZoom", {"height_factor": 0.3, "width_factor": 0.2}),
    *moving("RandomTranslation", {"height_factor": 0.3, "width_factor": (0.1, 0.2)}),
    *moving("RandomShear", {"x_factor": 0.3, "y_factor": 0.2}),
    *moving("RandomPerspective", {"factor": (0.8, 0.9), "scale": 0.5}),
    *moving("RandomCrop", {"height": 3, "width": 4}),
    *moving("MixUp", {"alpha": 0.5}),
    Row("RandomCrop", {"height": 9, "width": 4}, IMAGES, "enlarged"),
    Row("RandomElasticTransform", {"seed": 3, "value_range": RANGE, "scale": 0.8}, IMAGES),
    Row("CutMix", {"seed": 3}, IMAGES),
    Row("RandomErasing", {"seed": 3, "value_range": RANGE}, IMAGES),
    Row("RandomErasing", {"fill_value": (1, 2, 3), "value_range": RANGE}, IMAGES, "coloured"),
    Row("CenterCrop", {"height": 3, "width": 4, "bounding_box_format": "xyxy"}, variant="boxes",
        inputs=labelled, half=False, gradient=False),
    Row("Resizing", {"height": 3, "width": 4, "bounding_box_format": "xyxy"}, variant="boxes",
        inputs=labelled, half=False, gradient=False),
    Row("MaxNumBoundingBoxes", {"max_number": 3, "bounding_box_format": "xyxy"}, inputs=labelled,
        half=False, gradient=False),
]  # fmt: skip

COLOURED = [
    coloured("RandomBrightness", {"factor": 0.2, "seed": 3}),
    coloured("RandomContrast", {"factor": 0.4, "seed": 3}),
    coloured("RandomSaturation", {"factor": 0.6, "seed": 3}),
    coloured("RandomHue", {"factor": 0.6, "seed": 3}, half=False, gradient=False),
    coloured("RandomColorDegeneration", {"factor": 0.6, "seed": 3}),
    coloured("RandomSharpness", {"factor": 0.6, "seed": 3}),
    coloured("RandomInvert", {"factor": 0.6, "seed": 3}),
    coloured("RandomGaussianBlur", {"kernel_size": (3, 5), "seed": 3}),
    coloured("RandomPosterization", {"factor": 4, "seed": 3}, half=False, gradient=False),
    coloured("Solarization", {"threshold_factor": 0.5, "seed": 3}, half=False, gradient=False),
    coloured("RandomColorJitter", {"brightness_factor": 0.2, "contrast_factor": 0.2,
                                   "saturation_factor": 0.6, "seed": 3}),
    coloured("AutoContrast", {}),
    coloured("Equalization", {}, half=False, gradient=False),
    coloured("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": (2, 2)},
             half=False, gradient=False),
    coloured("RandAugment", {"seed": 3}, half=False, gradient=False),
    coloured("AugMix", {"seed": 3, "num_chains": 2, "chain_depth": 2}, half=False, gradient=False),
    Row("RandomGrayscale", {"seed": 3}, IMAGES),
]  # fmt: skip

SOUND = [
    Row("MelSpectrogram", {"fft_length": 32, "sequence_stride": 16, "num_mel_bins": 4}, (2, 100)),
    Row("STFTSpectrogram", {"frame_length": 16, "mode": "magnitude"}, (2, 60, 2)),
    Row("STFTSpectrogram", {"frame_length": 16, "mode": "stft", "padding": "same",
                            "expand_dims": True}, (2, 60, 2), "expanded"),
]  # fmt: skip


def _layers() -> dict[str, Any]:
    return {"layers": [nyala.layers.RandomFlip(seed=3), nyala.layers.Rescaling(0.5)]}


ROWS = [*MOVING, *COLOURED, *SOUND, Row("Pipeline", _layers, IMAGES, half=False)]
